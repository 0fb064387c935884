"""Alerts, dashboard and runbook: they name only metrics that exist, and each alert has its entry."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bots.observing import readings_of
from bots.readiness import Kind
from bots.web.lag import Lag
from bots.web.metrics import PrometheusMetrics
from bots.web.readings import Readings, Sources
from core import metrics
from core.clock import SteadyClock
from core.store.figures import Figures
from core.store.jobs import JobRuns
from models.llama.statistics import Glance, Load, Statistics
from tests.bots.web.reading import samples
from tests.core.store.databases import fresh_database
from tests.core.store.samples import a_document, stored, with_spaces
from tests.fakes import a_budget

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/sotay.rules.yml"
DASHBOARD = ROOT / "deploy/grafana/sotay.json"
RUNBOOK = ROOT / "docs/operations.md"
OF_PROMETHEUS = {"up"}
NAME = re.compile(r"\b(?:sotay|process)_\w+\b|\bup\b")
WIDTH = 24
"""Columns of a dashboard."""


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    board: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return list(board["panels"])


def expressions() -> Iterator[tuple[str, str]]:
    """Where each stands, and the expression."""
    yield from ((rule["alert"], rule["expr"]) for rule in alerts())
    yield from ((panel["title"], target["expr"]) for panel in panels() for target in panel.get("targets", ()))


async def existing(folder: Path) -> dict[str, set[str]]:
    """Every series that a service has, with the names of its labels."""
    figures = PrometheusMetrics()
    for counter in metrics.COUNTERS:
        figures.count(counter, 1, **dict.fromkeys(counter.labels, "x"))
    for duration in metrics.DURATIONS:
        figures.took(duration, 1.0, **dict.fromkeys(duration.labels, "x"))

    async def model() -> Any:  # noqa: ANN401
        return readings_of(Glance(Load(1, 1, 0), Statistics()))

    async with fresh_database("sqlite", folder) as database:
        await with_spaces(database)
        await stored(database, a_document())
        jobs = JobRuns(database)
        await jobs.claim("backup", "today")
        await jobs.finish("backup", "today")
        sources = Sources(
            Figures(database), jobs, a_budget(), {"Slack": Up()}, lambda: {"search": False}, model, lambda: None,
            folder, Lag(SteadyClock()),
        )  # fmt: skip
        text = figures.text(await Readings(sources, figures, SteadyClock()).read()).decode()
    labels: dict[str, set[str]] = {name: set() for name, _ in samples(text)}
    for line in text.splitlines():
        if found := re.match(r"(\w+)\{(.*)\} ", line):
            labels[found[1]] |= set(re.findall(r"(\w+)=\"", found[2]))
    return labels


class Up:
    is_healthy = True


async def test_every_metric_of_an_alert_or_a_panel_exists_with_its_labels(tmp_path: Path) -> None:
    known = await existing(tmp_path) | {name: {"job"} for name in OF_PROMETHEUS}
    for where, expression in expressions():
        names = set(NAME.findall(expression))
        assert names, where
        assert names <= set(known), f"{where}: {names - set(known)}"
        labels = set().union(*(known[name] for name in names)) | {"job"}
        assert labels_in(expression) <= labels, f"{where}: {labels_in(expression) - labels}"


def labels_in(expression: str) -> set[str]:
    """The labels that an expression selects or groups by."""
    selected = re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)", expression)
    grouped = re.findall(r"\b(?:by|without|ignoring|on)\s*\(([^)]*)\)", expression)
    return {*selected, *(label.strip() for group in grouped for label in group.split(",") if label.strip())}


async def test_every_metric_of_ours_is_shown_or_watched(tmp_path: Path) -> None:
    used = {name for _, expression in expressions() for name in NAME.findall(expression)}
    bare = {re.sub(r"_(bucket|sum|count)$", "", name) for name in used}
    ours = {re.sub(r"_(bucket|sum|count)$", "", name) for name in await existing(tmp_path) if name.startswith("sotay_")}
    assert ours <= bare, ours - bare


def test_every_alert_is_complete_and_has_a_name_of_its_own() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names)) >= 15
    for rule in alerts():
        assert re.fullmatch(r"Sotay[A-Z]\w+", rule["alert"])
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"]["summary"].endswith(".")
        assert re.fullmatch(r"\d+[mhd]", rule.get("for", "0m"))


def test_the_runbook_has_one_entry_for_each_alert_and_each_says_what_to_do() -> None:
    entries = re.split(r"^### ", RUNBOOK.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert [entry.split("\n", 1)[0] for entry in entries] == [rule["alert"] for rule in alerts()]
    for entry in entries:
        parts = re.findall(r"^\*\*(\w[\w ]*)\*\* \S", entry, re.MULTILINE)
        assert parts == ["Means", "Look at", "Do"], entry


def test_the_runbook_knows_every_kind_of_part_that_readiness_asks() -> None:
    text = RUNBOOK.read_text(encoding="utf-8")
    for word in (Kind.DATABASE.value, "search", "platform"):
        assert word in text


def test_the_dashboard_has_panels_that_neither_overlap_nor_lack_their_source() -> None:
    taken: set[tuple[int, int]] = set()
    ids = [panel["id"] for panel in panels()]
    assert len(ids) == len(set(ids))
    for panel in panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= WIDTH
        cells = {(place["x"] + column, place["y"] + row) for column in range(place["w"]) for row in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}"
            assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0


@pytest.mark.parametrize("arguments", [("check", "rules", str(RULES)), ("test", "rules", "sotay.rules.test.yml")])
def test_promtool_accepts_the_rules_and_they_ring_when_they_should(arguments: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        print("promtool is not on this machine (Debian: apt-get install prometheus): only our own checks ran")  # noqa: T201
        return
    command, folder = [promtool, *arguments], Path(__file__).parent
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout
