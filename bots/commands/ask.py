"""`sotay ask` and `sotay chat`: the handbook in the terminal."""

import asyncio
import json
import sys
import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import HTML

from bots.bootstrap import Handbook, open_handbook, open_pipeline
from bots.commands.running import Session
from bots.console import AnswerPrinter, Chat, as_json, ask, check_question
from core.conversation import Answer, Outcome, Person, Question
from core.pipeline import Pipeline


async def answer_once(session: Session, text: str, person: str | None, *, as_json: bool) -> int:
    """Opens everything, answers one question, prints it; 0 unless it failed."""
    settings = session.settings
    check_question(text)
    async with open_handbook(settings) as handbook:
        await hint_if_empty(session, handbook)
        async with open_pipeline(session.settings, handbook) as pipeline:
            asked = ask(text, person_of(session, handbook, person), uuid.uuid4().hex)
            answer = await (collect(pipeline, asked) if as_json else show(session, pipeline, asked))
    if as_json:
        print_json(session, answer)
    return 1 if answer.outcome is Outcome.FAILED else 0


async def show(session: Session, pipeline: Pipeline, asked: Question) -> Answer:
    """Streams the answer to the terminal."""
    async with aclosing(pipeline.answer(asked)) as events:
        return await AnswerPrinter(session.out, session.language).show(events)


async def collect(pipeline: Pipeline, asked: Question) -> Answer:
    """The answer alone."""
    async with aclosing(pipeline.answer(asked)) as events:
        async for event in events:
            if isinstance(event, Answer):
                return event
    raise AssertionError("the pipeline ended without an answer")


def print_json(session: Session, answer: Answer) -> None:
    session.out.print(json.dumps(as_json(answer), ensure_ascii=False, indent=2), markup=False, emoji=False)


async def chat(session: Session, person: str | None) -> int:
    """A conversation until the person leaves."""
    async with open_handbook(session.settings) as handbook:
        await hint_if_empty(session, handbook)
        async with open_pipeline(session.settings, handbook) as pipeline:
            await converse(session, handbook, pipeline, person)
    return 0


async def converse(session: Session, handbook: Handbook, pipeline: Pipeline, person: str | None) -> None:
    asker = person_of(session, handbook, person)
    await Chat(pipeline, handbook.feedback, asker, session.out, session.language, line_reader()).run()


def person_of(session: Session, handbook: Handbook, named: str | None) -> Person:
    """Who asks: the one named, else the settings' `console.person`."""
    return handbook.directory.person(named or session.settings.console.person)


async def hint_if_empty(session: Session, handbook: Handbook) -> None:
    if not await handbook.documents.counts():
        session.say("console.nothing_indexed")


def line_reader() -> Callable[[], Awaitable[str]]:
    """Lines from a person at a terminal, with editing and history, or from a pipe."""
    if sys.stdin.isatty():
        prompt = PromptSession[str]()
        return lambda: prompt.prompt_async(HTML("<b>&gt; </b>"))
    return lambda: asyncio.to_thread(_piped_line)


def _piped_line() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line
