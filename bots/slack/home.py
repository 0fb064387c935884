"""The home tab: built for the one who looks at it, and built again after every change.

What a person chooses is durable before Slack is told that it came. Whose tab it is says the payload alone, which Slack
has signed: nobody reads or changes another's.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from bots.reading import Payload, mapping, word
from bots.slack import controls, views
from bots.slack.api import Refused
from bots.slack.clicks import Click, click_of
from bots.slack.escaping import escape
from bots.slack.home_view import (
    LANGUAGES,
    AdminFigures,
    AskedLine,
    HealthLine,
    HomeState,
    SpaceLine,
    home,
    read_consent,
)
from bots.slack.ids import SURFACE, channel_and_ts, person_of
from bots.slack.surface import STREAMING
from bots.slack.telling import Telling
from core.access import searchable
from core.clock import Clock
from core.conversation import Outcome, Person, Place
from core.documents import Space
from core.errors import StoreError
from core.people import Forgotten, Unfinished
from core.store.figures import Figures
from core.surfaces import SurfaceError
from core.texts import translate

log = logging.getLogger(__name__)

RECENT = 10
"""Questions of the person's that are shown."""

Health = Callable[[], Awaitable[Sequence[tuple[str, bool, str]]]]
"""The parts of the service: what each is called, whether it works, and what there is to say of it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A click in the home tab that was stored. `forgotten`: the person has had everything deleted."""

    click: Click
    language: str
    forgotten: Forgotten | None = None


@dataclass(frozen=True, slots=True)
class HomePages:
    """The home tabs of a workspace.

    `person` gives a person, by id, with all their groups; `timezone` is the office's, as zoneinfo names it.
    """

    telling: Telling
    figures: Figures
    clock: Clock
    timezone: str
    person: Callable[[str], Awaitable[Person]]
    spaces: Callable[[], Awaitable[Iterable[Space]]]
    is_administrator: Callable[[str], bool]
    health: Health
    _publishing: MutableMapping[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def opened(self, event: Payload) -> None:
        """Shows the tab to who has opened it (`app_home_opened`)."""
        user = word(event.get("user"))
        if event.get("tab") == "home" and user:
            await self.publish(user)

    async def keep(self, body: Payload) -> Changed | None:
        """Stores a choice, or forgets the person; None for a click that is none of these. Raises StoreError."""
        click = click_of(body)
        if click is None:
            return None
        language, people = await self.telling.language(click.user), self.telling.people
        match click.action_id:
            case controls.LANGUAGE:
                chosen = word(mapping(click.action.get("selected_option")).get("value"))
                if chosen not in LANGUAGES:
                    return None
                await people.choose_language(click.person, None if chosen == LANGUAGES[0] else chosen)
            case controls.CONSENT:
                await people.allow_training(click.person, allowed=read_consent(dict(click.action)))
            case controls.FORGET:
                return Changed(click, language, await people.forget(click.person))
            case _:
                return None
        return Changed(click, language)

    async def after(self, _body: Payload, changed: Changed | None) -> None:
        """Says what was forgotten, takes away what nobody will finish, and shows the tab as it is now."""
        if changed is None:
            return
        user = changed.click.user
        if changed.forgotten is not None:
            text = told(changed.forgotten, changed.language)
            modal = views.result_modal(changed.language, text)
            if not await self.telling.open(changed.click.trigger_id, modal):
                await self.telling.write(user, escape(text))
            await self._take_away(changed.forgotten.unfinished)
            await self._clean_up(changed.forgotten)
        await self.publish(user)

    async def publish(self, user: str) -> None:
        """Shows the tab as it is now. Of several at once for one person the last shows the newest state."""
        lock = self._publishing.get(user) or asyncio.Lock()
        async with self._publishing.setdefault(user, lock):
            try:
                view = home(await self._state(user))
                await self.telling.api.call("views.publish", user_id=user, view=view)
            except (Refused, SurfaceError, StoreError) as error:
                log.warning("the home tab of %s is not up to date: %s", user, error)

    async def _state(self, user: str) -> HomeState:
        person = await self.person(person_of(user))
        preference = await self.telling.people.preference(person.id)
        asked = await self.telling.people.recent_questions(person.id, RECENT)
        is_admin = self.is_administrator(person.id)
        return HomeState(
            language=preference.language or self.telling.office_language,
            timezone=self.timezone,
            spaces=await self._readable(person),
            questions=[AskedLine(q.text, q.asked_at, Outcome(q.outcome) if q.outcome else None) for q in asked],
            preference=preference.language or LANGUAGES[0],
            consents=preference.training,
            is_admin=is_admin,
            figures=await self._figures() if is_admin else None,
        )

    async def _readable(self, person: Person) -> list[SpaceLine]:
        """The spaces that are searched for the person where nobody reads along."""
        names = searchable(person, Place(f"{SURFACE}:home"), await self.spaces())
        states = await self.figures.spaces()
        return [SpaceLine(each.name, each.documents, each.last_indexed) for each in states if each.name in names]

    async def _figures(self) -> AdminFigures:
        now = self.clock.now()
        queue, today = await self.figures.queue(), await self.figures.today(midnight(now, self.timezone))
        oldest = queue.oldest_accepted_at
        return AdminFigures(
            waiting=queue.open,
            oldest_seconds=max(0.0, (now - oldest).total_seconds()) if oldest else None,
            questions=today.questions,
            answered=today.answered,
            not_found=today.not_found,
            failed=today.failed,
            up=today.up,
            down=today.down,
            cost_usd=today.cost_usd,
            health=[HealthLine(*line) for line in await self.health()],
        )

    async def _take_away(self, unfinished: Sequence[Unfinished]) -> None:
        """Deletes our messages for questions that are gone, ending those that are streams; failures go to the log."""
        for message in unfinished:
            if message.surface != SURFACE:
                continue
            channel, ts = channel_and_ts(message.message_id)
            try:
                await self._delete(channel, ts)
            except (Refused, SurfaceError) as error:
                log.warning("message %s of a forgotten question stays: %s", message.message_id, error)

    async def _clean_up(self, forgotten: Forgotten) -> None:
        try:
            await self.telling.people.clean_up(forgotten)
        except StoreError as error:
            log.warning("what was forgotten is not out of the files yet, until `sotay forget` is run: %s", error)

    async def _delete(self, channel: str, ts: str) -> None:
        try:
            await self.telling.api.call("chat.delete", channel=channel, ts=ts)
        except Refused as refusal:
            if refusal.code != STREAMING:
                raise
            await self.telling.api.call("chat.stopStream", channel=channel, ts=ts)
            await self.telling.api.call("chat.delete", channel=channel, ts=ts)


def midnight(now: datetime, timezone: str) -> datetime:
    """When the day began, there."""
    return now.astimezone(ZoneInfo(timezone)).replace(hour=0, minute=0, second=0, microsecond=0)


def told(forgotten: Forgotten, language: str) -> str:
    """What was deleted, counted."""
    counts = {name: getattr(forgotten, name) for name in ("questions", "answers", "votes", "corrections")}
    return translate(language, "slack.forgotten", **counts)
