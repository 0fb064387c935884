"""Corrections: what a reader writes into the window about an answer, and what an administrator decides about it.

Both are durable before Slack is told that they came.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from bots.reading import Payload, mapping, word
from bots.slack import controls, views
from bots.slack.api import Refused, SlackApi
from bots.slack.cards import Card, Proposal, correction_card, decided_card, mention, withdrawn_card
from bots.slack.clicks import Click, click_of
from bots.slack.escaping import escape
from bots.slack.identity import Identity
from bots.slack.ids import SURFACE, person_of, user_of
from bots.slack.telling import Telling
from bots.slack.votes import Place
from core.clock import Clock
from core.corrections import Correction, Corrections, CorrectionState
from core.errors import SotayError, StoreError
from core.feedback import FeedbackBook
from core.store.journal import Journal
from core.store.threads import ThreadBook
from core.surfaces import SurfaceError
from core.texts import translate

log = logging.getLogger(__name__)

_PERSON = re.compile(rf"{SURFACE}:[UW][A-Z0-9]{{1,30}}")

DECIDED = {
    CorrectionState.ACCEPTED: "slack.decision_accepted",
    CorrectionState.REJECTED: "slack.decision_rejected",
    CorrectionState.WITHDRAWN: "slack.decision_withdrawn",
}
"""What is said to who comes too late with a decision, by what the correction is now."""


Problems = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Explained:
    """A window that came back and was stored."""

    user: str
    place: Place
    has_correction: bool


@dataclass(frozen=True, slots=True)
class Explanations:
    """The windows that ask why an answer is not good. `proposed` is called when there is something to decide."""

    feedback: FeedbackBook
    corrections: Corrections
    telling: Telling
    clock: Clock
    proposed: Callable[[], None]

    async def keep(self, body: Payload) -> Explained | Problems | None:
        """Stores the reason, the correction and the vote that goes with them. Raises StoreError.

        `{"errors": ...}` where something is wrong with them, and nothing was stored: sentences by the block they
        stand under. None for a window that is none of ours.
        """
        user, view = word(mapping(body.get("user")).get("id")), mapping(body.get("view"))
        try:
            target = views.read_target(view)
        except ValueError as error:
            log.warning("a window that is none of ours: %s", error)
            return None
        place, (reason, correction) = Place.of(target.place), views.read_reason(view)
        language = await self.telling.language(user, place.language)
        if problem := problem_of(view, reason, correction, language):
            return {"errors": problem}
        try:
            await self._store(target.answer_id, person_of(user), reason, correction)
        except StoreError:
            raise
        except SotayError as error:
            return {"errors": {views.REASON: error.text(language)}}
        return Explained(user, place, has_correction=bool(correction))

    async def _store(self, answer_id: str, person: str, reason: str, correction: str) -> None:
        """All of it may be done again: a correction takes the place of the same person's last one."""
        given = await self.feedback.given(answer_id, person)
        if given is None or given.vote != controls.DOWN:
            await self.feedback.vote(answer_id, person, controls.DOWN)
        if reason:
            await self.feedback.explain(answer_id, person, reason)
        if correction:
            await self.corrections.propose(answer_id, person, correction, self.clock.now())

    async def after(self, _body: Payload, explained: Explained | None) -> None:
        """Says thanks, and has the administrators told."""
        if explained is None:
            return
        if explained.has_correction:
            self.proposed()
        language = await self.telling.language(explained.user, explained.place.language)
        said = "slack.correction_thanks" if explained.has_correction else "slack.reason_thanks"
        text = escape(translate(language, said))
        await self.telling.show(explained.place.channel, explained.user, text, explained.place.thread_ts)


def problem_of(view: Payload, reason: str, correction: str, language: str) -> dict[str, str]:
    """What is wrong with what was filled in, by block; empty where nothing is."""
    values = mapping(mapping(view.get("state")).get("values"))
    written = word(mapping(mapping(values.get(views.CORRECTION)).get(views.VALUE)).get("value"))
    if len(written.strip()) > views.CORRECTION_TEXT:
        return {views.CORRECTION: translate(language, "slack.correction_too_long", limit=views.CORRECTION_TEXT)}
    if not (reason or correction):
        return {views.REASON: translate(language, "slack.reason_missing")}
    return {}


