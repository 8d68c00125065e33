"""What the customers of the demo want to achieve, in the words of each workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class MeasuredGoal:
    """A goal with its metric: title, metric, unit, from where to where."""

    title: str
    metric: str
    unit: str
    baseline: float
    target: float


@dataclass(frozen=True, slots=True)
class PlanWords:
    """The words of a workspace's roadmaps; ``steps`` and ``onboarding`` are milestones in order."""

    name: str
    onboarding_name: str
    companies: tuple[MeasuredGoal, ...]
    departments: tuple[MeasuredGoal, ...]
    rollouts: tuple[str, ...]
    projects: tuple[str, ...]
    steps: tuple[str, ...]
    onboarding: tuple[str, ...]
    onboarding_goal: str
    hypotheses: tuple[str, ...]
    evidence: str
    blocker: str
    review: str
    task: str


WORDS: Final[Mapping[str, PlanWords]] = {
    "JP": PlanWords(
        name="年間サクセスロードマップ",
        onboarding_name="オンボーディング計画",
        companies=(
            MeasuredGoal("申請から決裁までの日数を半分にする", "平均決裁日数", "日", 6.0, 3.0),
            MeasuredGoal("間接部門の残業を3割減らす", "月間残業時間", "時間", 1200.0, 840.0),
            MeasuredGoal("紙の書類をほぼゼロにする", "月間の紙の枚数", "枚", 18000.0, 1000.0),
            MeasuredGoal("拠点ごとの数字を翌日に経営へ届ける", "翌日に届く拠点の割合", "%", 20.0, 100.0),
        ),
        departments=(
            MeasuredGoal("経理部: 月次決算を5営業日で締める", "締めまでの営業日", "日", 9.0, 5.0),
            MeasuredGoal("営業部: 報告の8割を週内に集める", "週内の報告率", "%", 35.0, 80.0),
            MeasuredGoal("人事部: 入社手続きを1日で終える", "手続きの所要日数", "日", 5.0, 1.0),
        ),
        rollouts=("全拠点に展開する", "現場の責任者が自分で運用できる", "購買部でも使い始める"),
        projects=("経費精算の電子化", "日報のテンプレート統一", "承認ルートの見直し", "基幹システムとの連携"),
        steps=("現状の業務を棚卸し", "試行部門で運用開始", "効果を数字で確認", "役員会で報告", "全社に展開"),
        onboarding=("キックオフ", "初期設定とデータ移行", "管理者研修", "最初の成果を確認"),
        onboarding_goal="最初の部門で毎日使われている",
        hypotheses=("部門長が率先して使えば、部員も1か月で使い始める", "スマートフォンで承認できれば滞留が減る"),
        evidence="先行した部門の利用率が4週間で2倍になった",
        blocker="承認ルートの見直しが先方で止まっている",
        review="進み具合を確認し、次の四半期の優先順位に合意した",
        task="次のマイルストーンの進め方を担当者と確認する",
    ),
    "US": PlanWords(
        name="Success roadmap for the year",
        onboarding_name="Onboarding plan",
        companies=(
            MeasuredGoal("Halve the time from request to decision", "Average days to decision", "days", 6.0, 3.0),
            MeasuredGoal("Cut overtime in the back office by 30 %", "Overtime per month", "hours", 1200.0, 840.0),
            MeasuredGoal("Stop moving paper between sites", "Sheets per month", "sheets", 18000.0, 1000.0),
            MeasuredGoal("Every site's numbers by the next morning", "Sites reporting overnight", "%", 20.0, 100.0),
        ),
        departments=(
            MeasuredGoal("Finance closes the month in five days", "Working days to close", "days", 9.0, 5.0),
            MeasuredGoal("Sales reports arrive within the week", "Reports within the week", "%", 35.0, 80.0),
            MeasuredGoal("New hires are set up in one day", "Days to set up", "days", 5.0, 1.0),
        ),
        rollouts=("Rolled out to every site", "Site managers run it on their own", "Procurement comes on board"),
        projects=("Paperless expenses", "One template for daily reports", "Simpler approval routes", "ERP integration"),
        steps=("Current work mapped", "Live in the pilot team", "Effect shown in numbers", "Presented to the board", "Live everywhere"),
        onboarding=("Kick-off", "Set-up and data migration", "Admins trained", "First result confirmed"),
        onboarding_goal="The first department uses it every day",
        hypotheses=("Where the head of a department goes first, the team follows within a month", "Approving on the phone clears the backlog"),
        evidence="Usage in the first department doubled within four weeks",
        blocker="The customer's review of approval routes has stalled",
        review="Looked at progress and agreed on the priorities of the next quarter",
        task="Agree with the contact how to reach the next milestone",
    ),
}  # fmt: skip
