"""`sotay demo`: everything that a first question needs, in one process."""

from bots.bootstrap import open_handbook, open_pipeline
from bots.commands.ask import answered, converse, exit_status, person_of
from bots.commands.ingest import read_all, report, targets_of
from bots.commands.models import fetch
from bots.commands.running import Session
from bots.console import check_question
from bots.local_model import model_path


async def demo(session: Session, text: str | None) -> int:
    """Fetches the model, indexes the folders, then answers one question or opens a chat."""
    settings = session.settings
    if text is not None:
        check_question(text)
    if not model_path(settings).is_file():
        session.say("demo.fetching")
        await fetch(session, None, parts_first=True)
    async with open_handbook(session.settings) as handbook:
        summaries = await read_all(session, handbook, await targets_of(session, handbook, None, ""))
        if any(done.new or done.changed or done.removed or done.refused for done in summaries):
            report(session, summaries, sum(documents for documents, _ in (await handbook.documents.counts()).values()))
        async with open_pipeline(session.settings, handbook) as pipeline:
            if text is None:
                await converse(session, handbook, pipeline, None)
                return 0
            asker = person_of(session, handbook, None)
            ended = await answered(session, handbook, pipeline, text, asker, out=session.out)
    return exit_status(ended)
