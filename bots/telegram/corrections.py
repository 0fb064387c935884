"""Why an answer is not good, what would be right, and what an administrator decides about that.

The reason comes by a button under our question why, the right answer by a reply to that question. To which answer it
belongs stands in the buttons, which come along with the reply: nothing has to be remembered for it.
"""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from bots.reading import Payload, items, mapping, word
from bots.telegram import controls, menus
from bots.telegram.addressing import Message
from bots.telegram.admission import Identities
from bots.telegram.cards import CORRECTION_TEXT, Proposal, correction_card, fitted, name_of
from bots.telegram.controls import Action, Pressed
from bots.telegram.escaping import seen
from bots.telegram.ids import SURFACE, chat_and_message
from bots.telegram.menus import Choice, Chosen
from bots.telegram.presses import After, Press, under, written_at
from bots.telegram.telling import Telling
from bots.telegram.typed import whole
from core.clock import Clock
from core.corrections import Correction, Corrections, CorrectionState
from core.errors import SotayError, StoreError
from core.feedback import FeedbackBook
from core.store.journal import Journal
from core.store.threads import OurMessage, ThreadBook
from core.surfaces import Part, SurfaceError
from core.texts import translate

log = logging.getLogger(__name__)

BAD = -1
DECIDED = {
    CorrectionState.ACCEPTED: "telegram.decision_accepted",
    CorrectionState.REJECTED: "telegram.decision_rejected",
    CorrectionState.WITHDRAWN: "telegram.decision_withdrawn",
}
"""What is said to who comes too late with a decision, by what the correction is now."""
VERDICTS = {CorrectionState.ACCEPTED: "telegram.card_accepted", CorrectionState.REJECTED: "telegram.card_rejected"}


@dataclass(frozen=True, slots=True)
class Explanations:
    """Reasons and right answers. `proposed` is called when there is something to decide, `bot` is our own user id."""

    feedback: FeedbackBook
    corrections: Corrections
    threads: ThreadBook
    telling: Telling
    clock: Clock
    bot: int
    proposed: Callable[[], None]

    async def reason(self, press: Press, pressed: Pressed) -> After | None:
        """Stores the reason, and the vote that goes with it. Raises StoreError."""
        ours = await self._answer_in(press.chat, pressed.id)
        try:
            if ours is not None:
                await self._explain(pressed.id, press, pressed.reason)
                return functools.partial(self._after_reason, press, pressed, ours.language)
        except StoreError:
            raise
        except SotayError as error:
            log.warning("a reason for an answer that has gone: %s", error)
        return functools.partial(self.telling.toast_text, press, "telegram.answer_gone")

    async def _explain(self, answer_id: str, press: Press, reason: str) -> None:
        person = await self.telling.person(press.user)
        given = await self.feedback.given(answer_id, person)
        if given is None or given.vote != BAD:
            await self.feedback.vote(answer_id, person, BAD, press.at)
        await self.feedback.explain(answer_id, person, reason)

    async def _after_reason(self, press: Press, pressed: Pressed, spoken: str | None) -> None:
        """Thanks; in private the question tells what was chosen. It keeps its buttons: by them a reply is known."""
        language = await self.telling.language(press.user, press.language_code, spoken)
        await self.telling.toast(press, translate(language, "telegram.reason_thanks"))
        if press.is_private:
            chosen = translate(language, f"telegram.reason_{pressed.reason}")
            text = translate(language, "telegram.reason_kept", reason=chosen)
            await self.telling.change(press, text, controls.reason_keyboard(language, pressed.id))

    async def reply(self, told: Payload, message: Message) -> After | None:
        """Stores the right answer, where the message replies to our question why; None where it does not.

        An edit of the reply takes the place of what it said before. Raises StoreError.
        """
        answer_id = self.asked_about(told)
        if answer_id is None or message.user is None:
            return None
        text = seen(message.said.text).strip()
        ours = await self._answer_in(message.spot.chat, answer_id)
        if ours is None:
            return functools.partial(self._say, message, "telegram.answer_gone", None)
        if not text:
            return functools.partial(self._say, message, "telegram.correction_is_text", ours.language)
        if len(fitted(text, CORRECTION_TEXT)) < len(text):
            return functools.partial(self._say, message, "telegram.correction_too_long", ours.language)
        return await self._propose(answer_id, message, text, ours)

    async def _propose(self, answer_id: str, message: Message, text: str, ours: OurMessage) -> After:
        """The same correction once more is the same update, delivered again."""
        person = await self.telling.person(message.user or 0)
        given = await self.feedback.given(answer_id, person)
        try:
            if given is None or given.vote != BAD:
                await self.feedback.vote(answer_id, person, BAD, written_at(message))
            if given is None or given.correction != text:
                await self.corrections.propose(answer_id, person, text, self.clock.now())
        except StoreError:
            raise
        except SotayError as error:
            log.warning("a correction of an answer that has gone: %s", error)
            return functools.partial(self._say, message, "telegram.answer_gone", ours.language)
        self.proposed()
        return functools.partial(self._say, message, "telegram.correction_thanks", ours.language)

    async def _say(self, message: Message, text_id: str, spoken: str | None) -> None:
        language = await self.telling.language(message.user or 0, message.language_code, spoken)
        limited = {"limit": CORRECTION_TEXT} if text_id == "telegram.correction_too_long" else {}
        await self.telling.say(under(message), translate(language, text_id, **limited))

    def asked_about(self, told: Payload) -> str | None:
        """The id of the answer of which the message that is replied to asks why; None for any other message."""
        replied = mapping(told.get("reply_to_message"))
        if whole(mapping(replied.get("from")).get("id")) != self.bot:
            return None
        rows = mapping(replied.get("reply_markup")).get("inline_keyboard")
        first = items(rows[0])[:1] if isinstance(rows, list) and rows else []
        try:
            pressed = controls.read(word(first[0].get("callback_data")) if first else "")
        except ValueError:
            return None
        return pressed.id if pressed.action is Action.REASON else None

    async def _answer_in(self, chat: int, answer_id: str) -> OurMessage | None:
        """The question of the answer, where it stands in that chat."""
        ours = await self.threads.question_by_answer(answer_id)
        is_here = ours is not None and ours.surface == SURFACE and chat in _chats(ours)
        if not is_here:
            log.warning("something about the answer %r, which is not in chat %s", answer_id, chat)
        return ours if is_here else None


