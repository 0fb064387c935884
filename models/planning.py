"""Settings that fit a machine: chosen where the office leaves them open, judged where it sets them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from models.anatomy import Anatomy
from models.catalog import CatalogEntry
from models.machine import MIB, Card, Machine
from models.needs import BESIDE_MIB, CUDA_MIB, Needs, Plan, gpu_needs, ram_needs

MIB_IN_GB = 1024
HELD_BACK_MIB = 256  # of a card, for the driver and a screen: a guess
HELD_BACK_SHARE = 0.1  # of main memory, for the system
GPU_SHARE, RAM_SHARE = 0.9, 0.5  # of the memory, where we choose: other things want some, too
GPU_BATCH, CPU_BATCH = 1024, 512  # tokens a step: measured best of 256, 512 and 1,024 on an H100; a CPU gains nothing
MOST_SLOTS, MOST_CPU_SLOTS = 32, 4
SLOTS_SHARE = 0.8  # of the streams; the others remember conversations
EVEN = 8  # slots beyond this many are a multiple of it
MOST_KEPT = 2  # for each slot
MOST_CPU_KEPT = 0.5
READING_MIB = 256  # of a model that reads texts whole: a guess
CONTEXTS = {12: 4096, 16: 8192, 24: 8192, 40: 16_384}
"""The context that we propose for a card of so many GB: with it the 7B model serves 16 people or more at once."""
LEAST_CONTEXT = 2048
CONTEXT_STEP = 1024


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the settings say; None leaves it to the machine. `beside_mib` is what the models of the search take."""

    n_ctx: int
    slots: int | None = None
    kept: int | None = None
    n_batch: int | None = None
    gpu_layers: int = -1
    flash_attention: bool = True
    drafts: bool = True
    beside_mib: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A plan, what it takes on the card and in main memory, and what is there, in MiB. `instead` are plans that fit."""

    plan: Plan
    gpu: Needs
    ram: Needs
    gpu_mib: int
    ram_mib: int
    instead: tuple[Plan, ...] = ()

    @property
    def spare_mib(self) -> int:
        """What stays free where memory is shortest for this plan; negative is what is missing.

        Main memory only counts where the model lives there or it is too small; one of unknown size spares 0.
        """
        card = self.gpu_mib - self.gpu.total
        memory = self.ram_mib - self.ram.total if self.ram_mib else 0
        return card if self.plan.gpu_layers and (card < 0 or memory >= 0) else memory

    @property
    def fits(self) -> bool:
        return self.spare_mib >= 0


def plan_for(anatomy: Anatomy, wishes: Wishes, machine: Machine) -> Plan:
    """The wishes, completed for the machine. Give it a machine without cards where llama.cpp cannot use them."""
    on_gpu = bool(machine.cards) and wishes.gpu_layers != 0
    batch = wishes.n_batch or (GPU_BATCH if on_gpu else CPU_BATCH)
    layers = wishes.gpu_layers if on_gpu else 0
    plan = Plan(wishes.n_ctx, 0, 0, batch, layers, wishes.flash_attention, wishes.drafts, wishes.beside_mib)
    total = sum(card.total_mib for card in machine.cards) * GPU_SHARE if on_gpu else machine.ram_mib * RAM_SHARE
    streams = streams_in(anatomy, plan, int(total))
    slots = wishes.slots or slots_of(streams - (wishes.kept or 0), on_gpu=on_gpu, all_of_them=wishes.kept is not None)
    most = int(slots * (MOST_KEPT if on_gpu else MOST_CPU_KEPT))
    kept = max(0, min(streams - slots, most)) if wishes.kept is None else wishes.kept
    return replace(plan, slots=slots, kept=kept)


def presets(anatomy: Anatomy, ram_mib: int = 0, beside_mib: int = 0) -> dict[int, Verdict]:
    """What we would set on cards of the usual sizes, by their GB."""
    machines = {gb: Machine((Card(f"{gb} GB", gb * MIB_IN_GB),), ram_mib) for gb in CONTEXTS}
    plans = {
        gb: plan_for(anatomy, Wishes(CONTEXTS[gb], beside_mib=beside_mib), machine) for gb, machine in machines.items()
    }
    return {gb: judge(anatomy, plan, machines[gb]) for gb, plan in plans.items()}


def beside_mib(entry: CatalogEntry) -> int:
    """What a model of the search takes beside the local one: its file, and room to read a few passages."""
    return (entry.size or 0) // MIB + READING_MIB


def slots_of(streams: int, *, on_gpu: bool, all_of_them: bool = False) -> int:
    """How many of the streams are for requests, at least 1."""
    share = streams if all_of_them else int(streams * SLOTS_SHARE)
    slots = max(1, min(share, MOST_SLOTS if on_gpu else MOST_CPU_SLOTS))
    return slots - slots % EVEN if slots > EVEN else slots


def streams_in(anatomy: Anatomy, plan: Plan, mib: int) -> int:
    """Streams of the plan's context that `mib` of memory hold beside everything else, maybe none."""
    needs = gpu_needs if plan.gpu_layers else ram_needs
    none = needs(anatomy, replace(plan, slots=0, kept=0))
    one = needs(anatomy, replace(plan, slots=1, kept=0)).cache
    return max(0, int((mib - none.total) // one)) if one else 0


def judge(anatomy: Anatomy, plan: Plan, machine: Machine) -> Verdict:
    """Whether the plan fits the machine, judged by what it has, not by what is free at the moment."""
    count = len(machine.cards)
    cards = sum(card.total_mib for card in machine.cards) - HELD_BACK_MIB * count
    gpu_mib = cards - (CUDA_MIB + BESIDE_MIB) * max(0, count - 1) if plan.gpu_layers else 0
    ram_mib = int(machine.ram_mib * (1 - HELD_BACK_SHARE))
    verdict = Verdict(plan, gpu_needs(anatomy, plan), ram_needs(anatomy, plan), gpu_mib, ram_mib)
    return verdict if verdict.fits else replace(verdict, instead=tuple(_instead(anatomy, verdict)))


def _instead(anatomy: Anatomy, verdict: Verdict) -> Iterator[Plan]:
    """Plans that fit, the one closest to what was asked first: fewer streams, a shorter context, fewer layers."""
    plan = verdict.plan
    if plan.gpu_layers and verdict.gpu.total <= verdict.gpu_mib:
        return  # main memory is what is missing, and none of these needs less of it
    mib = verdict.gpu_mib if plan.gpu_layers else verdict.ram_mib
    if streams := streams_in(anatomy, plan, mib):
        slots = min(plan.slots, slots_of(streams, on_gpu=plan.gpu_layers != 0))
        yield replace(plan, slots=slots, kept=min(plan.kept, streams - slots))
    for n_ctx in range((plan.n_ctx - 1) // CONTEXT_STEP * CONTEXT_STEP, LEAST_CONTEXT - 1, -CONTEXT_STEP):
        if streams_in(anatomy, replace(plan, n_ctx=n_ctx), mib) >= plan.streams:
            yield replace(plan, n_ctx=n_ctx)
            break
    if not streams and plan.gpu_layers:
        yield from _with_fewer_layers(anatomy, replace(plan, slots=1, kept=0), mib)


def _with_fewer_layers(anatomy: Anatomy, plan: Plan, mib: int) -> Iterator[Plan]:
    """One asker, and as many layers on the card as it holds."""
    for layers in range(anatomy.layers, 0, -1):
        fewer = replace(plan, gpu_layers=layers)
        if gpu_needs(anatomy, fewer).total <= mib:
            yield fewer
            return
