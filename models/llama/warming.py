"""The fixed start of prompts, evaluated before the first question and remembered for the next process."""

from models.llama.prefixes import PrefixStore
from models.llama.runner import Runner
from models.llama.scheduler import Scheduler
from models.llama.sequences import Sequence


class Warming:
    """The owner thread alone calls it."""

    def __init__(self, scheduler: Scheduler, runner: Runner, store: PrefixStore) -> None:
        self._scheduler = scheduler
        self._runner = runner
        self._store = store

    def recall(self, prompt: list[int]) -> bool:
        """Puts the saved evaluation of exactly this prompt into a stream; False where there is none."""
        state = self._store.read(prompt)
        stream = self._scheduler.adopt(prompt) if state is not None else None
        if state is None or stream is None:
            return False
        if self._runner.restore(stream, state):
            return True
        self._scheduler.forget(stream)
        return False

    def keep(self, sequence: Sequence) -> None:
        """Saves the evaluation of a prompt that its stream holds now."""
        if sequence.stream is not None:
            self._store.write(sequence.prompt, self._runner.save(sequence.stream))
