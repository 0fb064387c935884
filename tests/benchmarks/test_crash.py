"""Real workers that die by SIGKILL, or are told to stop, with questions in their hands."""

import asyncio
from asyncio.subprocess import Process
from dataclasses import replace

import pytest

from benchmarks.crash.chat import MUTE, SURFACES, TELLING
from benchmarks.crash.runs import deaths, wind_up
from benchmarks.crash.stage import Setting, Stage, staged, until
from benchmarks.crash.verdict import judge
from benchmarks.crash.worker import POINTS, Fault
from tests.core.store.databases import KINDS

IN_FLIGHT = 20


def everywhere(surface: str) -> list[Fault]:
    return [Fault(point, surface) for point in POINTS]


@pytest.mark.parametrize("database", KINDS)
async def test_a_worker_may_die_at_any_point(database: str) -> None:
    setting = Setting(database, lease_seconds=0.5, model_seconds=0.02)
    async with (
        staged(replace(setting, surfaces=(TELLING,))) as telling,
        staged(replace(setting, surfaces=(MUTE,))) as mute,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(deaths(telling, everywhere(TELLING)))
        group.create_task(deaths(mute, everywhere(MUTE)))
    for stage in (telling, mute):
        assert (stage.missed, stage.statuses, len(stage.killed_at)) == ([], [0], len(POINTS))
        verdict = judge(stage.chat)
        assert verdict.questions >= len(POINTS)
        assert (verdict.lost, verdict.twice, verdict.wrong, verdict.unacknowledged) == ([], [], [], 0)
    assert judge(telling.chat).orphans.total() == 0


async def at_work(stage: Stage) -> Process:
    """A worker from which the platform has heard."""
    before = stage.chat.changed_at
    worker = await stage.nursery.start()
    if not stage.chat.asked:
        await asked(stage)
    await until(lambda: stage.chat.changed_at > before)
    return worker


async def asked(stage: Stage) -> None:
    """Twenty questions are being answered: a placeholder stands under each."""
    for number in range(IN_FLIGHT):
        stage.traffic.ask(SURFACES[number % 2], f"p{number}")
    await until(lambda: len(stage.chat.of_ours()) == IN_FLIGHT and not stage.chat.unacked)


async def test_a_worker_that_is_told_to_stop_ends_what_it_has_begun() -> None:
    async with staged(Setting(calm=True, slots=IN_FLIGHT, model_seconds=2.0)) as stage:
        worker = await at_work(stage)
        assert not any(message.last_word for message in stage.chat.of_ours())
        await stage.stop([worker])
        verdict = judge(stage.chat)
    assert stage.statuses == [0]
    assert verdict.is_exact
    assert (verdict.orphans.total(), verdict.failures) == (0, {})


async def test_what_a_worker_cannot_end_in_time_the_next_one_ends() -> None:
    async with staged(Setting(calm=True, slots=IN_FLIGHT, model_seconds=2.0, drain_seconds=0.1)) as stage:
        for _ in range(3):  # as often as a question may cost a worker its life
            await stage.stop([await at_work(stage)])
        assert len(judge(stage.chat).lost) == IN_FLIGHT
        await wind_up(stage, [await stage.nursery.start()])
        verdict = judge(stage.chat)
    assert stage.statuses == [0] * 4
    assert verdict.is_exact
    assert (verdict.orphans.total(), verdict.failures) == (0, {})
