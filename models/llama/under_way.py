"""The jobs of the step that is being evaluated."""

import threading
from dataclasses import dataclass, field

from models.llama.job import Job
from models.llama.stopping import AbortFlag, Cause


@dataclass(slots=True)
class UnderWay:
    """The jobs of the step that is being evaluated. Once nobody wants it any more, the model is stopped in it."""

    flag: AbortFlag = field(default_factory=AbortFlag)
    _jobs: tuple[Job, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, jobs: tuple[Job, ...]) -> None:
        with self._lock:
            self.flag.lower()
            self._jobs = jobs

    def end(self) -> None:
        with self._lock:
            self._jobs = ()

    def stopped(self, job: Job, cause: Cause) -> None:
        """From any thread: the job has been told to stop; the first cause stands."""
        with self._lock:
            job.cause = job.cause or cause
            if job in self._jobs and all(other.cause for other in self._jobs):
                self.flag.raise_()
