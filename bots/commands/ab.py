"""`sotay ab`: what an experiment has shown so far, and whether one may conclude from it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from bots.commands.ab_data import as_data
from bots.commands.running import Session
from bots.experiments import experiment_of
from bots.resampling import Estimate, estimates
from bots.settings import Settings
from core.comparing import Comparison, Figures, Result, result_of, staying
from core.errors import SotayError
from core.experiments import Experiment
from core.routing import Strategy
from core.store.database import open_database
from core.store.experiments import ExperimentBook
from core.texts import translate
from core.trial import FEWEST_PEOPLE, Conclusion, Finding

LEAST_P = 0.001
ROWS = (
    "people", "questions", "answered", "not_found", "failed", "votes", "asked", "first_token", "total", "usd", "local",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told. `figures` and `more` are `bots.resampling.estimates`."""

    name: str
    is_running: bool
    result: Result
    figures: Mapping[Strategy, Mapping[str, Estimate]]
    more: Mapping[Strategy, Mapping[str, Estimate]]


async def report(session: Session, name: str | None, *, as_json: bool) -> int:
    """Prints the experiment of this name; else that of the settings, or the last one. Raises `SotayError`."""
    found = await find(session.settings, name, datetime.now(UTC))
    if as_json:
        session.out.print_json(json.dumps(as_data(found.name, found.result, found.figures, found.more)))
        return 0
    session.out.print(table_of(found, session.language))
    for line in sentences(found, session.language):
        session.out.print(Text(line))
    return 0


async def find(settings: Settings, name: str | None, now: datetime) -> Report:
    chosen = experiment_of(settings)
    async with open_database(settings.data.database_url) as database:
        book = ExperimentBook(database)
        name = name or (chosen.name if chosen else await book.newest())
        if name is None:
            raise SotayError("ab.none")
        entries, pairs = await book.entries(name), await book.pairs(name)
    if not entries:
        raise SotayError("ab.empty", name=name)
    is_chosen = chosen is not None and chosen.name == name
    result = result_of(entries, pairs, chosen.shares if chosen and is_chosen else None, now)
    figures, more = estimates(staying(entries)[0], ZoneInfo(settings.office.timezone))
    return Report(name, bool(chosen and is_chosen and now < chosen.ends), result, figures, more)


def table_of(found: Report, language: str) -> Table:
    """A column for each arm."""
    table = Table(box=None, pad_edge=False)
    table.add_column(translate(language, "ab.title", name=found.name))
    for arm in found.result.arms:
        table.add_column(arm.strategy.value, justify="right")
    for row in ROWS:
        cells = (cell(row, arm, found.figures[arm.strategy]) for arm in found.result.arms)
        table.add_row(translate(language, f"ab.row_{row}"), *cells)
    return table


def cell(row: str, arm: Figures, figures: Mapping[str, Estimate]) -> str:
    if row == "votes":
        return f"{arm.up} / {arm.down}"
    if row == "asked":
        return f"{arm.asked_up} / {arm.asked_down} ({arm.asked})"
    if row == "local":
        return f"{arm.local:.0%}"
    if row == "usd":
        known = figures["usd"]
        return f"{known.value:.5f} ({known.low:.5f}–{known.high:.5f})"
    if row in {"first_token", "total"}:
        times: Mapping[int, float] = getattr(arm, row)
        return " / ".join(f"{milliseconds / 1000:.1f}" for milliseconds in times.values()) or "-"
    return str(getattr(arm, row))


