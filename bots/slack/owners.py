"""Who can be asked where the handbook says nothing: the person in charge of the nearest document."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bots.reading import Payload
from bots.slack.cards import mention
from bots.slack.clicks import Click, click_of
from bots.slack.escaping import escape, fitted, one_line
from bots.slack.ids import SURFACE, user_of
from bots.slack.telling import Telling
from core.conversation import ATTACHED, Answer
from core.documents import Passage
from core.store.journal import Journal
from core.store.threads import ThreadBook
from core.texts import translate

OwnerOf = Callable[[str, str], str | None]
"""Who is in charge of a document, by its space and its path: a name, or a person as `slack:U1`; None for nobody."""
TITLE, NAME = 150, 200
"""Characters of a document's title and of a name that are shown."""
_PERSON = re.compile(rf"{SURFACE}:[UW][A-Z0-9]{{1,30}}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A click on the button. `owner` is None where nobody is registered."""

    click: Click
    language: str | None
    nearest: Passage | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class Owners:
    """The people in charge, named to who asks and to nobody else."""

    threads: ThreadBook
    journal: Journal
    telling: Telling
    owner_of: OwnerOf

    async def keep(self, body: Payload) -> Wanted | None:
        """Whom to name; None for a click on what is no answer of ours. Nothing is stored. Raises StoreError."""
        click = click_of(body)
        ours = await self.threads.question_by_answer(click.value) if click else None
        if click is None or ours is None or click.message_id not in ours.message_ids:
            return None
        nearest = nearest_of(await self.journal.answer(click.value))
        owner = self.owner_of(nearest.space, nearest.document) if nearest else None
        return Wanted(click, ours.language, nearest, owner)

    async def after(self, _body: Payload, wanted: Wanted | None) -> None:
        """Names the person in charge, or says that there is none."""
        if wanted is None:
            return
        click = wanted.click
        language = await self.telling.language(click.user, wanted.language)
        await self.telling.show(click.channel, click.user, sentence(wanted, language), click.thread_ts)


def nearest_of(answer: Answer | None) -> Passage | None:
    """The passage that came nearest, but for files that came with the question: nobody is in charge of these."""
    passages = answer.passages if answer else ()
    return next((passage for passage in passages if not passage.space.startswith(ATTACHED)), None)


def sentence(wanted: Wanted, language: str) -> str:
    """What is said, escaped; a person of Slack is mentioned."""
    owner = (wanted.owner or "").strip()
    if wanted.nearest is None or not owner:
        return escape(translate(language, "slack.owner_unknown"))
    who = mention(user_of(owner)) if _PERSON.fullmatch(owner) else f"*{fitted(one_line(owner), NAME)}*"
    title = fitted(one_line(wanted.nearest.title or wanted.nearest.document), TITLE)
    return translate(language, "slack.owner_is", who=who, document=title)
