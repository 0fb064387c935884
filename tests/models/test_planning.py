"""Settings that fit: chosen for a machine, judged on it, and proposed where they do not."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.anatomy import Anatomy
from models.catalog import CATALOG
from models.machine import Card, Machine, this_machine
from models.needs import Plan
from models.planning import CONTEXTS, GPU_SHARE, Verdict, Wishes, beside_mib, judge, plan_for, presets


def anatomy_of(name: str) -> Anatomy:
    found = CATALOG[name].anatomy
    assert found
    return found


QWEN = anatomy_of("qwen2.5-7b-instruct")
SMALL = anatomy_of("qwen2.5-1.5b-instruct")


def machine(*gb: float, ram_gb: int = 32) -> Machine:
    return Machine(tuple(Card(f"{size}", int(size * 1024), int(size * 1024)) for size in gb), ram_gb * 1024, 0)


def shape(plan: Plan) -> tuple[int, int, int]:
    return plan.n_ctx, plan.slots, plan.kept


class TestChosen:
    def test_a_card_of_twelve_gb_serves_sixteen(self) -> None:
        plan = plan_for(QWEN, Wishes(4096), machine(12))
        assert shape(plan) == (4096, 16, 10)
        assert (plan.n_batch, plan.gpu_layers) == (1024, -1)

    @pytest.mark.parametrize("gb", CONTEXTS)
    def test_every_usual_card_has_settings_that_leave_a_tenth_free(self, gb: int) -> None:
        verdict = presets(QWEN)[gb]
        assert verdict.plan.n_ctx == CONTEXTS[gb]
        assert verdict.plan.slots >= 16
        assert verdict.plan.kept >= 5
        assert verdict.gpu.total <= gb * 1024 * GPU_SHARE

    def test_without_a_card_four_are_served_from_half_the_memory(self) -> None:
        plan = plan_for(SMALL, Wishes(4096), machine(ram_gb=16))
        assert shape(plan) == (4096, 4, 2)
        assert (plan.n_batch, plan.gpu_layers) == (512, 0)
        assert judge(SMALL, plan, machine(ram_gb=16)).fits

    def test_a_card_that_the_settings_leave_out_counts_for_nothing(self) -> None:
        assert plan_for(SMALL, Wishes(4096, gpu_layers=0), machine(24)).gpu_layers == 0

    @pytest.mark.parametrize(
        ("slots", "kept", "found"), [(4, None, (4, 8)), (None, 10, (16, 10)), (3, 2, (3, 2)), (None, 0, (24, 0))]
    )
    def test_what_the_settings_say_is_kept(self, slots: int | None, kept: int | None, found: tuple[int, int]) -> None:
        plan = plan_for(QWEN, Wishes(4096, slots, kept, n_batch=700), machine(12))
        assert (plan.slots, plan.kept, plan.n_batch) == (*found, 700)

    def test_models_of_the_search_take_their_share_of_the_card(self) -> None:
        alone, beside = (
            plan_for(QWEN, Wishes(4096), machine(12)),
            plan_for(QWEN, Wishes(4096, beside_mib=1700), machine(12)),
        )
        assert beside.streams < alone.streams
        assert judge(QWEN, beside, machine(12)).fits
        assert presets(QWEN, beside_mib=1700)[12].gpu.total == judge(QWEN, beside, machine(12)).gpu.total

    def test_they_are_counted_by_the_catalogue(self) -> None:
        assert beside_mib(CATALOG["bge-m3"]) == 605 + 256

    def test_one_is_always_served_even_where_nothing_fits(self) -> None:
        assert shape(plan_for(QWEN, Wishes(8192), machine(4))) == (8192, 1, 0)

    @given(gb=some.floats(6, 90), n_ctx=some.integers(512, 32_768))
    def test_what_is_chosen_fits_wherever_one_question_does(self, gb: float, n_ctx: int) -> None:
        room = machine(gb)
        alone = judge(QWEN, plan_for(QWEN, Wishes(n_ctx, 1, 0), room), room)
        assert not alone.fits or judge(QWEN, plan_for(QWEN, Wishes(n_ctx), room), room).fits


def judged(plan: Plan, room: Machine) -> Verdict:
    return judge(QWEN, plan, room)


class TestJudged:
    def test_seventeen_of_8192_do_not_fit_twelve_gb_but_sixteen(self) -> None:
        plan = Plan(8192, 16, 1, 512)
        assert not judged(plan, machine(12)).fits
        assert judged(plan, machine(16)).fits

    def test_what_is_missing_is_told_with_settings_that_fit(self) -> None:
        verdict = judged(Plan(8192, 16, 8, 1024), machine(12))
        assert verdict.spare_mib == pytest.approx(-3806, abs=20)
        fewer, shorter = verdict.instead
        assert (fewer.n_ctx, fewer.slots, fewer.kept) == (8192, 8, 7)
        assert (shorter.n_ctx, shorter.slots, shorter.kept) == (5120, 16, 8)
        assert all(judged(plan, machine(12)).fits for plan in verdict.instead)

    def test_a_card_too_small_for_the_weights_takes_some_layers(self) -> None:
        (other,) = judged(Plan(4096, 8, 8, 512), machine(4)).instead
        assert (other.slots, other.kept) == (1, 0)
        assert 10 < other.gpu_layers < 28
        assert judged(other, machine(4)).fits

    def test_nothing_is_proposed_where_nothing_fits(self) -> None:
        assert judged(Plan(4096, 1, 0, 512), machine(0.5)).instead == ()

    def test_two_cards_hold_together_what_one_does_not(self) -> None:
        plan = Plan(8192, 16, 8, 1024)
        assert judged(plan, machine(12, 12)).fits
        assert judged(plan, machine(12, 12)).gpu_mib < 2 * judged(plan, machine(12)).gpu_mib

    def test_main_memory_counts_beside_the_card(self) -> None:
        short = Machine(machine(24).cards, 512, 100)
        verdict = judged(Plan(4096, 4, 4, 512), short)
        assert not verdict.fits
        assert verdict.instead == ()

    def test_on_a_cpu_main_memory_is_what_counts(self) -> None:
        plan = Plan(4096, 4, 4, 512, gpu_layers=0)
        assert judged(plan, machine(ram_gb=16)).fits
        verdict = judged(plan, machine(ram_gb=7))
        assert not verdict.fits
        assert all(judged(other, machine(ram_gb=7)).fits for other in verdict.instead)

    @given(
        gb=some.floats(0.5, 48),
        plan=some.builds(Plan, some.integers(512, 32_768), some.integers(1, 64), some.integers(0, 64), some.just(512)),
    )
    def test_everything_proposed_fits(self, gb: float, plan: Plan) -> None:
        verdict = judged(plan, machine(gb))
        assert verdict.fits == (not verdict.instead) or not verdict.instead
        assert all(judged(other, machine(gb)).fits for other in verdict.instead)


def driver(folder: Path, script: str) -> str:
    """A program in `nvidia-smi`'s place."""
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


