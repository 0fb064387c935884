"""Text typed for the TCVN3 (ABC) and VNI fonts of the time before Unicode, read as the letters that were meant. Pure.

Used to tell such text from noise; it is refused, not converted, because capitals of TCVN3 live in the font alone.
Sources of the tables: TCVN 5712:1993, VN3, and the VNI-Windows code page.
"""

import re

_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢§£¤¥¦",
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
)
_VNI_SINGLE = {"ñ": "đ", "Ñ": "Đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
# The letter after a vowel says which marks the vowel carries: combining circumflex, breve and tones.
_VNI_MARKS = {
    "ù": "\u0301",
    "ø": "\u0300",
    "û": "\u0309",
    "õ": "\u0303",
    "ï": "\u0323",
    "â": "\u0302",
    "á": "\u0302\u0301",
    "à": "\u0302\u0300",
    "å": "\u0302\u0309",
    "ã": "\u0302\u0303",
    "ä": "\u0323\u0302",
    "ê": "\u0306",
    "é": "\u0306\u0301",
    "è": "\u0306\u0300",
    "ú": "\u0306\u0309",
    "ü": "\u0306\u0303",
    "ë": "\u0323\u0306",
}
_VNI_PAIR = re.compile(f"([aeouyơư])([{''.join(_VNI_MARKS)}])", re.IGNORECASE)
_VNI_LONE = re.compile(f"[{''.join(_VNI_SINGLE)}]")


def from_tcvn3(text: str) -> str:
    """`text`, seen as Latin-1 letters, with the letters that an ABC font would have shown."""
    return text.translate(_TCVN3)


def from_vni(text: str) -> str:
    """`text`, seen as Latin-1 letters, with the letters that a VNI font would have shown; marks are decomposed."""
    return _VNI_PAIR.sub(_vni_pair, _VNI_LONE.sub(lambda match: _VNI_SINGLE[match[0]], text))


def _vni_pair(match: re.Match[str]) -> str:
    return match[1] + _VNI_MARKS[match[2].lower()]
