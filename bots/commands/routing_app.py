"""The commands of the router: `sotay route` and `sotay router train`."""

from pathlib import Path
from typing import Annotated

import typer

from bots.commands import explaining, routing

routing_app = typer.Typer()
router_app = typer.Typer(help="Teach the router which questions are hard.", no_args_is_help=True)
routing_app.add_typer(router_app, name="router")


@routing_app.command()
def route(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(help="The question, as people would type it.")],
    person: Annotated[
        str | None, typer.Option("--as", metavar="PERSON", help="Ask as this person of the settings' groups.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the steps as JSON.")] = False,
) -> None:
    """Explain which model would answer a question, why, and what would leave the office. Asks no model.

    Example: sotay route "Vì sao máy phát hay tự ngắt khi trời nóng?"
    """
    ctx.obj.run(explaining.explain(ctx.obj, question, person, as_json=as_json))


@router_app.command("train")
def router_train(
    ctx: typer.Context,
    rows: Annotated[
        list[Path] | None, typer.Option(help="JSON lines with text, complexity and kind; left out, the shipped rows.")
    ] = None,
    votes: Annotated[bool, typer.Option("--votes", help="Learn from people's votes too.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The model file; left out, the office's own in its data.")
    ] = None,
) -> None:
    """Make the router's model of labelled questions; it is in force from the next start on.

    Example: sotay router train --rows our-questions.jsonl --votes
    """
    ctx.obj.run(routing.train_router(ctx.obj, rows or [], output, votes=votes))
