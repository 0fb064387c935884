"""`sotay database`: the schema of the database, and the way up and down."""

from bots.alone import alone
from bots.backups import back_up
from bots.commands.progress import Steps
from bots.commands.running import Session
from core.store.database import open_database
from core.store.versions import SchemaState, downgrade, schema_state


async def status(session: Session) -> int:
    """0 where the schema is that of this version."""
    state = await schema_state(session.settings.data.database_url)
    if not state.is_known:
        session.say("database.newer", revision=state.current)
    elif state.pending:
        session.say("database.behind", revision=state.current or "-", pending=", ".join(state.pending))
    else:
        session.say("database.up_to_date", revision=state.current)
    return 0 if state.current == state.newest else 1


async def upgrade(session: Session) -> int:
    """Brings the database to the schema of this version, as every start does, after a backup."""
    url = session.settings.data.database_url
    with alone(session.settings):
        state = await schema_state(url)
        if state.is_known and state.pending:
            await _back_up(session, state)
        async with open_database(url):
            session.say("database.up_to_date", revision=state.newest)
    return 0


async def go_back(session: Session, revision: str) -> int:
    """Takes migrations back, after a backup."""
    url = session.settings.data.database_url
    with alone(session.settings):
        await _back_up(session, await schema_state(url))
        await downgrade(url, revision)
    session.say("database.downgraded", revision=revision)
    return 0


async def _back_up(session: Session, state: SchemaState) -> None:
    if state.current is None:
        return
    with Steps(session) as steps:
        made = await back_up(session.settings, progress=steps)
    session.say("database.backed_up", path=made.path)
