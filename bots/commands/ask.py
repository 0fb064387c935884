"""`sotay ask` and `sotay chat`: the handbook in the terminal."""

import json
import uuid

from rich.console import Console

from bots.bootstrap import Handbook, open_handbook, open_pipeline
from bots.commands.running import Session
from bots.console import Chat, as_json, check_question, typed
from bots.keyboard import line_reader
from bots.platforms import open_terminal
from bots.terminal import Ended, TerminalSurface
from core.conversation import Outcome, Person
from core.pipeline import Pipeline


async def answer_once(session: Session, text: str, person: str | None, *, as_json: bool) -> int:
    """Opens everything, answers one question, prints it; 0 unless it failed."""
    settings = session.settings
    check_question(text)
    async with open_handbook(settings) as handbook:
        await hint_if_empty(session, handbook)
        async with open_pipeline(session.settings, handbook) as pipeline:
            asker = person_of(session, handbook, person)
            out = Console(quiet=True) if as_json else session.out
            ended = await answered(session, handbook, pipeline, text, asker, out=out)
    if as_json:
        print_json(session, ended)
    return exit_status(ended)


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
    """A conversation until the person leaves."""
    async with open_handbook(session.settings) as handbook:
        await hint_if_empty(session, handbook)
        async with open_pipeline(session.settings, handbook) as pipeline:
            await converse(session, handbook, pipeline, person)
    return 0


async def converse(session: Session, handbook: Handbook, pipeline: Pipeline, person: str | None) -> None:
    asker = person_of(session, handbook, person)
    surface = TerminalSurface(session.out, session.language)
    async with open_terminal(session.settings, handbook, pipeline, surface) as inbox:
        talk = Chat(inbox, surface, handbook.feedback, asker, session.out, session.language, line_reader())
        await talk.run()


def person_of(session: Session, handbook: Handbook, named: str | None) -> Person:
    """Who asks: the one named, else the settings' `console.person`."""
    return handbook.directory.person(named or session.settings.console.person)


async def hint_if_empty(session: Session, handbook: Handbook) -> None:
    if not await handbook.documents.counts():
        session.say("console.nothing_indexed")
