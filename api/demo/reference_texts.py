"""What the demo's reference cases tell: catalogues, stories, prospects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

INITIATIVES: Final = (
    ("onboarding_design", "オンボーディング設計", "Onboarding design", ("定着支援", "キックオフ")),
    ("closing_automation", "月次締めの自動化", "Automated month-end closing", ("決算早期化", "締め作業")),
    ("field_mobile", "現場のモバイル活用", "Mobile work in the field", ("スマートフォン", "現場アプリ")),
    ("data_integration", "基幹システム連携", "Integration with core systems", ("API 連携", "二重入力の解消")),
    ("knowledge_base", "社内ナレッジの整備", "Knowledge base", ("FAQ", "手順書")),
    ("ai_first_response", "AI による一次対応", "AI first response", ("ボイスボット", "自動応答", "chatbot")),
)
METRICS: Final = (
    ("closing_days", "締めにかかる日数", "Days to close the month", ("決算日数",), "日", "lower_is_better"),
    ("active_users", "利用者数", "Active users", ("MAU", "アクティブユーザー"), "人", "higher_is_better"),
    (
        "handling_minutes",
        "一件あたりの処理時間",
        "Minutes per request",
        ("AHT", "平均処理時間"),
        "分",
        "lower_is_better",
    ),
    ("error_rate", "入力ミスの割合", "Error rate", ("手戻り", "エラー率"), "%", "lower_is_better"),
    ("satisfaction", "従業員満足度", "Employee satisfaction", ("ES", "満足度"), "点", "higher_is_better"),
    ("self_service_rate", "自己解決率", "Self-service rate", ("自己解決",), "%", "higher_is_better"),
)


@dataclass(frozen=True, slots=True)
class Story:
    """A story that several customers could tell; ``{sites}`` and ``{months}`` differ.

    ``initiative`` and ``metric`` are places in the catalogues.
    """

    initiative: int
    metric: int
    baseline: float
    result: float
    title: str
    summary: str
    anonymous: str
    quote: str


STORIES: Final[Mapping[str, Sequence[Story]]] = {
    "JP": (
        Story(1, 0, 9, 4, "月次の締めを{sites}拠点で半分の日数に", "拠点ごとに違っていた手順を揃え、{months}か月で締めの作業を"
              "自動化した。経理は数字の説明に時間を使えるようになった。", "複数の拠点を持つ企業が、締めの手順を揃えて日数を半分にした。",
              "月初の残業がなくなりました。"),
        Story(0, 1, 120, 310, "{sites}部門への展開で利用者が2.6倍に", "導入初月に各部門の推進役を決め、{months}か月の定着計画を"
              "一緒に立てた。使い方の短い動画が現場で好評だった。", "定着計画と推進役の選任により、利用者が 2.6 倍になった。",
              "説明会より、隣の席の人の一言が効きました。"),
        Story(2, 2, 25, 14, "現場の報告を{sites}店舗でスマートフォンに", "紙の日報をやめ、その場で写真と一緒に報告できるようにした。"
              "{months}か月で全店に広がり、本部の確認も早くなった。", "紙の日報を現場アプリに替え、一件あたりの時間を短縮した。",
              "閉店後に事務所へ戻らなくてよくなりました。"),
        Story(3, 3, 4.8, 1.2, "基幹システム連携で入力ミスを4分の1に", "受注データを自動で取り込み、二重入力をなくした。{months}か月の"
              "並行運用で数字を突き合わせ、安心して切り替えられた。", "基幹システムとの連携により、入力ミスを 4 分の 1 に減らした。",
              "突き合わせ作業そのものが消えました。"),
        Story(4, 5, 35, 62, "社内の問い合わせ、6割が自己解決に", "よくある質問を{sites}名で手分けして整え、検索から答えにたどり着ける"
              "ようにした。{months}か月後には情報システム部への電話が半減した。", "ナレッジの整備により、自己解決率が 62% になった。",
              "聞かれる前に答えがある、が合言葉です。"),
        Story(5, 2, 18, 11, "AI の一次対応で処理時間を4割短縮", "夜間と休日の受付を AI に切り替え、日中は相談に集中できるようにした。"
              "解約の相談には必ず人が折り返す運用とした。", "一次対応を自動化し、処理時間を 4 割短縮した。",
              "電話が鳴り続ける朝がなくなりました。"),
        Story(0, 4, 61, 74, "新人が{months}か月で独り立ち、満足度も向上", "手順を一画面にまとめ、入社初日から同じ教材で学べるようにした。"
              "離職の相談が減り、教える側の負担も軽くなった。", "教材の統一により、新人の独り立ちが早まった。",
              "教える人によって違う、がなくなりました。"),
        Story(1, 3, 3.1, 0.9, "{sites}社分の請求でミスが7割減", "請求の締めを自動化し、例外だけを人が確かめる流れに変えた。"
              "{months}か月で取引先からの差し戻しがほぼなくなった。", "請求業務の自動化により、ミスが 7 割減った。",
              "差し戻しの電話を待つ必要がなくなりました。"),
    ),
    "US": (
        Story(1, 0, 8, 3, "Month-end closing in three days at {sites} sites", "They aligned how each site closes its books and "
              "automated the rest within {months} months. Accounting now explains figures instead of collecting them.",
              "A company with several sites closes its books in three days.", "Nobody works late on the first of the month."),
        Story(0, 1, 90, 240, "From one team to {sites}: active users up 2.7 times", "Every department named a champion before "
              "go-live, and the adoption plan of {months} months was theirs, not ours.",
              "Champions in every department multiplied active users by 2.7.", "A word from the next desk beats any training."),
        Story(2, 2, 22, 12, "Field reports by phone in {sites} stores", "Paper reports are gone: photos and notes come from the "
              "floor. Within {months} months headquarters answered the same day.",
              "Reports from the floor take half the time.", "We go home when the store closes."),
        Story(3, 3, 5.2, 1.6, "An integration cut entry errors by two thirds", "Orders arrive by themselves, so nobody types "
              "them twice. After {months} months in parallel the old way was switched off.",
              "Integration with the core system cut errors by two thirds.", "The reconciliation meeting is gone."),
        Story(4, 5, 30, 58, "Most questions now answer themselves", "A team of {sites} rewrote the most asked questions and "
              "made them easy to find. Calls to IT fell by half in {months} months.",
              "A knowledge base raised self service to 58 %.", "The answer is there before the question."),
        Story(5, 2, 16, 9, "AI first response frees the day for advice", "Nights and weekends are answered by the assistant; "
              "whoever thinks about cancelling is called back by a person.",
              "First response was automated, and handling time fell by 44 %.", "Mornings are quiet now."),
        Story(0, 4, 58, 71, "Newcomers on their own after {months} months", "One page of steps and the same lessons from the "
              "first day on. Churn talk among staff went down as well.",
              "Uniform training made newcomers independent sooner.", "It no longer depends on who teaches you."),
    ),
}  # fmt: skip
PROSPECTS: Final[Mapping[str, Sequence[str]]] = {
    "JP": (
        "北斗通信株式会社",
        "南風リテール株式会社",
        "青葉運輸株式会社",
        "若竹製薬株式会社",
        "銀河フーズ株式会社",
        "白樺銀行",
    ),
    "US": ("Harbor Telecom", "Cedar Retail", "Blue Ridge Freight", "Larkspur Pharma", "Galaxy Foods", "Birch Bank"),
}
EVIDENCE: Final[Mapping[str, Sequence[str]]] = {
    "JP": ("月次集計表（導入前後の三か月平均）", "打ち合わせの議事録で合意", "広報ご担当からのメールで許諾"),
    "US": (
        "Monthly figures, three months before and after",
        "Agreed in the minutes of the meeting",
        "Mail from their press office",
    ),
}
TOPICS: Final[Mapping[str, Sequence[str]]] = {
    "JP": ("定着支援", "締めの自動化", "現場活用"),
    "US": ("adoption", "closing", "field work"),
}
