"""What the administrators' chat is shown: proposed corrections, what became of them, and what goes wrong.

And what goes back into the conversation once a correction is accepted. One message each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bots.telegram.escaping import ELLIPSIS, one_line, quieted, seen, units, whole
from bots.telegram.ids import user_of
from bots.telegram.runs import BOLD, CLOSED, CODE, ITALIC, LINK, QUOTE, Run, Tag, html, packed, plainly
from core.surfaces import Part
from core.texts import translate

QUESTION_TEXT, ANSWER_TEXT, CORRECTION_TEXT = 300, 400, 2_500
"""UTF-16 units that these get on a card; no correction is longer, so that whoever decides reads all of it."""
DETAIL_TEXT = 800
KIND_TEXT = 300
SHOWN_IDS = 10
"""Question ids that an alarm names."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction with what it corrects. `by` are the ids of the person who proposes it."""

    question: str
    answer: str
    correction: str
    by: Sequence[str]


def correction_card(language: str, proposal: Proposal, verdict: str = "") -> Part:
    """A proposed correction for those who decide; `verdict` is what became of it."""
    told = [
        *_titled(translate(language, "telegram.card_title")),
        *_told(language, "telegram.card_question", proposal.question, QUESTION_TEXT),
        *_told(language, "telegram.card_answer", proposal.answer, ANSWER_TEXT),
        *_told(language, "telegram.card_correction", proposal.correction, CORRECTION_TEXT),
        Run("\n" + translate(language, "telegram.card_from") + " "),
        _named(proposal.by),
    ]
    return _part([*told, Run(f"\n\n{verdict}", (ITALIC,))] if verdict else told)


def accepted_note(language: str, correction: str) -> Part:
    """What is said under the answer once a correction of it is accepted."""
    title = _titled(translate(language, "telegram.note_accepted"))
    return _part([*title, Run(fitted(correction, CORRECTION_TEXT), (QUOTE,))])


def alarm_card(language: str, kind: str, count: int, question_ids: Sequence[str], detail: str) -> Part:
    """One message for all errors of a kind: how often, in which questions, and what was said of it.

    A detail that is nothing but a number, the id of a chat, can be copied by a tap.
    """
    told = _titled(translate(language, "telegram.alarm", kind=one_line(kind, KIND_TEXT), count=count))
    if question_ids:
        shown = ", ".join([*question_ids[:SHOWN_IDS], *([ELLIPSIS] if len(question_ids) > SHOWN_IDS else [])])
        told.append(Run(translate(language, "telegram.alarm_questions") + f" {shown}\n"))
    style = CODE if detail.removeprefix("-").isdecimal() else QUOTE
    return _part([*told, Run(fitted(detail, DETAIL_TEXT), (style,))] if detail.strip() else told)


def name_of(ids: Sequence[str]) -> str:
    """What a person is called: by their id on Telegram where they have one."""
    best = next((each for each in ids if user_of(each) is not None), ids[0] if ids else "")
    surface, _, bare = best.partition(":")
    return f"{bare} ({surface.capitalize()})" if bare else best or ELLIPSIS


def _named(ids: Sequence[str]) -> Run:
    user = next((user for each in ids if (user := user_of(each)) is not None and user > 0), None)
    style = (Tag(LINK, f"tg://user?id={user}"),) if user is not None else ()
    return Run(name_of(ids), style)


def fitted(text: str, limit: int) -> str:
    """The text with nothing live in it, of at most `limit` UTF-16 units; what is cut ends in an ellipsis."""
    shown = seen(text).strip()
    room = limit
    while units(quieted(shown)) > limit:
        room = min(room, len(shown)) - max(1, (units(quieted(shown)) - limit) // 2)
        shown = shown[: whole(shown, max(room, 0))].rstrip() + ELLIPSIS
    return shown


def _titled(title: str) -> list[Run]:
    return [Run(title, (BOLD,)), Run("\n\n")]


def _told(language: str, label: str, text: str, limit: int) -> list[Run]:
    """A label in bold, and below it the text as a quotation."""
    shown = fitted(text, limit) or ELLIPSIS
    return [Run(translate(language, label), (BOLD,)), Run("\n"), Run(shown, (QUOTE,)), Run("\n")]


def _part(runs: Iterable[Run]) -> Part:
    """Nothing is live but the links to people, which are ours.

    Addresses are taken apart and not made code: of more than a hundred tags Telegram ignores some.
    """
    quieter = [run if _is_closed(run) else Run(quieted(run.text), run.style) for run in runs]
    whole_text = packed((run.text, run.style) for run in quieter)
    return Part(html(whole_text), plainly(Run(run.text) if _is_link(run) else run for run in whole_text))


def _is_closed(run: Run) -> bool:
    return any(tag.name in CLOSED for tag in run.style)


def _is_link(run: Run) -> bool:
    return any(tag.name == LINK for tag in run.style)
