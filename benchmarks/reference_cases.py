"""100,000 generated cases, and the questions that must be answered at once, in Japanese and English.

The cases are drawn by hashes of their numbers, so that every run has the same. ``python -m benchmarks.reference_cases URL
KEY PORT`` fills the workspace of a key in a database at hand and measures a server there.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex
from sqlmodel import SQLModel

from api.kit.read import Shape, statement_for
from api.reference_cases.case_schemas import ReferenceCaseRead
from api.reference_cases.catalogue import TOLD
from api.reference_cases.models import ReferenceCase
from api.reference_cases.resource import ENTRIES

CASES: Final = 100_000
INITIATIVES: Final = (
    ("ai_voice_bot", "AI 音声応答", "AI voice agent", "ボイスボット,自動応答,IVR"),
    ("onboarding_programme", "オンボーディング設計", "Onboarding programme", "定着支援,キックオフ"),
    ("knowledge_base", "ナレッジ整備", "Knowledge base", "FAQ,社内 Wiki"),
    ("omnichannel", "チャネル統合", "Omnichannel routing", "オムニチャネル,チャット統合"),
    ("workforce_planning", "要員計画の自動化", "Workforce planning", "WFM,シフト最適化"),
    ("quality_monitoring", "応対品質の可視化", "Quality monitoring", "モニタリング,通話評価"),
    ("self_service", "セルフサービス化", "Self service portal", "顧客ポータル,マイページ"),
    ("data_integration", "データ連携", "Data integration", "API 連携,CRM 連携"),
    ("remote_work", "在宅勤務への移行", "Remote work", "リモート,在宅コールセンター"),
    ("executive_review", "経営層レビュー", "Executive reviews", "QBR,定例会"),
    ("community", "ユーザー会", "User community", "コミュニティ,ユーザーグループ"),
    ("training", "管理者研修", "Administrator training", "教育,e ラーニング"),
    ("mobile_rollout", "モバイル展開", "Mobile rollout", "スマートフォン,現場アプリ"),
    ("paperless", "ペーパーレス化", "Paperless operation", "電子化,帳票削減"),
    ("predictive_outreach", "先回りの連絡", "Predictive outreach", "予兆検知,プロアクティブ"),
)
METRICS: Final = (
    ("average_handle_time", "平均処理時間", "Average handle time", "AHT,通話時間", "lower_is_better"),
    ("first_contact_resolution", "初回解決率", "First contact resolution", "FCR,一次解決", "higher_is_better"),
    ("churn_rate", "解約率", "Churn rate", "チャーン,離脱率", "lower_is_better"),
    ("csat", "顧客満足度", "Customer satisfaction", "CSAT,満足度", "higher_is_better"),
    ("abandonment_rate", "放棄呼率", "Abandonment rate", "途中放棄", "lower_is_better"),
    ("agent_turnover", "離職率", "Agent turnover", "定着率,退職", "lower_is_better"),
    ("active_users", "利用者数", "Active users", "アクティブユーザー,MAU", "higher_is_better"),
    ("time_to_value", "価値実感までの日数", "Time to value", "TTV,立ち上げ期間", "lower_is_better"),
    ("cost_per_contact", "一件あたりの費用", "Cost per contact", "CPC,応対コスト", "lower_is_better"),
    ("upsell_revenue", "追加売上", "Upsell revenue", "アップセル,拡大", "higher_is_better"),
    ("report_hours", "集計作業の時間", "Reporting hours", "レポート作成,月次集計", "lower_is_better"),
    ("nps", "推奨度", "Net promoter score", "NPS,ロイヤルティ", "higher_is_better"),
    ("self_service_rate", "自己解決率", "Self service rate", "自己解決", "higher_is_better"),
    ("error_rate", "入力ミスの割合", "Error rate", "エラー,手戻り", "lower_is_better"),
    ("renewal_rate", "更新率", "Renewal rate", "継続率", "higher_is_better"),
)
INDUSTRIES: Final = (
    "telecom", "retail", "hospitality", "finance", "insurance", "manufacturing", "logistics", "education",
    "healthcare", "software", "energy", "public",
)  # fmt: skip
JAPANESE: Final = (
    "朝の電話が集中し、折り返しが翌日になることが続いていた。",
    "拠点ごとに手順が違い、新人が独り立ちするまでに半年かかっていた。",
    "担当者が毎月末に三日かけて数字を集計していた。",
    "問い合わせの七割が同じ内容だったため、まずそこから着手した。",
    "現場のリーダー三名が毎週集まり、手順書を一枚ずつ直した。",
    "経営会議で数字を共有したことで、他部署の協力が得られた。",
    "試行は一つの店舗で始め、二か月後に全国へ広げた。",
    "夜間と休日の受付を切り替え、日中は相談に集中できるようにした。",
    "使い方の動画を十本用意し、研修の時間を半分にした。",
    "導入から三か月で効果が見え、翌年度の計画に組み込まれた。",
    "お客様から「待たずに済むようになった」という声が増えた。",
    "基幹システムと連携し、二重入力をなくした。",
    "退会を考えていた会員に先に連絡し、理由を聞く仕組みを作った。",
    "監査で求められる記録も自動で残るようになった。",
    "コールセンターの離席時間を見直し、休憩を取りやすくした。",
    "倉庫の現場でもスマートフォンから確認できるようにした。",
)
ENGLISH: Final = (
    "Calls piled up every morning and customers waited until the next day.",
    "Every site worked in its own way, so newcomers needed half a year.",
    "At the end of each month somebody spent three days collecting figures.",
    "Seventy percent of all questions were the same, so that is where they began.",
    "Three team leads met every week and rewrote the playbook page by page.",
    "Sharing the numbers with the board brought other departments along.",
    "They began in one store and went nationwide after two months.",
    "Nights and weekends moved to automation, which left the day for advice.",
    "Ten short videos cut the training time in half.",
    "After three months the effect was visible and went into next year's plan.",
    "Customers said that they no longer have to wait.",
    "An integration with the core system ended double entry.",
    "Members about to cancel were called first and asked for their reasons.",
    "Records for the auditors are now kept by themselves.",
    "Breaks in the call centre were planned anew.",
    "Warehouse staff check everything on their phones.",
)

_CATALOGUE: Final = """
INSERT INTO {table} (workspace_id, id, version, created_at, updated_at, key, name_ja, name_en, synonyms, {more}
    description, active)
