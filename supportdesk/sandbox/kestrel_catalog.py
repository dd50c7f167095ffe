"""What the pretend outdoor shop sells: plain rows of products. How they become a store is in `kestrel`."""

from __future__ import annotations

from typing import Final, NamedTuple


class Ware(NamedTuple):
    """A product and its options."""

    code: str
    """The middle of its SKUs: `KO-CODE-COLOUR-SIZE`."""
    title: str
    kind: str
    """Product type."""
    price: str
    colours: str
    """Letters of `COLOURS`; '' for one colour."""
    sizes: str
    """A name of `SIZES`; '' for one size."""


COLOURS: Final = {
    "b": ("Black", "BLK"),
    "m": ("Moss", "MOS"),
    "n": ("Navy", "NVY"),
    "s": ("Slate", "SLT"),
    "r": ("Rowan", "RWN"),
    "o": ("Ochre", "OCH"),
    "h": ("Heather", "HTH"),
    "k": ("Stone", "STN"),
    "l": ("Loch", "LCH"),
    "f": ("Fern", "FRN"),
}
SIZES: Final = {
    "wear": ("XS", "S", "M", "L", "XL"),
    "wide": ("S", "M", "L", "XL", "XXL"),
    "shoe": ("UK 5", "UK 6", "UK 7", "UK 8", "UK 9", "UK 10", "UK 11"),
    "hand": ("S", "M", "L"),
    "sock": ("UK 3-5", "UK 6-8", "UK 9-11"),
    "kids": ("5-6", "7-8", "9-10", "11-12"),
    "litre": ("20 L", "30 L", "45 L"),
    "dry": ("2 L", "5 L", "10 L", "20 L"),
    "rope": ("30 m", "50 m", "60 m"),
    "bottle": ("500 ml", "750 ml", "1 L"),
    "length": ("Regular", "Long"),
    "gas": ("100 g", "230 g", "450 g"),
}