@dataclass(frozen=True, slots=True)
class Cards:
    """A correction as a card, with the question and the answer that it is about, in the office's language."""

    threads: ThreadBook
    journal: Journal
    language: str
    timezone: tzinfo
    identity: Identity

    async def card(self, correction: Correction) -> Card:
        """Raises StoreError, and ValueError for a person who is not of Slack."""
        proposal = await self._proposal(correction)
        match correction.state:
            case CorrectionState.PROPOSED:
                return correction_card(self.language, proposal, correction.id)
            case CorrectionState.WITHDRAWN:
                return withdrawn_card(self.language, proposal)
        moment = correction.decided_at or correction.proposed_at
        return decided_card(
            self.language,
            proposal,
            decided_by=self.decider(correction),
            when=moment.astimezone(self.timezone).strftime("%d/%m/%Y %H:%M"),
            is_accepted=correction.state is CorrectionState.ACCEPTED,
        )

    def decider(self, correction: Correction) -> str:
        """The user id of who decided; ours where that has been forgotten."""
        by = correction.decided_by or ""
        return user_of(by) if _PERSON.fullmatch(by) else self.identity.user

    async def _proposal(self, correction: Correction) -> Proposal:
        asked = await self.threads.question_by_answer(correction.answer_id)
        answer = await self.journal.answer(correction.answer_id)
        question = asked.text if asked else answer.query if answer else ""
        return Proposal(question, answer.text if answer else "", correction.text, user_of(correction.person))


def is_of_slack(correction: Correction) -> bool:
    """Whether a person of this surface proposed it."""
    return _PERSON.fullmatch(correction.person) is not None


@dataclass(frozen=True, slots=True)
class Decision:
    """A click on Accept or Reject. `correction` is as it stands now; `is_new`: this click has decided it."""

    click: Click
    is_allowed: bool
    correction: Correction | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """The administrators' words on corrections. `decided` is called when there is something to carry out."""

    corrections: Corrections
    cards: Cards
    telling: Telling
    api: SlackApi
    clock: Clock
    is_administrator: Callable[[str], bool]
    decided: Callable[[], None]

    async def keep(self, body: Payload) -> Decision | None:
        """Stores the decision of an administrator; None for a click that is none. Raises StoreError."""
        click = click_of(body)
        if click is None or click.action_id not in {controls.ACCEPT, controls.REJECT}:
            return None
        if not self.is_administrator(click.person):
            log.warning("%s is no administrator and decides nothing", click.person)
            return Decision(click, is_allowed=False)
        accept, now = click.action_id == controls.ACCEPT, self.clock.now()
        done = await self.corrections.decide(click.value, click.person, accept=accept, now=now)
        found = done or await self.corrections.get(click.value)
        return Decision(click, is_allowed=True, correction=found, is_new=done is not None)

    async def after(self, _body: Payload, decision: Decision | None) -> None:
        """Shows the decision on the card, and to who comes too late, what was decided and by whom."""
        if decision is None:
            return
        click, correction = decision.click, decision.correction
        if decision.is_new:
            self.decided()
        language = await self.telling.language(click.user)
        if not decision.is_allowed or correction is None:
            said = "slack.decision_gone" if decision.is_allowed else "slack.only_administrators"
            await self._say(click, escape(translate(language, said)))
            return
        if not decision.is_new and correction.state in DECIDED:
            who = mention(self.cards.decider(correction))
            await self._say(click, translate(language, DECIDED[correction.state], who=who))
        await self._redraw(click, correction)

    async def _redraw(self, click: Click, correction: Correction) -> None:
        """The card as it stands now; where this fails, the next click on it does it."""
        try:
            card = await self.cards.card(correction)
            content = {"text": card.text, "blocks": card.blocks, "parse": "none"}
            await self.api.call_with("chat.update", {"channel": click.channel, "ts": click.ts, **content})
        except (Refused, SurfaceError, StoreError, ValueError) as error:
            log.warning("the card of correction %s is not up to date: %s", correction.id, error)

    async def _say(self, click: Click, text: str) -> None:
        await self.telling.show(click.channel, click.user, text, click.thread_ts)