SELECT %(ws)s, uuidv7(), 1, now(), now(), i.key, i.name_ja, i.name_en, string_to_array(i.synonyms, ','), {values} '', true
FROM jsonb_to_recordset(%(items)s) AS i (key text, name_ja text, name_en text, synonyms text, direction text)
ON CONFLICT DO NOTHING
"""
_NAMED: Final = """
CREATE TEMPORARY TABLE named AS
SELECT array_agg(id ORDER BY key) AS ids, array_agg(name_ja ORDER BY key) AS ja, array_agg(name_en ORDER BY key) AS en,
    array_agg(array_to_string(synonyms, ' ') ORDER BY key) AS words
FROM initiatives WHERE workspace_id = %(ws)s AND key = ANY(%(initiative_keys)s)
"""
_MEASURED: Final = """
CREATE TEMPORARY TABLE measured AS
SELECT array_agg(id ORDER BY key) AS ids, array_agg(name_ja ORDER BY key) AS ja, array_agg(name_en ORDER BY key) AS en,
    array_agg(array_to_string(synonyms, ' ') ORDER BY key) AS words,
    array_agg(direction = 'higher_is_better' ORDER BY key) AS higher
FROM outcome_metrics WHERE workspace_id = %(ws)s AND key = ANY(%(metric_keys)s)
"""
_DRAWN: Final = """
CREATE TEMPORARY TABLE drawn AS
WITH owned AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS place
    FROM accounts WHERE workspace_id = %(ws)s AND archived_at IS NULL
)
SELECT n, uuidv7() AS id, o.id AS account_id,
    1 + h1 %% 15 AS i1, 1 + (h1 / 15) %% 15 AS i2, h2 %% 10 < 3 AS two_initiatives,
    1 + h2 %% 15 AS m1, 1 + (h2 / 15) %% 15 AS m2, 1 + h3 %% 3 AS metrics,
    (h3 / 3) %% 700 / 10.0 - 8 AS improved, (h1 / 225) %% 400 / 10.0 AS improved_too, h4, h5,
    CASE WHEN h4 %% 100 < 92 THEN 'approved' WHEN h4 %% 100 < 96 THEN 'draft' WHEN h4 %% 100 < 98 THEN 'in_review'
        ELSE 'retired' END AS state
FROM generate_series(1, %(cases)s) AS n
CROSS JOIN LATERAL (SELECT hashtext('a' || n) & 2147483647 AS h1, hashtext('b' || n) & 2147483647 AS h2,
    hashtext('c' || n) & 2147483647 AS h3, hashtext('d' || n) & 2147483647 AS h4, hashtext('e' || n) & 2147483647 AS h5) AS h
