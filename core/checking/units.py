"""Units of measure and number words of both languages, in folded spelling."""

from collections.abc import Mapping

from core.checking.terms import listed
from core.folding import fold

Family = Mapping[str, float]

_NAMES: Mapping[str, str] = {
    "minute": "phut minute minutes min mins",
    "second": "giay second seconds",
    "millisecond": "ms mili_giay milliseconds millisecond",
    "hour": "gio tieng hour hours h g hrs",
    "day": "ngay hom day days",
    "night": "dem night nights",
    "week": "tuan week weeks",
    "month": "thang month months",
    "quarter": "quy quarter quarters",
    "year": "nam year years",
    "percent": "% percent per_cent phan_tram pct",
    "vnd": "dong vnd d vnđ dongs",
    "eur": "eur euro euros €",
    "usd": "usd $ dollar dollars",
    "time": "lan times",
    "person": "nguoi persons people staff employees",
    "character": "ky_tu kytu characters character chars",
    "point": "diem points point",
    "step": "buoc steps step",
    "shift": "ca kip shifts shift",
    "set": "bo sets set",
    "article": "dieu article",
    "clause": "khoan clause",
    "section": "section phan",
    "chapter": "chuong chapter",
    "annex": "phu_luc annex appendix",
    "page": "trang page pages",
    "floor": "tang lau floor floors",
    "level": "bac level levels muc hang",
    "extension": "may_le so_noi_bo extension ext",
    "watt": "w",
    "kilowatt": "kw",
    "megawatt": "mw",
    "kva": "kva",
    "kilowatt hour": "kwh",
    "volt": "v vdc vac volt volts",
    "ampere": "ampe ampere amps",
    "metre": "m met metre metres meter meters",
    "millimetre": "mm",
    "centimetre": "cm",
    "kilometre": "km kilometre kilometres kilometer cay_so",
    "mile": "nm hai_ly",
    "foot": "ft feet",
    "gram": "gam gram grams",
    "kilogram": "kg kilogram ky",
    "tonne": "tan tonne tonnes tons",
    "litre": "lit litre litres liter l",
    "hertz": "hz",
    "kilohertz": "khz",
    "megahertz": "mhz",
    "gigahertz": "ghz",
    "decibel": "db dbm dbi",
    "celsius": "c °c do_c oc degrees degree do",
    "megabyte": "mb",
    "gigabyte": "gb",
    "terabyte": "tb",
    "ohm": "ohm ohms",
    "bar": "bar",
}
UNITS: Mapping[str, str] = {name.replace("_", " "): unit for unit, names in _NAMES.items() for name in names.split()}
"""The unit that a word, or two words, name."""

SPELLINGS: Mapping[str, frozenset[str]] = {
    fold(word.split()[0]): listed(word)
    for word in (
        "đồng", "đêm", "ca", "bộ", "trang", "bậc", "tầng", "tháng", "quý", "khoản", "hôm", "lầu", "giờ", "năm", "phần",
        "mức mục", "độ", "lần", "ký kỳ", "kíp", "hạng", "điểm", "bước", "chương", "tấn",
    )
}  # fmt: skip
"""How Vietnamese units are spelt with their marks: "dòng" is a line and no money, "quỹ" a fund and no quarter."""

FAMILIES: tuple[Family, ...] = (
    {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "millisecond": 1e-3},
    {"month": 1, "quarter": 3, "year": 12},
    {"watt": 1, "kilowatt": 1e3, "megawatt": 1e6},
    {"millimetre": 1, "centimetre": 10, "metre": 1e3, "kilometre": 1e6},
    {"gram": 1, "kilogram": 1e3, "tonne": 1e6},
    {"hertz": 1, "kilohertz": 1e3, "megahertz": 1e6, "gigahertz": 1e9},
    {"megabyte": 1, "gigabyte": 1e3, "terabyte": 1e6},
)
"""Units that are turned into each other, with what one of them is worth."""

DURATION = frozenset({*FAMILIES[0], *FAMILIES[1], "night"})
"""Units of time."""
CURRENCIES = frozenset({"vnd", "usd", "eur"})
MEASURED = frozenset(
    {
        "kilohertz",
        "megahertz",
        "gigahertz",
        "kilowatt",
        "volt",
        "ampere",
        "metre",
        "kilometre",
        "mile",
        "decibel",
        "percent",
    }
)
"""Units of numbers that may have three decimals: 118,125 MHz."""
LABELS = frozenset({"article", "clause", "section", "chapter", "annex", "page", "floor", "level", "extension"})
"""What stands before its number: Article 6, tầng 3."""
LABELLED = LABELS | {"shift", "step"}
COUNTED = frozenset({"step", "time", "shift", "set", "person", ""})
"""What an answer may count by itself: "three steps"."""
MULTIPLIERS: Mapping[str, float] = {
    "nghin": 1e3, "ngan": 1e3, "k": 1e3, "thousand": 1e3, "trieu": 1e6, "tr": 1e6, "million": 1e6, "mil": 1e6,
    "ty": 1e9, "ti": 1e9, "billion": 1e9,
}  # fmt: skip
NUMBER_WORDS: Mapping[str, float] = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8,
    "chín": 9, "mười": 10, "nửa": 0.5,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "both": 2, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "half": 0.5, "mot": 1, "bon": 4, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
}  # fmt: skip
CLEAR_NUMBER_WORDS = listed(
    """
    hai ba bốn sáu bảy tám chín mười two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    """
)
"""Those that are numbers wherever they stand."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


_BASES = {unit: (size, next(iter(family))) for family in FAMILIES for unit, size in family.items()}


def in_base(value: float, unit: str) -> tuple[float, str]:
    """An amount in the smallest unit of its family, so that 24 months and 2 years are one."""
    size, base = _BASES.get(unit, (1.0, unit))
    return value * size, base


def base_of(unit: str) -> str:
    """The smallest unit of its family."""
    return _BASES.get(unit, (1.0, unit))[1]
