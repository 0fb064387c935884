"""What people typed, as Telegram delivers it: text and entities, whose offsets count UTF-16 code units."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bots.reading import Payload, items, mapping, word
from bots.telegram.ids import Account

MOST = 2**62
"""No id of Telegram's is larger: they have 52 bits at most."""
_COMMAND = re.compile(r"/([a-z0-9_]+)(?:@(\w+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """An entity: the stretch of text that it covers, in code units, and what it is. `user` is whom it mentions."""

    kind: str
    start: int
    end: int
    covers: str
    user: int | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """A text with its entities, those that make sense, in order and without overlaps."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a message opens with: `name` in lower case without the slash, and the rest, plain."""

    name: str
    arguments: str
    is_ours: bool = True


def whole(value: object) -> int | None:
    """The value where it is a whole number that may be an id, else None."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if -MOST < value < MOST else None


def clean(text: str) -> str:
    """The text as every database takes it: without NUL signs and halves of signs; its length stays."""
    return text.replace("\0", " ").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def typed(told: Payload) -> Typed:
    """The text of a message, or its caption."""
    has_text = bool(word(told.get("text")))
    text = clean(word(told.get("text")) or word(told.get("caption")))
    entities = items(told.get("entities" if has_text else "caption_entities"))
    return Typed(text, tuple(_apart(_marks(text, entities))))


def _marks(text: str, entities: Iterable[Payload]) -> Iterator[Mark]:
    units = text.encode("utf-16-le")
    for entity in entities:
        start, length = whole(entity.get("offset")), whole(entity.get("length"))
        if start is None or length is None or start < 0 or length <= 0 or 2 * (start + length) > len(units):
            continue
        covers = units[2 * start : 2 * (start + length)].decode("utf-16-le", "replace")
        user = whole(mapping(entity.get("user")).get("id"))
        yield Mark(word(entity.get("type")), start, start + length, covers, user, clean(word(entity.get("url"))))


def _apart(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Those that matter here; of two that overlap the first."""
    end = 0
    wanted = (mark for mark in marks if mark.kind in {"mention", "text_mention", "text_link", "bot_command"})
    for mark in sorted(wanted, key=lambda mark: mark.start):
        if mark.start >= end:
            end = mark.end
            yield mark


def is_of(mark: Mark, us: Account) -> bool:
    """Whether the entity mentions us, by name or by account."""
    if mark.kind == "mention":
        return us.username != "" and mark.covers.lower() == f"@{us.username.lower()}"
    return mark.kind == "text_mention" and mark.user == us.id


def mentions(said: Typed, us: Account) -> bool:
    """Whether the text mentions us."""
    return any(is_of(mark, us) for mark in said.marks)


def opens_with_another(said: Typed, us: Account) -> bool:
    """Whether the text opens by addressing somebody else."""
    return any(
        mark.kind in {"mention", "text_mention"} and not is_of(mark, us) and not _before(said.text, mark).strip()
        for mark in said.marks
    )


def _before(text: str, mark: Mark) -> str:
    return text.encode("utf-16-le")[: 2 * mark.start].decode("utf-16-le", "replace")


def plain(said: Typed, us: Account) -> str:
    """The text as its author sees it, without the mentions of us; links that hide behind words are told."""
    return _squeezed(_shown(said.text, said.marks, us))


def command_of(said: Typed, us: Account) -> Command | None:
    """The command that the text opens with, ours or another bot's; None where it opens with none."""
    first = said.marks[0] if said.marks else None
    if first is None or first.kind != "bot_command" or first.start != 0:
        return None
    named = _COMMAND.fullmatch(first.covers)
    if named is None:
        return None
    name, addressee = named.groups()
    rest = _shown(said.text, said.marks, us).removeprefix(first.covers)
    return Command(name.lower(), _squeezed(rest), addressee is None or addressee.lower() == us.username.lower())


def _shown(text: str, marks: Sequence[Mark], us: Account) -> str:
    units, pieces, end = text.encode("utf-16-le"), [], 0
    for mark in marks:
        pieces.append(units[2 * end : 2 * mark.start].decode("utf-16-le", "replace"))
        hidden = f" ({mark.url})" if mark.kind == "text_link" and mark.url not in {"", mark.covers} else ""
        pieces.append(" " if is_of(mark, us) else mark.covers + hidden)
        end = mark.end
    return "".join([*pieces, units[2 * end :].decode("utf-16-le", "replace")])


def _squeezed(text: str) -> str:
    return re.sub(r"[^\S\n]+", " ", text).strip()