JOIN owned o ON o.place = n %% (SELECT count(*) FROM owned) -- apart, so that it can be hashed
"""
_CASES: Final = """
INSERT INTO reference_cases (workspace_id, id, version, created_at, updated_at, account_id, state, origin, title_ja, title_en,
    summary_ja, summary_en, anonymous_summary_ja, anonymous_summary_en, quote, evidence, industry, employee_count,
    period_starts_on, period_ends_before, revision, approved_revision, approved_at, catalogue_text)
SELECT %(ws)s, d.id, 1, now() - make_interval(mins => d.n), now(), d.account_id, d.state,
    CASE WHEN d.h4 %% 7 = 0 THEN 'co_created' ELSE 'found' END,
    named.ja[d.i1] || 'で' || measured.ja[d.m1] || 'を改善、' || (d.h5 %% 40 + 3) || '拠点へ展開',
    named.en[d.i1] || ' improves ' || lower(measured.en[d.m1]) || ' at ' || (d.h5 %% 40 + 3) || ' sites',
    %(japanese)s::text[][1 + d.h4 %% 16] || %(japanese)s::text[][1 + d.h5 %% 16] || %(japanese)s::text[][1 + d.h5 / 16 %% 16],
    concat_ws(' ', %(english)s::text[][1 + d.h4 %% 16], %(english)s::text[][1 + d.h5 %% 16],
        %(english)s::text[][1 + d.h5 / 16 %% 16]),
    '', '', %(japanese)s::text[][1 + d.h4 / 16 %% 16], '月次の集計', %(industries)s::text[][1 + d.h5 %% 12],
    (10 * power(1.9, d.h5 / 12 %% 12))::integer + d.h4 %% 10, date '2025-04-01', date '2026-04-01', 0,
    CASE WHEN d.state IN ('approved', 'retired') THEN 1 ELSE 0 END,
    CASE WHEN d.state IN ('approved', 'retired') THEN now() - make_interval(mins => d.n) END,
    perennial_fold(concat_ws(E'\\n', named.ja[d.i1], named.en[d.i1], named.words[d.i1],
        measured.ja[d.m1], measured.en[d.m1], measured.words[d.m1],
        CASE WHEN d.metrics > 1 THEN measured.ja[d.m2] || ' ' || measured.en[d.m2] || ' ' || measured.words[d.m2] END))
FROM drawn d CROSS JOIN named CROSS JOIN measured ORDER BY d.n
"""
_OUTCOMES: Final = """
INSERT INTO reference_case_outcomes (workspace_id, id, case_id, metric_id, place, higher_is_better, baseline, result)
SELECT %(ws)s, uuidv7(), d.id, measured.ids[o.m], o.place, measured.higher[o.m], 100,
    100 + CASE WHEN measured.higher[o.m] THEN o.improved ELSE -o.improved END
FROM drawn d CROSS JOIN measured CROSS JOIN LATERAL (
    VALUES (d.m1, 1, d.improved), (d.m2, 2, d.improved_too), (1 + (d.m1 + d.m2) %% 15, 3, d.improved / 2)
) AS o (m, place, improved)
WHERE o.place <= d.metrics ON CONFLICT DO NOTHING
"""
_ENTRIES: Final = """
INSERT INTO reference_case_entries (workspace_id, id, case_id, initiative_id, initiative_no, metric_id, outcome_no,
    improvement_pct, state, industry, employee_count, listed_at)
SELECT %(ws)s, uuidv7(), d.id, named.ids[i.i], i.no, o.metric_id, o.no, o.improvement_pct, c.state, c.industry,
    c.employee_count, coalesce(c.approved_at, c.created_at)
FROM drawn d CROSS JOIN named JOIN reference_cases c ON c.workspace_id = %(ws)s AND c.id = d.id
CROSS JOIN LATERAL (
    SELECT x.i, x.no FROM (VALUES (d.i1, 0), (d.i2, 1)) AS x (i, no)
    WHERE x.no = 0 OR (d.two_initiatives AND d.i2 <> d.i1)
) AS i
JOIN (
    SELECT case_id, metric_id, improvement_pct,
        row_number() OVER (PARTITION BY case_id ORDER BY improvement_pct DESC NULLS LAST, place) - 1 AS no
    FROM reference_case_outcomes WHERE workspace_id = %(ws)s
) AS o ON o.case_id = d.id
"""
_VERSIONS: Final = """
INSERT INTO reference_case_versions (workspace_id, id, case_id, number, state, content, created_at, review_comment)
SELECT %(ws)s, uuidv7(), c.id, 1,
    CASE c.state WHEN 'draft' THEN 'draft' WHEN 'in_review' THEN 'in_review' ELSE 'approved' END, '{}', c.created_at, ''
