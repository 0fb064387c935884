"""`sotay cost`: what models outside the office have cost, what is left, and an estimate of what was saved."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from bots.bootstrap import caps_of, max_price_of
from bots.commands.running import Session
from core.budget import MONEY, Amounts, Cap, Windows, in_words
from core.money import as_usd
from core.spending import Books, By, Line, Rate, in_doubt, rate_of, report, total
from core.store.budget import ReservationBook
from core.store.cost import CostBook
from core.store.database import open_database
from core.texts import translate

OFFICE_CAPS = (Cap.HOUR, Cap.DAY, Cap.MONTH)
COLUMNS = ("local_answers", "cloud_calls", "prompt_tokens", "completion_tokens", "spent", "open", "saved")


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that is told: the lines, what is left of the caps, and how the saving is reckoned."""

    days: int
    by: By
    books: Books
    lines: Sequence[Line]
    rate: Rate
    used: Amounts
    caps: Amounts


async def show(session: Session, days: int, by: By, *, as_json: bool) -> int:
    """Prints the last `days` calendar days of the office, today among them. Raises `StoreError`."""
    findings = await find(session, days, by)
    if as_json:
        session.out.print_json(json.dumps(as_data(findings)))
        return 0
    session.out.print(table_of(findings, session.language))
    for line in notes_of(findings, session.language):
        session.out.print(Text(line))
    return 0


async def find(session: Session, days: int, by: By) -> Findings:
    settings = session.settings
    zone, now = ZoneInfo(settings.office.timezone), datetime.now(UTC)
    windows = Windows.at(now, zone)
    since = Windows.at(windows.day - timedelta(days=days - 1), zone).day
    async with open_database(settings.data.database_url) as database:
        books = await CostBook(database).since(since)
        used = await ReservationBook(database).used(windows, "")
    price = max_price_of(settings)
    rate = rate_of(books, (price.prompt, price.completion))
    return Findings(days, by, books, report(books, by, zone, rate), rate, used, caps_of(settings))


def table_of(findings: Findings, language: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(translate(language, f"cost.by_{findings.by}"))
    for name in COLUMNS:
        table.add_column(translate(language, f"cost.column_{name}"), justify="right")
    for line in findings.lines:
        table.add_row(line.key, *_cells(line))
    table.add_row(translate(language, "cost.total"), *_cells(total(findings.lines)), style="bold")
    return table


def _cells(line: Line) -> Iterator[str]:
    for name in COLUMNS:
        amount = getattr(line, name)
        yield f"{as_usd(amount):.4f}" if name in {"spent", "open", "saved"} else str(amount)


def notes_of(findings: Findings, language: str) -> Iterator[str]:
    """What the table cannot say: its units, the caps, what is not known, and what kind of number the saving is."""
    yield translate(language, "cost.legend")
    for cap in OFFICE_CAPS:
        used, most = findings.used[cap], findings.caps[cap]
        left = in_words(cap, max(0, most - used))
        yield translate(language, "cost.cap", cap=cap, used=in_words(cap, used), most=in_words(cap, most), left=left)
    doubtful = tuple(in_doubt(findings.books.payments))
    if doubtful:
        usd = f"{as_usd(sum(payment.micros for payment in doubtful)):.4f}"
        yield translate(language, "cost.in_doubt", count=len(doubtful), usd=usd)
    rate = findings.rate
    if rate.is_paid:
        yield translate(language, "cost.saved_at_mean", price=f"{rate.prompt:.3f}")
    else:
        yield translate(language, "cost.saved_at_limit", prompt=f"{rate.prompt:g}", completion=f"{rate.completion:g}")


def as_data(findings: Findings) -> Mapping[str, object]:
    """The same as JSON; money in US dollars, tokens and calls as numbers."""
    doubtful = tuple(in_doubt(findings.books.payments))
    return {
        "days": findings.days,
        "by": findings.by,
        "lines": [{findings.by: line.key} | _data(line) for line in findings.lines],
        "total": _data(total(findings.lines)),
        "saved_estimate": {
            "basis": "mean price paid" if findings.rate.is_paid else "price limit of the settings",
            "usd_per_million_prompt_tokens": round(findings.rate.prompt, 6),
            "usd_per_million_completion_tokens": round(findings.rate.completion, 6),
        },
        "caps": {cap: _cap_data(cap, findings.used[cap], findings.caps[cap]) for cap in OFFICE_CAPS},
        "in_doubt": {"calls": len(doubtful), "usd": as_usd(sum(payment.micros for payment in doubtful))},
    }


def _data(line: Line) -> dict[str, object]:
    money = {"spent_usd": line.spent, "open_usd": line.open, "saved_usd_estimate": round(line.saved)}
    counts = {name: getattr(line, name) for name in COLUMNS[:4]}
    return counts | {name: as_usd(micros) for name, micros in money.items()}


def _cap_data(cap: Cap, used: int, most: int) -> dict[str, float]:
    amounts = {"used": used, "most": most, "left": max(0, most - used)}
    return {name: as_usd(amount) if cap in MONEY else amount for name, amount in amounts.items()}