_LINES: Final = """
JKT-FELL | Fellside waterproof jacket | Jackets | 165.00 | bmnr | wear
JKT-CORR | Corrie down jacket | Jackets | 190.00 | bnor | wear
JKT-BURN | Burnside softshell | Jackets | 110.00 | bsm | wear
JKT-SKER | Skerry windshirt | Jackets | 75.00 | bol | wear
JKT-TARN | Tarn insulated gilet | Jackets | 85.00 | bnm | wear
JKT-HAAR | Haar rain cape | Jackets | 60.00 | sf | hand
JKT-KIDS | Puddle kids' rain jacket | Kids | 48.00 | rlo | kids
JKT-CAIR | Cairn three-season parka | Jackets | 220.00 | bmk | wide
FLC-BRAE | Brae half-zip fleece | Fleece | 55.00 | bnmh | wear
FLC-MOOR | Moorland full-zip fleece | Fleece | 70.00 | snr | wear
FLC-GLEN | Glen hooded fleece | Fleece | 78.00 | bml | wear
FLC-KIDS | Burrow kids' fleece | Kids | 32.00 | ofl | kids
BAS-MERI | Merino crew base layer | Base layers | 62.00 | bnh | wear
BAS-MERZ | Merino zip-neck base layer | Base layers | 72.00 | bsm | wear
BAS-LEGG | Merino leggings | Base layers | 58.00 | b | wear
BAS-SYNT | Quickdry long-sleeve tee | Base layers | 34.00 | bnfo | wear
TEE-PEAK | Summit print tee | Tops | 26.00 | bkl | wide
TEE-KEST | Kestrel logo tee | Tops | 24.00 | bknr | wide
SHT-DRAM | Drystone flannel shirt | Tops | 58.00 | rmn | wide
SHT-TREK | Trekker sun shirt | Tops | 52.00 | kfl | wear
TRS-RIDG | Ridgeway walking trousers | Trousers | 78.00 | bsk | wide
TRS-CRAG | Cragside climbing trousers | Trousers | 84.00 | bmo | wide
TRS-OVER | Packable overtrousers | Trousers | 55.00 | b | wide
TRS-ZIPO | Zip-off trekking trousers | Trousers | 72.00 | ks | wide
SHO-TRAI | Trailhead shorts | Trousers | 44.00 | bkf | wide
SKT-MOOR | Moorland skort | Trousers | 46.00 | bnh | wear
JKT-FELW | Fellside waterproof jacket, women's | Jackets | 165.00 | bmnr | wear
JKT-CORW | Corrie down jacket, women's | Jackets | 190.00 | bnor | wear
JKT-BURW | Burnside softshell, women's | Jackets | 110.00 | bsm | wear
JKT-SKEW | Skerry windshirt, women's | Jackets | 75.00 | bol | wear
FLC-BRAW | Brae half-zip fleece, women's | Fleece | 55.00 | bnmh | wear
FLC-MOOW | Moorland full-zip fleece, women's | Fleece | 70.00 | snr | wear
FLC-GLEW | Glen hooded fleece, women's | Fleece | 78.00 | bml | wear
BAS-MERW | Merino crew base layer, women's | Base layers | 62.00 | bnh | wear
BAS-MEZW | Merino zip-neck base layer, women's | Base layers | 72.00 | bsm | wear
BAS-SYNW | Quickdry long-sleeve tee, women's | Base layers | 34.00 | bnfo | wear
TEE-PEAW | Summit print tee, women's | Tops | 26.00 | bkl | wear
TEE-KESW | Kestrel logo tee, women's | Tops | 24.00 | bknr | wear
SHT-DRAW | Drystone flannel shirt, women's | Tops | 58.00 | rmn | wear
SHT-TREW | Trekker sun shirt, women's | Tops | 52.00 | kfl | wear
TRS-RIDW | Ridgeway walking trousers, women's | Trousers | 78.00 | bsk | wear
TRS-CRAW | Cragside climbing trousers, women's | Trousers | 84.00 | bmo | wear
TRS-ZIPW | Zip-off trekking trousers, women's | Trousers | 72.00 | ks | wear
TRS-LEGG | Trail leggings | Trousers | 56.00 | bnm | wear
SHO-TRAW | Trailhead shorts, women's | Trousers | 44.00 | bkf | wear
BTS-FELW | Fellside leather boots, women's | Footwear | 175.00 | kb | shoe
BTS-MIDW | Pathfinder mid boots, women's | Footwear | 135.00 | sm | shoe
SHO-RUNW | Fleetfoot trail runners, women's | Footwear | 105.00 | bl | shoe
BTS-FELL | Fellside leather boots | Footwear | 175.00 | kb | shoe
BTS-MIDI | Pathfinder mid boots | Footwear | 135.00 | sm | shoe
BTS-WINT | Snowline winter boots | Footwear | 160.00 | b | shoe
SHO-APPR | Scramble approach shoes | Footwear | 115.00 | so | shoe
SHO-RUNN | Fleetfoot trail runners | Footwear | 105.00 | bl | shoe
SND-RIVE | Riverside sandals | Footwear | 65.00 | bk | shoe
WEL-FARM | Steading wellingtons | Footwear | 55.00 | m | shoe
SOC-HIKE | Cushioned hiking socks | Socks | 16.00 | smnr | sock
SOC-LINE | Liner socks, two pairs | Socks | 14.00 | b | sock
SOC-MERI | Merino everyday socks | Socks | 18.00 | bhof | sock
SOC-KIDS | Kids' welly socks | Kids | 9.50 | ro | sock
GLV-WIND | Windproof gloves | Gloves | 32.00 | bs | hand
GLV-WOOL | Boiled wool mittens | Gloves | 28.00 | kn | hand
GLV-BELA | Leather belay gloves | Gloves | 36.00 |  | hand
HAT-BEAN | Ribbed merino beanie | Hats | 24.00 | bnomr |
HAT-CAPP | Five-panel cap | Hats | 26.00 | bkl |
HAT-BRIM | Wide-brim sun hat | Hats | 34.00 | kf | hand
HAT-TUBE | Merino neck tube | Hats | 19.00 | bnsoh |
HAT-BALA | Lightweight balaclava | Hats | 22.00 | b |
GAI-MUDG | Muddy lane gaiters | Accessories | 34.00 | bm | hand
BLT-WEBB | Webbing belt | Accessories | 16.00 | bk | hand
PCK-DAYS | Daybreak rucksack | Packs | 70.00 | bmnr | litre
PCK-TREK | Longmoor trekking pack | Packs | 145.00 | ms | length
PCK-CLIM | Cragside rope pack | Packs | 95.00 | bo |
PCK-RUNV | Running vest, 5 L | Packs | 72.00 | bl | hand
PCK-HIPB | Hip pack | Packs | 28.00 | bmo |
PCK-KIDS | Sparrow kids' rucksack | Kids | 30.00 | rlf |
PCK-DUFF | Expedition duffel | Packs | 85.00 | bno | litre
PCK-RAIN | Rucksack rain cover | Packs | 18.00 | bo | litre
DRY-ROLL | Roll-top dry bag | Packs | 12.50 | bor | dry
DRY-POUC | Waterproof phone pouch | Packs | 14.00 |  |
TNT-RIDG-3 | Ridge tent 3P | Tents | 320.00 | mo |
TNT-SOLO | Curlew solo tent | Tents | 210.00 | m |
TNT-FAMI | Homestead family tent 6P | Tents | 540.00 |  |
TNT-TARP | Lowland tarp 3 x 3 m | Tents | 85.00 | mk |
TNT-FOOT | Tent footprint | Tents | 38.00 |  | hand
TNT-PEGS | Alloy tent pegs, pack of 10 | Tents | 14.00 |  |
TNT-GUYL | Reflective guy line, 15 m | Tents | 9.00 | o |
TNT-REPA | Tent repair kit | Tents | 12.00 |  |
SLP-DOWN | Ptarmigan down sleeping bag | Sleeping | 260.00 | nr | length
SLP-SYNT | Lapwing synthetic sleeping bag | Sleeping | 120.00 | ml | length
SLP-KIDS | Wren kids' sleeping bag | Kids | 58.00 | ro |
SLP-LINE | Cotton sleeping bag liner | Sleeping | 26.00 | k | length
SLP-SILK | Silk sleeping bag liner | Sleeping | 54.00 |  |
SLP-MATS | Self-inflating mat | Sleeping | 68.00 | s | length
SLP-FOAM | Folding foam mat | Sleeping | 29.00 | bf |
SLP-AIRM | Ultralight air mat | Sleeping | 115.00 | o | length
SLP-PILL | Inflatable pillow | Sleeping | 18.00 | sn |
SLP-HAMM | Woodland hammock | Sleeping | 64.00 | mf |
STV-WOOD | Folding twig stove | Cooking | 42.00 |  |
STV-ALCO | Spirit stove set | Cooking | 58.00 |  |
GAS-CART | Gas cartridge | Cooking | 7.50 |  | gas
COO-POTS | Two-pan cookset | Cooking | 44.00 |  |
COO-KETT | Camp kettle 0.9 L | Cooking | 26.00 | bo |
COO-PANN | Folding-handle frying pan | Cooking | 28.00 |  |
COO-SPOR | Titanium spork | Cooking | 9.00 | sol |
COO-CUTL | Cutlery set | Cooking | 11.00 |  |
COO-BOWL | Collapsible bowl | Cooking | 10.00 | bof |
COO-COFF | Pour-over coffee dripper | Cooking | 19.00 |  |
COO-GRIL | Fire pit grill | Cooking | 36.00 |  |
COO-FIRE | Fire steel | Cooking | 13.00 | ko |
BOT-STEE | Steel water bottle | Hydration | 22.00 | bmnk | bottle
BOT-FLAS | Vacuum flask | Hydration | 32.00 | bm | bottle
BOT-SOFT | Soft flask | Hydration | 16.00 | l | bottle
BOT-BLAD | Hydration bladder 2 L | Hydration | 30.00 |  |
BOT-FILT | Squeeze water filter | Hydration | 38.00 |  |
BOT-TABS | Water purification tablets | Hydration | 8.00 |  |
MUG-STEE | Double-wall steel mug | Cooking | 16.00 | bk |
LGT-HEAD | Beacon headtorch 350 | Lighting | 42.00 | bo |
LGT-HEAR | Beacon headtorch 700, rechargeable | Lighting | 68.00 | b |
LGT-LANT | Hearth camp lantern | Lighting | 36.00 | mk |
LGT-STRI | String lights, 10 m | Lighting | 28.00 |  |
LGT-TORC | Pocket torch | Lighting | 19.00 | b |
NAV-COMP | Baseplate compass | Navigation | 24.00 |  |
NAV-CASE | Waterproof map case | Navigation | 17.00 |  |
NAV-WHIS | Safety whistle | Navigation | 4.50 | ro |
NAV-MAPL | Map: Langdale and Borrowdale 1:25,000 | Navigation | 13.00 |  |
NAV-MAPD | Map: Dark Peak 1:25,000 | Navigation | 13.00 |  |
NAV-MAPC | Map: Cairngorms 1:40,000 | Navigation | 15.00 |  |
NAV-MAPS | Map: Snowdonia North 1:25,000 | Navigation | 13.00 |  |
POL-TREK | Folding trekking poles, pair | Poles | 84.00 | bo |
POL-ALLO | Alloy walking pole | Poles | 32.00 | sr |
POL-TIPS | Pole tip protectors | Poles | 5.00 |  |
POL-BASK | Snow baskets | Poles | 6.50 |  |
CLB-HARN | Cragside harness | Climbing | 62.00 | bo | hand
CLB-HELM | Scree helmet | Climbing | 58.00 | sor | hand
CLB-BELA | Belay device | Climbing | 27.00 | sl |
CLB-KARA | Locking karabiner | Climbing | 12.50 | sro |
CLB-QUIC | Quickdraw, 12 cm | Climbing | 17.00 | sl |
CLB-CHAL | Chalk bag | Climbing | 19.00 | bhf |
CLB-CHLK | Loose chalk 200 g | Climbing | 8.00 |  |
CLB-SLIN | Sewn sling 120 cm | Climbing | 9.50 | or |
CLB-ROPD | Dynamic rope 9.8 mm | Climbing | 130.00 | lo | rope
AID-KITS | First aid kit, walker | Safety | 24.00 |  |
AID-KITE | First aid kit, expedition | Safety | 62.00 |  |
AID-BLAN | Foil survival bag | Safety | 6.00 | o |
AID-BLIS | Blister plasters | Safety | 7.00 |  |
AID-TICK | Tick remover | Safety | 5.00 |  |
AID-SUNC | Sun cream SPF 50, 100 ml | Safety | 12.00 |  |
AID-MIDG | Midge repellent | Safety | 9.00 |  |
CAR-WAXX | Boot wax | Care | 8.50 |  |
CAR-PROO | Wash-in proofer 300 ml | Care | 12.00 |  |
CAR-WASH | Tech wash 1 L | Care | 14.00 |  |
CAR-DOWN | Down wash 300 ml | Care | 11.00 |  |
CAR-LACE | Round boot laces 150 cm | Care | 5.50 | bk |
CAR-SOLE | Cushioned insoles | Care | 24.00 |  | shoe
ACC-MULT | Pocket multi-tool | Accessories | 45.00 | bk |
ACC-KNIF | Folding knife | Accessories | 38.00 | rm |
ACC-TOWE | Travel towel | Accessories | 18.00 | nol | hand
ACC-CORD | Utility cord 10 m | Accessories | 6.00 | om |
ACC-STRA | Lashing straps, pair | Accessories | 9.00 | b |
ACC-STIC | Kestrel sticker set | Accessories | 4.00 |  |
ACC-CHAI | Camp chair | Accessories | 74.00 | bmo |
ACC-TABL | Roll-up camp table | Accessories | 66.00 |  |
ACC-PATC | Woven patch | Accessories | 5.00 |  |
DOG-LEAD | Trail dog lead | Dogs | 22.00 | om |
DOG-COAT | Rainy day dog coat | Dogs | 38.00 | rn | hand
DOG-BOWL | Folding dog bowl | Dogs | 12.00 | ol |
DOG-HARN | Dog harness | Dogs | 34.00 | bo | hand
KID-BUGV | Bug viewer | Kids | 9.00 |  |
KID-BINO | Pocket binoculars | Kids | 24.00 | mo |
BKS-WILD | Book: A year of wild camps | Books | 18.00 |  |
BKS-KNOT | Book: Twenty useful knots | Books | 12.00 |  |
BKS-FORA | Book: Hedgerow foraging | Books | 14.00 |  |
"""

WARES: Final = tuple(
    Ware(*(cell.strip() for cell in line.split("|"))) for line in _LINES.strip().splitlines()
)