FROM reference_cases c WHERE c.workspace_id = %(ws)s AND NOT EXISTS (
    SELECT FROM reference_case_versions v WHERE v.workspace_id = %(ws)s AND v.case_id = c.id)
"""
_STEPS: Final = {
    "named": _NAMED, "measured": _MEASURED, "drawn": _DRAWN, "reference_cases": _CASES,
    "reference_case_outcomes": _OUTCOMES, "reference_case_entries": _ENTRIES, "reference_case_versions": _VERSIONS,
}  # fmt: skip
TABLES: Final = (
    "reference_case_entries", "reference_case_outcomes", "reference_case_versions", "reference_cases", "outcome_metrics",
    "initiatives",
)  # fmt: skip


@contextmanager
def indexed_afterwards(connection: psycopg.Connection, model: type[SQLModel], name: str) -> Iterator[None]:
    """Build an index over bigrams at once, of what the block fills: row by row it takes many times as long.

    A run that was ended inside the block left no index, so its definition is the model's.
    """
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    [index] = [index for index in table.indexes if index.name == name]
    connection.execute(f"DROP INDEX IF EXISTS {name}".encode())
    try:
        yield
    finally:
        connection.execute(str(CreateIndex(index).compile(dialect=postgresql.dialect())).encode())


def fill(connection: psycopg.Connection, workspace_id: str, cases: int = CASES) -> None:
    """Draw the cases into a workspace that has accounts; ``connection`` is the owner's, in autocommit."""
    parameters = {
        "ws": workspace_id,
        "cases": cases,
        "initiative_keys": [row[0] for row in INITIATIVES],
        "metric_keys": [row[0] for row in METRICS],
        "japanese": list(JAPANESE),
        "english": list(ENGLISH),
        "industries": list(INDUSTRIES),
    }
    names = ("key", "name_ja", "name_en", "synonyms", "direction")
    for table, rows, more, values in (
        ("initiatives", INITIATIVES, "", ""),
        ("outcome_metrics", METRICS, "unit, direction,", "'%%', i.direction,"),
    ):
        items = [dict(zip(names, row, strict=False)) for row in rows]
        statement = _CATALOGUE.format(table=table, more=more, values=values)
        connection.execute(statement.encode(), {**parameters, "items": Jsonb(items)})
    with indexed_afterwards(connection, ReferenceCase, "ix_reference_cases_search"):
        for name, statement in _STEPS.items():
            # An index into a cast parameter needs parentheses.
            connection.execute(re.sub(r"(%\(\w+\)s::text\[\])\[", r"(\1)[", statement).encode(), parameters)
            connection.execute(f"ANALYZE {name}".encode())
        connection.execute(TOLD.encode(), parameters)
    connection.execute("DROP TABLE named, measured, drawn")
    for table in TABLES:
        connection.execute(f"VACUUM ANALYZE {table}".encode())


def forget(connection: psycopg.Connection, workspace_id: str) -> None:
    """Take the cases out of a workspace again."""
    for table in TABLES:
        connection.execute(f"DELETE FROM {table} WHERE workspace_id = %s".encode(), [workspace_id])


WITH_A_GOAL: Final = (
    "initiative, metric, at least 30 %", "the same, with Japanese words", "the same, with English words",
)  # fmt: skip
"""The question itself; words alone may match a large part of all cases."""


def questions() -> Mapping[str, list[str]]:
    """Paths by what they ask; each a few of the same kind."""

    def asked(*queries: str) -> list[str]:
        return [f"/v1/reference-cases?{quote(query, safe='=&')}" for query in queries]

    return {
        "initiative, metric, at least 30 %": asked(
            "initiative=ai_voice_bot&metric=average_handle_time&min_improvement_pct=30",
            "initiative=onboarding_programme&metric=churn_rate&min_improvement_pct=30",
            "initiative=training&metric=csat&min_improvement_pct=30",
        ),
        "the same, with Japanese words": asked(
            "initiative=ai_voice_bot&metric=average_handle_time&min_improvement_pct=10&q=夜間 休日",
            "initiative=onboarding_programme&metric=churn_rate&min_improvement_pct=10&q=経営会議",
            "initiative=knowledge_base&metric=csat&min_improvement_pct=10&q=動画",
        ),
        "the same, with English words": asked(
            "initiative=ai_voice_bot&metric=average_handle_time&min_improvement_pct=10&q=nights weekends",
            "initiative=onboarding_programme&metric=churn_rate&min_improvement_pct=10&q=videos",
            "initiative=knowledge_base&metric=csat&min_improvement_pct=10&q=double entry",
        ),
        "words alone, Japanese (rare, common)": asked(
            "q=ボイスボット 7拠点",
            "q=解約率 コールセンター",
            "q=スマートフォン",
            "q=満足度 動画",
        ),
        "words alone, English (rare, common)": asked(
            "q=voice agent 17 sites",
            "q=churn call centre",
            "q=phones",
            "q=satisfaction videos",
        ),
        "metric and industry and size": asked(
            "metric=churn_rate&min_improvement_pct=20&industry=telecom&employee_count_min=1000",
            "metric=nps&min_improvement_pct=20&industry=retail&employee_count_max=500",
        ),
        "newest first": asked("", "sort=-listed_at&industry=finance"),
    }


