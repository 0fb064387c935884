"""Texts to people, from the gettext catalogues in `core/locales`.

Message ids are dotted names (`answer.not_found`); texts are `str.format` templates with named fields. A test holds
both catalogues to the same ids and the same fields.
"""

import functools
import gettext
from pathlib import Path

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("vi", "en")


@functools.cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; any other language than those of `LANGUAGES` reads English."""
    return gettext.translation("sotay", LOCALES, [language if language in LANGUAGES else "en"])


def translate(language: str, message_id: str, **facts: object) -> str:
    """The text of `message_id` in `language`, its fields filled with `facts`.

    Raises KeyError when the text names a field that `facts` lacks: the tests go through all of them.
    """
    template = catalogue(language).gettext(message_id)
    return template.format(**facts) if facts else template
