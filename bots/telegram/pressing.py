"""Who presses a button of ours gets what it stands for; every press is answered, or the button would go on turning."""

import functools
import logging
from dataclasses import dataclass
from typing import Protocol

from bots.reading import Payload, word
from bots.telegram import controls, menus
from bots.telegram.admission import Codes, Door
from bots.telegram.choices import Choices
from bots.telegram.controls import Action, Pressed
from bots.telegram.corrections import Decisions, Explanations
from bots.telegram.menus import Choice, Chosen
from bots.telegram.presses import After, Press, press_of
from bots.telegram.showing import Owners, Sources
from bots.telegram.telling import Telling
from bots.telegram.votes import Votes
from core.clock import Clock
from core.intake import Receipt, Verdict

log = logging.getLogger(__name__)


class Stopping(Protocol):
    """`core.inbox.Inbox` as the button that stops a question needs it."""

    async def stop(self, question_id: str, person: str) -> Receipt: ...


@dataclass(frozen=True, slots=True)
class Pressing:
    """All buttons of the bot."""

    inbox: Stopping
    door: Door
    telling: Telling
    clock: Clock
    votes: Votes
    explanations: Explanations
    sources: Sources
    owners: Owners
    choices: Choices
    codes: Codes
    decisions: Decisions

    async def take(self, query: Payload, update_id: int) -> After | None:
        """Makes durable what was pressed (`callback_query`). Raises StoreError."""
        press = press_of(query, update_id, self.clock.now())
        if press is None:
            press_id = word(query.get("id"))
            return functools.partial(self.telling.rest, press_id) if press_id else None
        asked = asked_by(press.data)
        if asked is None:
            log.warning("a press of what is no button of ours")
            return functools.partial(self.telling.rest, press.id)
        is_own_right = isinstance(asked, Chosen) and asked.choice is Choice.FORGET
        if not is_own_right and not await self.door.admits(press.chat, press.user):
            return functools.partial(self.telling.toast_text, press, "telegram.not_admitted", is_alert=True)
        return await (self._chosen(press, asked) if isinstance(asked, Chosen) else self._pressed(press, asked))

    async def _pressed(self, press: Press, pressed: Pressed) -> After | None:
        match pressed.action:
            case Action.UP | Action.DOWN:
                return await self.votes.keep(press, pressed)
            case Action.REASON:
                return await self.explanations.reason(press, pressed)
            case Action.SOURCES:
                return await self.sources.pressed(press, pressed)
            case Action.ASK_OWNER:
                return await self.owners.pressed(press, pressed)
            case Action.STOP:
                return await self._stop(press, pressed)

    async def _chosen(self, press: Press, chosen: Chosen) -> After | None:
        match chosen.choice:
            case Choice.LANGUAGE:
                return await self.choices.choose_language(press, chosen)
            case Choice.CONSENT:
                return await self.choices.consent(press, chosen)
            case Choice.FORGET:
                return await self.choices.forget(press, chosen)
            case Choice.INVITE:
                return await self.codes.invite(press)
            case Choice.LINK:
                return await self.codes.link(press)
            case Choice.ACCEPT | Choice.REJECT:
                return await self.decisions.keep(press, chosen)

    async def _stop(self, press: Press, pressed: Pressed) -> After | None:
        """Only who has asked stops a question."""
        receipt = await self.inbox.stop(pressed.id, await self.telling.person(press.user))
        text_id = "telegram.stopped" if receipt.verdict is Verdict.CANCELLED else "telegram.nothing_to_stop"
        return functools.partial(self.telling.toast_text, press, text_id)


def asked_by(data: str) -> Pressed | Chosen | None:
    """What a button asks for, by its data; None for no data of ours."""
    for read in (controls.read, menus.read):
        try:
            return read(data)
        except ValueError:
            continue
    return None
