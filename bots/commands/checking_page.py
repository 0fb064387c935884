"""The findings of `sotay models check`, as people read them."""

from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from bots.commands.running import Session
from core.errors import SotayError
from core.output import visible
from core.texts import translate
from models.anatomy import Anatomy
from models.machine import Machine
from models.needs import Plan
from models.planning import MIB_IN_GB, Verdict, presets

CARDS = {
    12: "12 GB: RTX 3060, RTX 4070 Ti",
    16: "16 GB: RTX 4070 Ti SUPER",
    24: "24 GB: RTX 3090, RTX 4090",
    40: "40 GB: A100",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """The model that is asked about; `fault` is why its file cannot be used, if it cannot."""

    name: str
    path: Path
    anatomy: Anatomy
    fault: SotayError | None = None


def changes(plan: Plan, other: Plan) -> str:
    """The settings by which `other` differs, as they are written."""
    pairs = {
        "n_gpu_layers": (plan.gpu_layers, other.gpu_layers),
        "n_ctx": (plan.n_ctx, other.n_ctx),
        "slots": (plan.slots, other.slots),
        "kept": (plan.kept, other.kept),
    }
    return ", ".join(f"models.{key} = {after}" for key, (before, after) in pairs.items() if before != after)


@dataclass(frozen=True, slots=True)
class Page:
    """The findings for people."""

    session: Session
    subject: Subject
    machine: Machine
    verdict: Verdict

    def show(self, reason: str) -> None:
        """All of it; `reason` is the id of the text that says why no card is used, or empty."""
        if self.subject.fault is None:
            self._say("models.good", path=self.subject.path)
        self._machine(reason)
        self.session.out.print(self._sums())
        self._verdict()
        self.session.out.print(self._presets())
        self._say("models.estimated")

    def _machine(self, reason: str) -> None:
        if self.machine.fault:
            self._say("models.driver_fault", reason=self.machine.fault)
        for card in self.machine.cards:
            if card.free_mib is None:
                self._say("models.card_asked", name=card.name)
            else:
                facts = {"total": card.total_mib, "free": card.free_mib, "driver": card.driver or "-"}
                self._say("models.card", name=card.name, **facts)
        if reason:
            self._say(reason)
        self._say("models.ram", total=self.machine.ram_mib, free=self.machine.ram_free_mib)

    def _sums(self) -> Table:
        plan, gpu, ram = self.verdict.plan, self.verdict.gpu, self.verdict.ram
        table = self._table("models.column_part", "models.column_gpu", "models.column_ram")
        rows = (
            (self._text("models.part_weights"), gpu.weights, ram.weights),
            (self._text("models.part_cache", streams=plan.streams, n_ctx=plan.n_ctx), gpu.cache, ram.cache),
            (self._text("models.part_buffers", n_batch=plan.n_batch), gpu.buffers, ram.buffers),
            (self._text("models.part_other"), gpu.other, ram.other),
            (self._text("models.part_all"), gpu.total, ram.total),
        )
        for title, card, memory in rows:
            table.add_row(title, f"{card:,.0f}", f"{memory:,.0f}")
        return table

    def _verdict(self) -> None:
        plan, spare = self.verdict.plan, self.verdict.spare_mib
        self._say("models.plan", slots=plan.slots, kept=plan.kept, n_ctx=plan.n_ctx)
        self._say("models.fits" if spare >= 0 else "models.too_large", gb=f"{abs(spare) / MIB_IN_GB:.1f}")
        for other in self.verdict.instead:
            self._say("models.set_instead", settings=changes(plan, other))
        if spare < 0 and not self.verdict.instead:
            self._say("models.try_smaller")
        free = [card.free_mib for card in self.machine.cards if card.free_mib is not None]
        if spare >= 0 and free and sum(free) < self.verdict.gpu.total:
            self._say("models.card_in_use", free=sum(free))

    def _presets(self) -> Table:
        table = self._table("models.column_card", "n_ctx", "slots", "kept", "models.column_gpu")
        for gb, found in presets(self.subject.anatomy, self.machine.ram_mib, self.verdict.plan.beside_mib).items():
            plan = found.plan
            numbers = (plan.n_ctx, plan.slots, plan.kept) if found.fits else ("-", "-", "-")
            table.add_row(CARDS[gb], *(str(number) for number in numbers), f"{found.gpu.total:,}")
        return table

    def _table(self, first: str, *others: str) -> Table:
        table = Table(box=None, pad_edge=False)
        table.add_column(self._text(first))
        for other in others:
            table.add_column(self._text(other) if other.startswith("models.") else other, justify="right")
        return table

    def _text(self, message_id: str, **facts: object) -> str:
        return translate(self.session.language, message_id, **facts)

    def _say(self, message_id: str, **facts: object) -> None:
        self.session.out.print(Text(visible(self._text(message_id, **facts))))