@dataclass(frozen=True)
class CasePlan:
    """How one statement of the list is planned."""

    name: str
    lines: tuple[str, ...]
    wanted: str

    @property
    def trouble(self) -> str:
        """What is wrong with it; empty when it walks its index and sorts nothing."""
        # The lists nested in a row are sorted in sub-plans of their own.
        text = "\n".join(self.lines).partition("SubPlan")[0]
        if found := re.search(r"Seq Scan on reference_\S+|Sort Key: .*", text):
            return found.group(0)
        # A search with words looks at all entries of an initiative and metric: not one page of the table for each.
        scan = "Index Only Scan" if self.wanted.endswith("_covering") else "Scan"
        return "" if re.search(rf"{scan}( Backward)? using {self.wanted} ", text) else f"does not use {self.wanted}"


_PLANNED: Final = {
    "initiative and metric": (
        "ix_reference_case_entries_covering",
        ("initiative_key", "metric_key", "min_improvement_pct"),
    ),
    "metric": ("ix_reference_case_entries_metric", ("any_initiative", "metric_key", "min_improvement_pct")),
    "initiative": ("ix_reference_case_entries_initiative", ("initiative_key", "any_metric")),
    "best": ("ix_reference_case_entries_best", ("any_initiative", "any_metric")),
    "industry": ("ix_reference_case_entries_industry", ("any_initiative", "any_metric", "one_industry")),
}


def case_plans(connection: psycopg.Connection, workspace_id: str) -> Iterator[CasePlan]:
    """The generic plans of the list's orders by improvement; ``connection`` is the application role's."""
    for name, (index, filters) in _PLANNED.items():
        yield CasePlan(name, _explained(connection, workspace_id, ("state", *filters), "improvement"), index)
    listed = ("state", "any_initiative", "any_metric")
    yield CasePlan(
        "newest", _explained(connection, workspace_id, listed, "listed_at"), "ix_reference_case_entries_listed"
    )


def _explained(
    connection: psycopg.Connection, workspace_id: str, filters: tuple[str, ...], sort: str
) -> tuple[str, ...]:
    fields = tuple(ReferenceCaseRead.model_fields.keys() - {"account"})
    shape = Shape(ENTRIES, ReferenceCaseRead, fields, (), tuple(sorted(filters)), sort, descending=True, limit=50)
    statement = statement_for(shape)
    names: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    text = re.sub(r"%\((\w+)\)s", numbered, statement.sql).replace("%%", "%")
    with connection.transaction():
        connection.execute(f"SET LOCAL app.workspace_id = '{UUID(workspace_id)}'".encode())
        return tuple(row[0] for row in connection.execute(f"EXPLAIN (GENERIC_PLAN) {text}".encode()).fetchall())


def main() -> None:
    """Fill the workspace of a database at hand, and measure a server there from one connection."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("owner_url")
    parser.add_argument("workspace")
    parser.add_argument("key")
    parser.add_argument("port", type=int)
    parser.add_argument("--cases", type=int, default=CASES, help="0: measure what is there")
    given = parser.parse_args()
    if given.cases:
        with psycopg.connect(given.owner_url, autocommit=True) as connection:
            fill(connection, given.workspace, given.cases)
    for name, paths in questions().items():
        requests = [(path, given.key) for path in paths]
        job = {"port": given.port, "requests": requests, "seconds": 4, "connections": 1}
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"], input=orjson.dumps(job), capture_output=True, check=True
        )
        found = orjson.loads(told.stdout)
        print(f"{name:45} p50 {found['p50']:6.2f} ms  p95 {found['p95']:6.2f} ms  {found['statuses']}")


if __name__ == "__main__":
    main()
