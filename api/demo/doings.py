"""The words of what people of the demo do with customers, by country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Doings:
    """Texts: subjects by kind of interaction, what was decided and is to be done, tasks, and two programs."""

    subjects: Mapping[str, Sequence[str]]
    minutes: Sequence[str]
    decisions: Sequence[str]
    action_items: Sequence[str]
    tasks: Sequence[str]
    careful_task: str
    sent_back: str
    webinar: tuple[str, str]
    co_creation: tuple[str, str]
    results: Sequence[tuple[str, str]]
    outcomes: Sequence[str]


DOINGS: Final[Mapping[str, Doings]] = {
    "JP": Doings(
        subjects={
            "meeting": ("定例会", "活用状況の確認", "新機能の紹介", "部門展開の相談"),
            "qbr": ("四半期の振り返り",),
            "call": ("設定についての電話", "請求の確認", "担当交代のご挨拶"),
            "mail": ("活用事例の共有", "研修の日程調整", "お問い合わせへの回答"),
            "note": ("展示会でお会いした", "社内での評判", "予算時期のメモ"),
        },
        minutes=(
            "承認までの日数が平均 4.2 日から 2.1 日になった。次は見積申請に広げる。",
            "現場からの入力が増え、週次の会議で数字を使えている。研修の追加を希望。",
            "管理者の異動があり、引き継ぎの支援が必要。活用の目標は変わらない。",
        ),
        decisions=("見積申請を来月から移行する", "部門ごとに管理者を 1 名置く", "四半期ごとに効果を測る"),
        action_items=("活用案をまとめて送る", "研修の候補日を出す", "権限の一覧を渡す", "効果の試算を作る"),
        tasks=(
            "利用が減った部門の状況を聞く", "更新条件の確認", "研修資料を更新して送る", "満足度の回答にお礼をする",
            "次の四半期の目標を提案する", "管理者の引き継ぎを支援する",
        ),
        careful_task="全利用者にメンテナンスの案内を送る",
        sent_back="宛先に退職した方が含まれています",
        webinar=("月次締めを早くする活用セミナー", "申請の一括処理と差し戻しの減らし方"),
        co_creation=("現場報告の音声入力を一緒に試す", "3 社と 3 か月試し、うまくいったものを製品に入れる"),
        results=(("release", "音声での現場報告"),),
        outcomes=("翌週に一括処理を試す予定", "他部門にも紹介いただけた", "録画を社内で共有"),
    ),
    "US": Doings(
        subjects={
            "meeting": ("Check-in", "Adoption review", "New features", "Rolling out to another team"),
            "qbr": ("Quarterly business review",),
            "call": ("Question about settings", "Invoice clarified", "Meet the new champion"),
            "mail": ("A case worth copying", "Training dates", "Answer to a question"),
            "note": ("Met at the conference", "What the team says", "When the budget is set"),
        },
        minutes=(
            "Approvals take 2.1 days instead of 4.2. Quotes come next.",
            "More input from the field; the weekly meeting uses the numbers. They ask for more training.",
            "The administrator moved on; hand-over needs our help. The goals stay.",
        ),
        decisions=("Move quotes next month", "One administrator per team", "Measure the effect each quarter"),
        action_items=("Send the adoption plan", "Offer training dates", "Hand over the list of roles", "Estimate the effect"),
        tasks=(
            "Ask the team whose usage fell", "Confirm the renewal terms", "Send the updated training material",
            "Thank them for their survey answer", "Propose goals for the next quarter", "Help the new administrator",
        ),
        careful_task="Tell all users about the maintenance",
        sent_back="Somebody who left is among the recipients",
        webinar=("Close the month faster", "Bulk approvals, and fewer of them sent back"),
        co_creation=("Voice notes from the field", "Tried with three customers for a quarter; what works is built in"),
        results=(("release", "Field reports by voice"),),
        outcomes=("Will try bulk approvals next week", "Introduced us to another team", "Shared the recording"),
    ),
}  # fmt: skip