def _chats(ours: OurMessage) -> set[int]:
    return {chat_and_message(name)[0] for name in ours.message_ids}


@dataclass(frozen=True, slots=True)
class Cards:
    """A correction as a card, with the question and the answer that it is about, in the office's language."""

    threads: ThreadBook
    journal: Journal
    identities: Identities
    language: str
    timezone: tzinfo

    async def card(self, correction: Correction) -> tuple[Part, menus.Rows]:
        """The card and its buttons. Raises StoreError."""
        asked = await self.threads.question_by_answer(correction.answer_id)
        answer = await self.journal.answer(correction.answer_id)
        question = asked.text if asked else answer.query if answer else ""
        by = await self.ids(correction.person)
        proposal = Proposal(question, answer.text if answer else "", correction.text, by)
        part = correction_card(self.language, proposal, await self._verdict(correction))
        is_open = correction.state is CorrectionState.PROPOSED
        return part, menus.decide(self.language, correction.id) if is_open else []

    async def decider(self, correction: Correction) -> str:
        """What who decided is called."""
        return name_of(await self.ids(correction.decided_by) if correction.decided_by else [])

    async def ids(self, person: str) -> list[str]:
        """All ids of the person."""
        return [person, *await self.identities.admission.aliases(person)]

    async def _verdict(self, correction: Correction) -> str:
        match correction.state:
            case CorrectionState.PROPOSED:
                return ""
            case CorrectionState.WITHDRAWN:
                return translate(self.language, "telegram.card_withdrawn")
        moment = (correction.decided_at or correction.proposed_at).astimezone(self.timezone)
        when, who = moment.strftime("%d/%m/%Y %H:%M"), await self.decider(correction)
        return translate(self.language, VERDICTS[correction.state], who=who, when=when)


@dataclass(frozen=True, slots=True)
class Decisions:
    """The administrators' words on corrections. `decided` is called when there is something to carry out."""

    corrections: Corrections
    cards: Cards
    telling: Telling
    clock: Clock
    decided: Callable[[], None]

    async def keep(self, press: Press, chosen: Chosen) -> After | None:
        """Stores the decision of an administrator. Raises StoreError."""
        if not await self.cards.identities.is_administrator(press.user):
            log.warning("%s is no administrator and decides nothing", press.user)
            return functools.partial(self.telling.toast_text, press, "telegram.only_administrators", is_alert=True)
        by, accept = await self.telling.person(press.user), chosen.choice is Choice.ACCEPT
        done = await self.corrections.decide(chosen.value, by, accept=accept, now=self.clock.now())
        correction = done or await self.corrections.get(chosen.value)
        if correction is None:
            return functools.partial(self.telling.toast_text, press, "telegram.decision_gone", is_alert=True)
        if done is not None:
            self.decided()
        return functools.partial(self._show, press, correction)

    async def _show(self, press: Press, correction: Correction) -> None:
        """What was decided and by whom, on the button and on the card."""
        language = await self.telling.language(press.user, press.language_code)
        try:
            who = await self.cards.decider(correction)
            said = translate(language, DECIDED[correction.state], who=who)
            await self.telling.toast(press, said)
            card, keyboard = await self.cards.card(correction)
            await self.telling.rewrite(press.chat, press.message, card, keyboard)
        except (SurfaceError, StoreError) as error:
            log.warning("the card of correction %s is not up to date: %s", correction.id, error)
