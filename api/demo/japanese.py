"""The words of the Japanese workspace: people, configuration, catalogue."""

from typing import Final

from api.demo.japanese_companies import COMPANIES
from api.demo.market import Market, names

_FAMILIES: Final = (
    "佐々木 ササキ sasaki,山崎 ヤマザキ yamazaki,中島 ナカジマ nakajima,森田 モリタ morita,藤原 フジワラ fujiwara,"
    "岡本 オカモト okamoto,長谷川 ハセガワ hasegawa,石井 イシイ ishii,前田 マエダ maeda,小川 オガワ ogawa,"
    "後藤 ゴトウ goto,村上 ムラカミ murakami,遠藤 エンドウ endo,青木 アオキ aoki,坂本 サカモト sakamoto,"
    "福田 フクダ fukuda,西村 ニシムラ nishimura,三浦 ミウラ miura,松井 マツイ matsui,岩崎 イワサキ iwasaki,"
    "木下 キノシタ kinoshita,野口 ノグチ noguchi,菅原 スガワラ sugawara,久保田 クボタ kubota,渡部 ワタナベ watanabe,"
    "平野 ヒラノ hirano,大塚 オオツカ otsuka,新井 アライ arai,水野 ミズノ mizuno,桜井 サクライ sakurai"
)
_GIVEN: Final = (
    "陽子 ヨウコ yoko,翔太 ショウタ shota,美咲 ミサキ misaki,健太郎 ケンタロウ kentaro,由紀 ユキ yuki,"
    "拓也 タクヤ takuya,真由美 マユミ mayumi,浩二 コウジ koji,麻衣 マイ mai,誠司 セイジ seiji,"
    "千尋 チヒロ chihiro,亮 リョウ ryo,恵 メグミ megumi,大樹 ダイキ daiki,香織 カオリ kaori,"
    "修平 シュウヘイ shuhei,奈々 ナナ nana,直樹 ナオキ naoki,理恵 リエ rie,悠斗 ユウト yuto,"
    "智子 トモコ tomoko,和也 カズヤ kazuya,彩花 アヤカ ayaka,俊介 シュンスケ shunsuke,沙織 サオリ saori"
)