def sentences(found: Report, language: str) -> Iterator[str]:
    """What the table cannot say: what its figures are, how the arms compare, and whether one may conclude."""
    result = found.result
    yield translate(language, "ab.legend")
    for compared in result.comparisons:
        yield from comparison(compared, found.more[compared.second], language)
    if pairs := result.pairs:
        facts = {"api": pairs.second, "local": pairs.first, "ties": pairs.ties, "p": in_words(pairs.p)}
        count = pairs.second + pairs.first + pairs.ties
        yield translate(language, "ab.pairs", count=count, usd=f"{result.pairs_usd:.4f}", **facts)
    if result.moved:
        yield translate(language, "ab.moved", people=result.moved)
    if result.is_dealt_unevenly:
        yield translate(language, "ab.uneven")
    elif not result.comparisons:
        yield translate(language, "ab.one_arm")
    else:
        for compared in result.comparisons:
            yield verdict(compared, found, language)


def comparison(compared: Comparison, more: Mapping[str, Estimate], language: str) -> Iterator[str]:
    names = {"first": compared.first.value, "second": compared.second.value}
    votes = compared.votes
    if votes.is_enough:
        yield translate(language, "ab.votes", **names, **votes_in_words(votes))
    if {"usd", "first_token", "total"} <= more.keys():
        usd, first_token, total = more["usd"], more["first_token"], more["total"]
        yield translate(
            language,
            "ab.more",
            **names,
            usd=f"{usd.value:+.5f} ({usd.low:+.5f} … {usd.high:+.5f})",
            first_token=seconds(first_token),
            total=seconds(total),
        )
    for name in compared.harms:
        guard = compared.guards[name]
        shares = {"share": f"{guard.second.share:.1%}", "other": f"{guard.first.share:.1%}"}
        yield translate(language, f"ab.harm_{name}", **names, **shares)


def votes_in_words(votes: Finding) -> dict[str, str]:
    points = {"difference": votes.difference, "low": votes.low, "high": votes.high}
    shares = {"share": f"{votes.second.share:.0%}", "other": f"{votes.first.share:.0%}"}
    return shares | {name: f"{100 * value:+.0f}" for name, value in points.items()} | {"p": in_words(votes.p)}


def seconds(estimate: Estimate) -> str:
    value, low, high = (milliseconds / 1000 for milliseconds in (estimate.value, estimate.low, estimate.high))
    return f"{value:+.2f} ({low:+.2f} … {high:+.2f})"


def in_words(p: float) -> str:
    return f"< {LEAST_P}" if p < LEAST_P else f"{p:.3f}"


def verdict(compared: Comparison, found: Report, language: str) -> str:
    """The one plain sentence."""
    names = {"first": compared.first.value, "second": compared.second.value}
    votes = compared.votes
    if votes.conclusion is not Conclusion.OPEN:
        return translate(language, f"ab.{votes.conclusion.value}", **names)
    if not found.is_running:
        return translate(language, "ab.over", **names, missing=votes.missing)
    if min(votes.first.people, votes.second.people) < FEWEST_PEOPLE:
        return translate(language, "ab.open_people", **names, missing=votes.missing, people=FEWEST_PEOPLE)
    days = max(1, round(votes.missing / found.result.pace))
    return translate(language, "ab.open", **names, missing=votes.missing, days=days)


def status(session: Session) -> int:
    """Prints which experiment the settings run, and who is in it."""
    for line in status_lines(session.settings, session.language, datetime.now(UTC)):
        session.out.print(Text(line))
    return 0


def status_lines(settings: Settings, language: str, now: datetime) -> Iterator[str]:
    experiment, chosen = experiment_of(settings), settings.experiment
    if experiment is None:
        yield translate(language, "ab.status_off")
        return
    shares = ", ".join(f"{strategy.value} {experiment.shares[strategy]} %" for strategy in experiment.strategies)
    facts = {"name": experiment.name, "since": chosen.since, "until": chosen.until, "shares": shares}
    yield translate(language, f"ab.status_{when(experiment, now)}", **facts)
    if chosen.shadow:
        yield translate(language, "ab.status_shadow")


def when(experiment: Experiment, now: datetime) -> str:
    if now < experiment.starts:
        return "ahead"
    return "running" if now < experiment.ends else "over"
