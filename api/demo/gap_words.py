"""The words of what the demo's customers miss in the product, by country."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Missing:
    """A gap in words: what is expected, what there is, why it matters, and what to do until then."""

    area: str
    title: str
    expectation: str
    actual: str
    reason: str
    workaround: str | None = None


@dataclass(frozen=True, slots=True)
class GapWords:
    """Gaps in the order in which they came up; the last one repeats another. What is said about them."""

    gaps: Sequence[Missing]
    impacts: Sequence[str]
    comments: Sequence[str]
    declined: str
    reopened: str
    answer: tuple[str, str]


GAP_WORDS: Final[Mapping[str, GapWords]] = {
    "JP": GapWords(
        gaps=(
            Missing("連携", "API で添付ファイルを登録できない", "基幹システムから添付ごと申請を作れる", "API では本文だけ登録でき、添付は手作業",
                    "月末に数百件を手で添付している", "申請後に画面からまとめて添付する"),
            Missing("承認フロー", "代理承認の期間を事前に設定できない", "休暇の前に代理の期間を決めておける", "当日に手動で切り替える必要がある",
                    "長期休暇のたびに承認が止まる"),
            Missing("ログインと権限", "監査ログを書き出せない", "操作の履歴を CSV で取り出せる", "画面で一件ずつ見ることしかできない",
                    "内部監査で半年分の提出を求められている", "サポートに依頼して抽出する"),
            Missing("検索", "三年より前の申請を絞り込めない", "年度を指定して過去の申請を探せる", "直近三年だけが対象になる", "契約書の保存期間は十年ある"),
            Missing("帳票", "帳票に社印の画像を差し込めない", "見積書に社印が印字される", "社印は印刷後に押している", "郵送の廃止が進まない"),
            Missing("承認フロー", "承認者を部署ごとに切り替えられない", "申請者の部署に応じて承認者が自動で決まる", "全社で一つの順番しか設定できない",
                    "拠点ごとに決裁権限が違い、紙の申請が残っている", "部署ごとに申請書を分けて作る"),
            Missing("モバイル", "写真をまとめて添付できない", "現場の写真を一度に選んで送れる", "一枚ずつ選ぶ必要がある", "一件の報告に二十枚ほど付ける"),
            Missing("ログインと権限", "協力会社の社員がシングルサインオンを使えない", "社外の人も認証基盤からログインできる", "社外の人には専用のパスワードが要る",
                    "セキュリティ審査でパスワード運用が認められない", "社内の担当者が代わりに入力する"),
            Missing("モバイル", "電波の届かない現場で入力できない", "圏外でも入力し、後から送信できる", "圏外では画面が開かない", "地下や山間部の現場で紙に戻ってしまう",
                    "現場事務所に戻って入力する"),
            Missing("承認フロー", "金額で承認の段数を変えられない", "百万円以上は部長の承認を加えられる", "申請の種類でしか分けられない", "規程に合わせて申請の種類が三十を超えた"),
            Missing("帳票", "月次の集計を自動で送信できない", "毎月一日に集計が役員へ届く", "担当者が出力して転送している", "担当者の休みに遅れる"),
            Missing("連携", "会計ソフトへの仕訳連携が一日一回だけ", "承認の直後に仕訳が作られる", "夜間にまとめて連携される", "締め日の夜に修正が間に合わない"),
            Missing("検索", "申請の本文を検索できない", "本文の言葉から申請を探せる", "件名と番号だけが対象になる", "似た案件の前例を探すのに時間がかかる"),
            Missing("通知", "差し戻しの通知がチャットに届かない", "差し戻されたらチャットで分かる", "メールでしか届かない", "メールを見ない現場では気づくのが遅れる"),
            Missing("通知", "通知の時間帯を選べない", "夜間の通知を止められる", "常に届く", "夜勤の合間に通知が鳴る"),
            Missing("ログインと権限", "ゲストのログインにパスワードが必須になっている", "ゲストも会社の認証で入れる", "ゲストごとにパスワードを配っている",
                    "退場した人の削除漏れが心配"),
        ),
        impacts=(
            "月に 40 件ほど手作業が残っている。", "更新の稟議で必ず聞かれる項目になっている。", "別の製品との比較表で差がついた。",
            "現場の利用が広がらない一番の理由。", "回避策で運用できているが、担当者の負担が大きい。", "他部門への展開がここで止まっている。",
        ),
        comments=(
            "権限設定の刷新とあわせて対応できそうです。", "三社に操作を見せてもらいました。想定より頻度が高いです。", "設計の案を共有しました。来週の定例で確認します。",
        ),
        declined="電子印影の機能で目的を果たせるため、この形では対応しません。",
        reopened="電子帳簿の要件が変わり、対応が必要になりました。",
        answer=("次の四半期に提供を予定しています。時期が決まり次第ご案内します。", "多くのお客様の更新に関わるため優先しました。"),
    ),
    "US": GapWords(
        gaps=(
            Missing("Integrations", "Attachments cannot be added through the API", "Our ERP creates requests with their files",
                    "The API takes the text only; files are added by hand", "Hundreds of files are attached by hand each month end",
                    "Attach them in bulk on the page afterwards"),
            Missing("Approvals", "A deputy cannot be set ahead of time", "Set the dates of a deputy before a vacation",
                    "Somebody switches it by hand on the day", "Approvals stop at every long weekend"),
            Missing("Sign-in and roles", "The audit log cannot be exported", "Download who did what as CSV",
                    "Entries are shown one by one", "Internal audit asks for six months at a time", "Support extracts it on request"),
            Missing("Search", "Requests older than three years cannot be filtered", "Search by fiscal year, however old",
                    "Only the last three years are searched", "Contracts are kept for ten years"),
            Missing("Documents", "No signature image on quotes", "Quotes carry our signature",
                    "We sign after printing", "It keeps us mailing paper"),
            Missing("Approvals", "Approvers cannot differ by department", "The requester's department decides who approves",
                    "One order for the whole company", "Branches have limits of their own, so paper forms remain",
                    "A form for each department"),
            Missing("Mobile", "Photos are attached one at a time", "Pick all photos of a visit at once",
                    "Each photo is picked by itself", "A report has about twenty photos"),
            Missing("Sign-in and roles", "No single sign-on for contractors", "Contractors sign in through our identity provider",
                    "They need a password of their own", "The security review forbids passwords outside the identity provider",
                    "Employees enter the data for them"),
            Missing("Mobile", "Nothing works without a signal", "Enter a report offline and send it later",
                    "The page does not open offline", "Crews underground went back to paper", "Enter it back at the site office"),
            Missing("Approvals", "The amount cannot decide who approves", "Above 10,000 dollars the director approves too",
                    "Only the type of request decides", "We have more than thirty types by now"),
            Missing("Documents", "Monthly reports are not sent by themselves", "Executives get the report on the first of the month",
                    "Somebody exports and forwards it", "It is late whenever that person is away"),
            Missing("Integrations", "Journal entries reach accounting once a day", "An entry is made right after approval",
                    "Entries are sent at night", "Corrections miss the closing night"),
            Missing("Search", "The text of requests is not searched", "Find a request by words in its text",
                    "Only title and number are searched", "It takes long to find a precedent"),
            Missing("Notifications", "Rejections do not reach chat", "A rejection shows up in our chat",
                    "It comes by mail only", "Crews do not read mail during the day"),
            Missing("Notifications", "No quiet hours", "No notifications at night", "They come at any time",
                    "Phones ring on the night shift"),
            Missing("Sign-in and roles", "Guests must have a password", "Guests sign in with their company account",
                    "We hand out a password to each guest", "Nobody removes guests who have left"),
        ),
        impacts=(
            "About forty cases a month are still done by hand.", "It comes up in every renewal discussion.",
            "A competitor has it, and they noticed.", "The main reason why crews do not use it.",
            "They live with the workaround, but it costs the administrator a day a month.", "Rolling out to the next team waits for it.",
        ),
        comments=(
            "Goes well with the new roles.", "Three customers showed us how they work; it happens more often than we thought.",
            "The design is shared; we look at it in next week's review.",
        ),
        declined="Electronic signatures serve the purpose, so we will not build it this way.",
        reopened="Record-keeping rules have changed, so it is needed after all.",
        answer=("Planned for next quarter. We will tell you as soon as there is a date.", "It matters to many renewals, so it came first."),
    ),
}  # fmt: skip
