"""`sotay route "question"`: what becomes of a question, step by step, without asking any model that writes."""

import json
from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from bots.bootstrap import open_handbook, openrouter_of
from bots.commands import beside
from bots.commands.ask import person_of, tell_what_is_not_given
from bots.commands.running import Session
from bots.door_words import Explained
from bots.explained import decided, record, steps
from core.output import visible
from core.texts import translate


async def explain(session: Session, text: str, person: str | None, *, as_json: bool) -> int:
    """Prints the steps, as a table or as JSON; those that the service tells where one is at work."""
    if door := beside.door(session):
        explained = await beside.explained(session, door, text, person)
    else:
        explained = await explained_here(session, text, person)
    if as_json:
        session.out.print(json.dumps(explained.record, ensure_ascii=False, indent=2), markup=False, emoji=False)
    else:
        session.out.print(table(explained.steps, session.language))
    return 0


async def explained_here(session: Session, text: str, person: str | None) -> Explained:
    async with open_handbook(session.settings) as handbook:
        asker = person_of(session, handbook, person)
        await tell_what_is_not_given(session, handbook, asker)
        has_remote = openrouter_of(session.settings) is not None
        found = await decided(session.settings, handbook, text, asker, has_remote=has_remote)
    return Explained(steps(found), record(found))


def table(steps: Mapping[str, str], language: str) -> Table:
    """Two columns: the step in the terminal's language, and the words of the log."""
    shown = Table(box=None, pad_edge=False, show_header=False)
    for step, said in steps.items():
        shown.add_row(Text(translate(language, f"route.{step}"), style="bold"), Text(visible(said)))
    return shown
