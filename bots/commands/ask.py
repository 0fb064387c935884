"""`sotay ask` and `sotay chat`: the handbook in the terminal."""

import json
import uuid

from rich.console import Console

from bots.bootstrap import Handbook, open_handbook, open_pipeline
from bots.commands import beside
from bots.commands.running import Session
from bots.console import Chat, as_json, check_question, typed
from bots.keyboard import line_reader
from bots.platforms import open_terminal
from bots.slack.ids import SURFACE as SLACK
from bots.terminal import Ended, TerminalSurface
from core.admission import Admission
from core.conversation import Outcome, Person
from core.pipeline import Pipeline
from core.surroundings import Names


async def answer_once(session: Session, text: str, person: str | None, *, as_json: bool) -> int:
    """Answers one question and prints it; 0 unless it failed. A service that is at work answers it."""
    door = beside.door(session)
    check_question(text)
    out = Console(quiet=True) if as_json else session.out
    if door:
        ended = await beside.answered(session, door, text, person, out=out)
    else:
        ended = await answered_here(session, text, person, out=out)
    if as_json:
        print_json(session, ended)
    return exit_status(ended)


async def answered_here(session: Session, text: str, person: str | None, *, out: Console) -> Ended:
    """Opens everything for one question. Raises `IndexUnavailable` where the index is another's."""
    async with open_handbook(session.settings) as handbook:
        await hint_if_empty(session, handbook)
        async with open_pipeline(session.settings, handbook) as pipeline:
            asker = person_of(session, handbook, person)
            await tell_what_is_not_given(session, handbook, asker)
            return await answered(session, handbook, pipeline, text, asker, out=out)


async def answered(
    session: Session, handbook: Handbook, pipeline: Pipeline, text: str, asker: Person, *, out: Console
) -> Ended:
    """One question through the inbox; it streams to `out`."""
    surface = TerminalSurface(out, session.language)
    async with open_terminal(session.settings, handbook, pipeline, surface) as inbox:
        receipt = await inbox.accept(typed(text, asker, surface.name, uuid.uuid4().hex))
        return await surface.ended(receipt.question_id or "")


def exit_status(ended: Ended) -> int:
    return 1 if ended.answer is None or ended.answer.outcome is Outcome.FAILED else 0


def print_json(session: Session, ended: Ended) -> None:
    session.out.print(json.dumps(as_json(ended), ensure_ascii=False, indent=2), markup=False, emoji=False)


async def chat(session: Session, person: str | None) -> int:
    """A conversation until the person leaves, with the service where one is at work."""
    if door := beside.door(session):
        await beside.converse(session, door, person)
    else:
        await chat_here(session, person)
    return 0


async def chat_here(session: Session, person: str | None) -> None:
    """Raises `IndexUnavailable` where the index is another's."""
    async with open_handbook(session.settings) as handbook:
        await hint_if_empty(session, handbook)
        async with open_pipeline(session.settings, handbook) as pipeline:
            await converse(session, handbook, pipeline, person)


async def converse(session: Session, handbook: Handbook, pipeline: Pipeline, person: str | None) -> None:
    asker = person_of(session, handbook, person)
    await tell_what_is_not_given(session, handbook, asker)
    surface = TerminalSurface(session.out, session.language)
    async with open_terminal(session.settings, handbook, pipeline, surface) as inbox:
        talk = Chat(inbox, surface, handbook.feedback, asker, session.out, session.language, line_reader())
        await talk.run()


def person_of(session: Session, handbook: Handbook, named: str | None) -> Person:
    """Who asks: the one named, else the settings' `console.person`."""
    return handbook.directory.person(named or session.settings.console.person)


async def tell_what_is_not_given(session: Session, handbook: Handbook, person: Person) -> None:
    """Says so where only Slack could vouch for a group of the person's, and is not asked here."""
    group, names = session.settings.slack.members_group, Names(await Admission(handbook.database).links())
    known = names.person(person.id)
    groups = handbook.directory.person(known, aliases=names.aliases(known)).groups
    if group is not None and group not in groups and known.startswith(f"{SLACK}:"):
        session.say("console.group_not_given", person=person.id, group=group)


async def hint_if_empty(session: Session, handbook: Handbook) -> None:
    if not await handbook.documents.counts():
        session.say("console.nothing_indexed")
