"""Invented companies of the English-speaking workspace; the domains end in ``.example``."""

from collections.abc import Sequence
from typing import Final

from api.demo.market import Company

# key, name, legal form, industry, employees, the group's company above
_TABLE: Final = """
harborline|Harborline Freight|Inc.|Logistics|1900|
harborline-cold|Harborline Cold Chain|LLC|Logistics|310|harborline
harborline-last|Harborline Last Mile|LLC|Logistics|240|harborline
quillstone|Quillstone Haulage|Inc.|Logistics|88|
saltmarsh-shipping|Saltmarsh Shipping|Co.|Logistics|145|
dovetail-dispatch|Dovetail Dispatch|LLC|Logistics|52|
brightanvil|Brightanvil Manufacturing|Corp.|Manufacturing|4300|
brightanvil-tools|Brightanvil Tooling|LLC|Manufacturing|620|brightanvil
brightanvil-field|Brightanvil Field Service|LLC|Services|210|brightanvil
copperhollow|Copperhollow Castings|Inc.|Manufacturing|390|
lathe-and-larch|Lathe & Larch Furniture|LLC|Manufacturing|46|
tinderbox-motors|Tinderbox Motors|Inc.|Manufacturing|870|
wrenfield|Wrenfield Precision|Inc.|Manufacturing|130|
ashgrove-polymers|Ashgrove Polymers|Corp.|Chemicals|940|
ashgrove-coatings|Ashgrove Coatings|LLC|Chemicals|180|ashgrove-polymers
fennimore-labs|Fennimore Labs|Inc.|Chemicals|72|
maplewren-foods|Maplewren Foods|Inc.|Food|1020|
maplewren-bakery|Maplewren Bakeries|LLC|Food|260|maplewren-foods
goldfinch-dairy|Goldfinch Dairy|Co.|Food|94|
thistle-and-rye|Thistle & Rye|LLC|Food|33|
orchardgate|Orchardgate Produce|Inc.|Food|58|
juniper-table|Juniper Table Restaurants|Inc.|Hospitality|710|
lanternhouse|Lanternhouse Hotels|Inc.|Hospitality|1310|
lanternhouse-resorts|Lanternhouse Resorts|LLC|Hospitality|280|lanternhouse
lanternhouse-events|Lanternhouse Events|LLC|Hospitality|90|lanternhouse
pinecrest-lodges|Pinecrest Lodges|LLC|Hospitality|37|
bluebarrow-schools|Bluebarrow Schools|Inc.|Education|540|
chalk-and-cedar|Chalk & Cedar|LLC|Education|24|
lumenpath|Lumenpath Learning|Inc.|Education|160|
primerose-tutors|Primerose Tutors|LLC|Education|19|
verity-pharma|Verity Vale Pharma|Corp.|Pharma|2250|
verity-biologics|Verity Vale Biologics|Inc.|Pharma|340|verity-pharma
marrowstone-rx|Marrowstone Pharmacies|Inc.|Pharma|410|
cloverpoint-health|Cloverpoint Health|Inc.|Healthcare|1480|
cloverpoint-imaging|Cloverpoint Imaging|LLC|Healthcare|120|cloverpoint-health
gentle-harbor-care|Gentle Harbor Care|LLC|Healthcare|220|
silverbirch-dental|Silverbirch Dental|LLC|Healthcare|48|
stonewick|Stonewick Construction|Corp.|Construction|1620|
stonewick-mech|Stonewick Mechanical|LLC|Construction|230|stonewick
plumbline-design|Plumbline Design|LLC|Construction|26|
redgate-homes|Redgate Homes|Inc.|Construction|170|
hearthside-realty|Hearthside Realty|Inc.|Real estate|440|
hearthside-living|Hearthside Living|LLC|Real estate|150|hearthside-realty
cornerlot|Cornerlot Parking|LLC|Real estate|21|
willowbank-estates|Willowbank Estates|LLC|Real estate|64|
ledgerwell|Ledgerwell Capital|Corp.|Finance|1150|
ledgerwell-data|Ledgerwell Data|Inc.|Software|135|ledgerwell
pennywhistle-pay|Pennywhistle Pay|Inc.|Finance|82|
oakshield-mutual|Oakshield Mutual|Co.|Insurance|690|
tidewater-leasing|Tidewater Vale Leasing|Inc.|Finance|330|
cloudmoor|Cloudmoor Networks|Inc.|Software|300|
farrow-systems|Farrow & Finch Systems|Corp.|Software|640|
farrow-cloud|Farrow & Finch Cloud|LLC|Software|97|farrow-systems
prismkite|Prismkite Software|Inc.|Software|42|
emberline-ai|Emberline AI|Inc.|Software|28|
ninefold|Ninefold Analytics|Inc.|Software|75|
larkspur-media|Larkspur Media|LLC|Media|118|
swallowtail-ads|Swallowtail Advertising|Inc.|Advertising|225|
inkwell-print|Inkwell & Sons Print|Co.|Printing|71|
bridgewise-talent|Bridgewise Talent|Inc.|Staffing|470|
bridgewise-academy|Bridgewise Academy|LLC|Staffing|34|bridgewise-talent
evergreen-crew|Evergreen Crew|LLC|Staffing|155|
dogwood-markets|Dogwood Markets|Corp.|Retail|2900|
dogwood-online|Dogwood Online|Inc.|Retail|125|dogwood-markets
dogwood-pharmacy|Dogwood Pharmacy|LLC|Retail|730|dogwood-markets
spyglass-optics|Spyglass Optics|LLC|Retail|55|
eaves-books|Under the Eaves Books|LLC|Retail|40|
skylark-apparel|Skylark Apparel|Inc.|Retail|350|
ridgecall-sports|Ridgecall Sports|LLC|Retail|140|
chime-cosmetics|Chime Cosmetics|Inc.|Cosmetics|205|
goldwater-energy|Goldwater Bay Energy|Corp.|Energy|910|
sunfield-solar|Sunfield Arc Solar|Inc.|Energy|61|
kingfisher-gas|Kingfisher Vale Gas|Co.|Energy|195|
looptide|Looptide Recycling|LLC|Environment|68|
clearbrook-water|Clearbrook Water Systems|Inc.|Environment|108|
featherwing-air|Featherwing Air Services|Inc.|Transport|740|
hillside-transit|Hillside Loop Transit|Co.|Transport|255|
island-tone-ferry|Island Tone Ferries|LLC|Transport|96|
northwind-cabs|Galewind Cabs|LLC|Transport|180|
homestead-telecom|Homestead Ridge Telecom|Inc.|Telecom|520|
barleycorn-agri|Barleycorn AgriTech|Inc.|Agriculture|31|
gullwing-seafood|Gullwing Seafood|LLC|Fishery|85|
pawprint-care|Pawprint Row Care|LLC|Retail|63|
kilnhouse|Kilnhouse Craft|LLC|Manufacturing|16|
foxglove-legal|Foxglove Legal|LLP|Services|92|
meridian-row|Meridian Row Consulting|LLC|Services|265|
"""


def _company(line: str) -> Company:
    key, name, form, industry, employees, parent = line.split("|")
    return Company(key, name, f"{name}, {form}", None, industry, int(employees), parent or None)


COMPANIES: Final[Sequence[Company]] = [_company(line) for line in _TABLE.strip().splitlines()]
