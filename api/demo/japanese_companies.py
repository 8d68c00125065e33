"""Invented Japanese companies. Any likeness to a real one is chance; the domains end in ``.example``."""

from collections.abc import Sequence
from typing import Final

from api.demo.market import Company

# key, name, reading, industry, employees, where 株式会社 stands, the group's company above
_TABLE: Final = """
aonami-logi|青波ロジスティクス|アオナミロジスティクス|物流|1850|前|
aonami-soko|青波倉庫|アオナミソウコ|物流|320|後|aonami-logi
aonami-express|青波エクスプレス|アオナミエクスプレス|物流|210|前|aonami-logi
kitamine-logi|北嶺物流サービス|キタミネブツリュウサービス|物流|95|前|
minatoya-trans|港屋トランス|ミナトヤトランス|物流|140|前|
sorami-cargo|空見カーゴ|ソラミカーゴ|物流|64|前|
hayate-delivery|疾風デリバリー|ハヤテデリバリー|物流|430|前|
tsukishiro-denki|月城電機|ツキシロデンキ|製造|4200|後|
tsukishiro-buhin|月城部品工業|ツキシロブヒンコウギョウ|製造|680|後|tsukishiro-denki
tsukishiro-service|月城サービス|ツキシロサービス|保守|250|前|tsukishiro-denki
kurotaki-seiki|黒滝精機|クロタキセイキ|製造|410|前|
hizashi-seisaku|陽差製作所|ヒザシセイサクショ|製造|120|前|
tomoe-kasei|巴野化成|トモエノカセイ|化学|890|前|
shirogane-zairyo|白銀マテリアル|シロガネマテリアル|化学|270|前|
ayase-plastics|綾世プラスチック|アヤセプラスチック|化学|75|前|
hinode-tool|日乃出ツール|ヒノデツール|製造|48|前|
iwami-tekko|岩深鉄工|イワミテッコウ|製造|185|後|
nagisa-foods|凪紗フーズ|ナギサフーズ|食品|960|前|
nagisa-kobo|凪紗製菓工房|ナギサセイカコウボウ|食品|88|前|nagisa-foods
komorebi-nouen|木漏日農園|コモレビノウエン|食品|32|前|
mikuriya-shoyu|御厨谷醤油|ミクリヤダニショウユ|食品|57|後|
yukishizuku|雪雫酒造|ユキシズクシュゾウ|食品|41|前|
hoshimi-bento|星見弁当|ホシミベントウ|外食|640|前|
kazamidori|風見鶏ダイニング|カザミドリダイニング|外食|380|前|
matsukaze-hotels|松風ホテルズ|マツカゼホテルズ|宿泊|1240|前|
matsukaze-resort|松風リゾート沖縄|マツカゼリゾートオキナワ|宿泊|290|前|matsukaze-hotels
matsukaze-bridal|松風ブライダル|マツカゼブライダル|宿泊|110|前|matsukaze-hotels
yadorigi-ryokan|宿木旅館|ヤドリギリョカン|宿泊|36|後|
mirainoki|未来乃樹学園|ミライノキガクエン|教育|520|前|
terakoya-lab|寺子屋ラボ|テラコヤラボ|教育|44|前|
manabi-bridge|学びブリッジ|マナビブリッジ|教育|18|前|
kotonoha-edu|言乃葉エデュケーション|コトノハエデュケーション|教育|150|前|
asagiri-pharma|朝霧薬品|アサギリヤクヒン|医薬|2100|後|
asagiri-labo|朝霧ライフサイエンス|アサギリライフサイエンス|医薬|330|前|asagiri-pharma
wakaba-chozai|若葉台調剤|ワカバダイチョウザイ|医薬|270|前|
medi-harbor|メディハーバー|メディハーバー|医療|90|前|
yuzuki-clinic|柚月クリニックサポート|ユズキクリニックサポート|医療|52|前|
sakuragawa-kaigo|桜河ケアサービス|サクラガワケアサービス|介護|740|前|
hidamari-home|陽だまりホーム|ヒダマリホーム|介護|130|前|
tachibana-kensetsu|橘花建設|タチバナカケンセツ|建設|1560|後|
tachibana-setsubi|橘花設備|タチバナカセツビ|建設|240|後|tachibana-kensetsu
ishigaki-design|石鏡設計|イシカガミセッケイ|建設|28|前|
oozora-juken|大空住建|オオゾラジュウケン|建設|165|前|
machinami-fudosan|街並不動産|マチナミフドウサン|不動産|430|前|
machinami-kanri|街並コミュニティ|マチナミコミュニティ|不動産|190|前|machinami-fudosan
akari-estate|灯エステート|アカリエステート|不動産|60|前|
niwa-parking|庭野パーキング|ニワノパーキング|不動産|22|前|
shiosai-lease|潮騒リース|シオサイリース|金融|350|前|
mutsumi-shoken|睦実証券|ムツミショウケン|金融|1120|後|
mutsumi-data|睦実データサービス|ムツミデータサービス|情報サービス|140|前|mutsumi-shoken
fukurou-pay|梟ペイメント|フクロウペイメント|金融|85|前|
minori-kyosai|実里少額短期保険|ミノリショウガクタンキホケン|金融|70|後|
kumonoue|雲上ネットワークス|クモノウエネットワークス|情報サービス|310|前|
tokiwa-sys|常磐野システムズ|トキワノシステムズ|情報サービス|620|前|
tokiwa-cloud|常磐野クラウド|トキワノクラウド|情報サービス|95|前|tokiwa-sys
nanairo-soft|七色ソフト|ナナイロソフト|情報サービス|40|前|
hotaru-ai|蛍火インテリジェンス|ホタルビインテリジェンス|情報サービス|27|前|
saezuri-media|さえずりメディア|サエズリメディア|メディア|115|前|
tsubame-kokoku|燕野広告社|ツバメノコウコクシャ|広告|230|前|
irodori-print|彩印刷|イロドリインサツ|印刷|76|前|
kakehashi-hr|架橋人材|カケハシジンザイ|人材|480|前|
kakehashi-training|架橋研修センター|カケハシケンシュウセンター|人材|35|前|kakehashi-hr
asunaro-staff|翌檜スタッフ|アスナロスタッフ|人材|160|前|
hanamizuki-mart|花水木マート|ハナミズキマート|小売|2800|前|
hanamizuki-ec|花水木オンライン|ハナミズキオンライン|小売|120|前|hanamizuki-mart
hanamizuki-drug|花水木ドラッグ|ハナミズキドラッグ|小売|760|前|hanamizuki-mart
kogane-megane|小金井眼鏡堂|コガネイメガネドウ|小売|54|前|
nokishita-books|軒下書店|ノキシタショテン|小売|39|前|
amane-apparel|天音アパレル|アマネアパレル|小売|340|前|
yamabiko-sports|山彦スポーツ|ヤマビコスポーツ|小売|145|前|
suzune-cosme|鈴音コスメティクス|スズネコスメティクス|化粧品|210|前|
mizuho-denryoku|瑞帆エナジー|ミズホエナジー|エネルギー|880|前|
hidaka-solar|陽高ソーラー|ヒダカソーラー|エネルギー|58|前|
kawasemi-gas|翡翠ガス|カワセミガス|エネルギー|190|後|
midoriiro-recycle|緑色循環|ミドリイロジュンカン|環境|66|前|
seiryu-mizu|清流水処理|セイリュウミズショリ|環境|105|前|
hagoromo-air|羽衣エアサービス|ハゴロモエアサービス|運輸|720|前|
satoyama-bus|里山交通|サトヤマコウツウ|運輸|260|後|
shima-ferry|島音フェリー|シマネフェリー|運輸|98|後|
kogarashi-taxi|木枯タクシー|コガラシタクシー|運輸|175|前|
furusato-tsushin|故郷通信社|フルサトツウシンシャ|通信|510|前|
inaho-agri|稲穂アグリテック|イナホアグリテック|農業|29|前|
umineko-suisan|海猫水産|ウミネコスイサン|水産|83|前|
takumi-kagu|匠乃家具|タクミノカグ|製造|47|前|
koharu-pet|小春ペットケア|コハルペットケア|小売|62|前|
utsuwa-craft|器クラフト|ウツワクラフト|製造|15|前|
"""


def _company(line: str) -> Company:
    key, name, kana, industry, employees, place, parent = line.split("|")
    legal_name = f"株式会社{name}" if place == "前" else f"{name}株式会社"
    return Company(key, legal_name, legal_name, kana, industry, int(employees), parent or None)


COMPANIES: Final[Sequence[Company]] = [_company(line) for line in _TABLE.strip().splitlines()]