MARKET: Final = Market(
    country="JP",
    companies=COMPANIES,
    colleagues=("山本 拓海", "中村 美穂", "小林 直人", "加藤 里奈"),
    family_names=names(_FAMILIES),
    given_names=names(_GIVEN),
    family_first=True,
    positions={
        "decision_maker": (("経営企画部", "執行役員"), ("情報システム部", "部長"), ("業務改革推進室", "室長")),
        "champion": (("業務改革推進室", "マネージャー"), ("営業企画部", "課長"), ("情報システム部", "係長")),
        "influencer": (("経理部", "課長"), ("購買部", "主任"), ("人事総務部", "マネージャー")),
        "user": (("営業部", "主任"), ("カスタマーサポート部", "リーダー"), ("物流管理課", "担当")),
        "blocker": (("情報セキュリティ室", "室長"), ("法務部", "課長")),
    },
    tags=("重点", "事例候補", "ユーザー会", "東日本", "西日本", "多拠点", "新機能モニター"),
    reasons={
        "onboarded": ("初期設定と管理者研修が完了", "全拠点への展開が完了", "最初の月次レポートを役員会で利用"),
        "renewal": ("更新の協議を開始", "次年度予算の申請時期に合わせて開始"),
        "renewed": ("1年更新で合意", "席数を増やして更新"),
        "churned": ("親会社のシステム統合のため解約", "担当部署の廃止に伴い解約", "利用が定着せず解約"),
        "back": ("新体制で再契約", "別部署での利用として再開"),
        "primary": ("4月の人事異動で担当者が交代", "前任の退職に伴う交代", "プロジェクトの主管部署が変更", "昇進に伴い後任へ引き継ぎ"),
    },
    stakes=(
        "来期の昇進がこの導入の成否にかかっている",
        "前職で同種の導入に失敗しており、今回は必ず定着させたい",
        "現場からの反発を受けており、早い成果を示す必要がある",
        "社内の表彰制度に応募するための定量効果を求めている",
    ),
    settings={
        "icp_criteria": [
            {"field": "industry", "values": ["物流", "製造", "小売"], "weight": 2},
            {"field": "size_band", "values": ["smb"], "weight": 2},
            {"field": "country", "values": ["JP"], "weight": 1},
            {"field": "tag", "values": ["多拠点"], "weight": 1},
        ],
        "onboarding_criteria": [
            {"key": "kickoff", "label": "キックオフを実施"},
            {"key": "admin_trained", "label": "管理者研修を修了"},
            {"key": "first_report", "label": "最初のレポートを会議で利用"},
        ],
        "importance": {"full_amount": 2_000_000, "full_seats": 800},
    },
    fields=(
        {"resource": "account", "key": "plan", "label": "プラン", "type": "option",
         "options": ["スターター", "ビジネス", "エンタープライズ"]},
        {"resource": "account", "key": "acquired_through", "label": "獲得経路", "type": "option",
         "options": ["紹介", "展示会", "ウェブ", "代理店"]},
        {"resource": "account", "key": "sites", "label": "拠点数", "type": "number"},
        {"resource": "account", "key": "fiscal_close_on", "label": "決算日", "type": "date"},
        {"resource": "account", "key": "logo_allowed", "label": "ロゴ掲載可", "type": "boolean"},
        {"resource": "contact", "key": "preferred_channel", "label": "希望の連絡手段", "type": "option",
         "options": ["メール", "電話", "チャット"]},
    ),
    segments=(
        ("物流・SMB", "配送と倉庫の中堅企業", {"industry": ["物流"], "employee_count_min": 10, "employee_count_max": 500}),
        ("エンタープライズ", "従業員500名超", {"employee_count_min": 501}),
        ("オンボーディング中", "立ち上げ支援が必要な顧客", {"phase": ["onboarding"]}),
        ("初回更新", "はじめての更新を迎える顧客", {"phase": ["renewal"], "is_first_renewal": True}),
        ("事例候補", "紹介・事例に協力いただけそうな顧客", {"tags": ["事例候補"], "phase": ["adoption", "renewal"]}),
    ),
    products=(
        {"external_id": "sku-core", "name": "みどりワークス", "family": "業務基盤",
         "description": "申請・承認・案件管理をひとつにする業務クラウド",
         "success_statement": "紙とメールの申請がなくなり、承認までの日数が半分になる",
         "value_milestone": "全部門で最初の申請が承認された"},
        {"external_id": "sku-analytics", "name": "みどりアナリティクス", "family": "分析",
         "description": "部門横断のダッシュボード",
         "success_statement": "経営会議の資料作成が半日で終わる",
         "value_milestone": "最初のダッシュボードを経営会議で利用"},
        {"external_id": "sku-connect", "name": "みどりコネクト", "family": "連携",
         "description": "基幹システムや会計ソフトとのデータ連携",
         "success_statement": "二重入力がなくなる",
         "value_milestone": "基幹システムとの日次連携が1週間続いた"},
        {"external_id": "sku-mobile", "name": "みどりモバイル", "family": "業務基盤",
         "description": "現場向けのスマートフォンアプリ",
         "success_statement": "現場の報告がその日のうちに終わる",
         "value_milestone": "現場の8割が週1回以上報告"},
        {"external_id": "sku-academy", "name": "みどりアカデミー", "family": "支援",
         "description": "管理者と利用者のための研修",
         "success_statement": "自社で設定を変えられるようになる",
         "value_milestone": "管理者2名が認定を取得"},
        {"external_id": "sku-assist", "name": "みどりアシスト", "family": "AI",
         "description": "問い合わせの下書きと要約",
         "success_statement": "問い合わせへの一次回答が10分以内になる",
         "value_milestone": "下書きの採用率が5割を超えた"},
        {"external_id": "sku-onprem", "name": "みどりサーバー版", "family": "業務基盤",
         "description": "販売を終了した設置型", "sellable": False},
    ),
    overrides=(
        ("sku-core", "物流・SMB", "配車と検品の紙がなくなり、残業が月10時間減る", "1つの拠点で紙の日報を廃止"),
        ("sku-core", "エンタープライズ", "グループ各社の承認規程がひとつの仕組みで回る", "本社と子会社2社で稼働"),
        ("sku-analytics", "物流・SMB", "積載率が週次で見え、便の見直しが毎月できる", "積載率の週報を配車会議で利用"),
        ("sku-analytics", "エンタープライズ", "グループ連結の指標が翌営業日に揃う", "連結ダッシュボードを役員会で利用"),
        ("sku-mobile", "物流・SMB", "ドライバーの報告が降車後5分で終わる", "ドライバーの8割が毎日報告"),
    ),
    views=(
        ("自分の更新案件", {"phase": ["renewal"], "sort": "renewal_on", "columns": ["name", "mrr", "renewal_on"]}, False),
        ("立ち上げ中の顧客", {"phase": ["onboarding"], "sort": "created_at", "columns": ["name", "owner", "phase_since"]}, True),
        ("重点顧客", {"tags": ["重点"], "sort": "-importance", "columns": ["name", "importance", "health_score"]}, True),
    ),
)  # fmt: skip