class TestMachine:
    def test_cards_are_read_from_the_driver(self, tmp_path: Path) -> None:
        lines = "NVIDIA GeForce RTX 3060, 12288, 11911, 550.54\nTesla, V, 16384, [N/A], 550.54"
        found = this_machine(driver(tmp_path, f"printf '{lines}\\n'"))
        assert found.cards == (Card("NVIDIA GeForce RTX 3060", 12_288, 11_911, "550.54"),)
        assert found.fault == ""

    def test_a_driver_that_fails_is_quoted(self, tmp_path: Path) -> None:
        found = this_machine(
            driver(tmp_path, "echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18")
        )
        assert found.cards == ()
        assert found.fault == "Failed to initialize NVML: Driver/library version mismatch"

    def test_without_a_driver_there_are_no_cards(self) -> None:
        found = this_machine("/no/such/nvidia-smi")
        assert (found.cards, found.fault) == ((), "")

    def test_main_memory_is_read_from_the_system(self, tmp_path: Path) -> None:
        memory = tmp_path / "meminfo"
        memory.write_text("MemTotal:       16384000 kB\nMemFree:  1 kB\nMemAvailable:    8192000 kB\nHugePages:\n")
        found = this_machine("/no/such/nvidia-smi", memory)
        assert (found.ram_mib, found.ram_free_mib) == (16_000, 8_000)
        assert this_machine("/no/such/nvidia-smi", tmp_path / "none").ram_mib == 0
