"""Metrics as Prometheus reads them: what was counted and timed, and what is read when it asks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core import metrics

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 45, 60, 90, 120, 180, 300)
"""Seconds. People notice 0.25 and wait for 3; the longest deadline that makes sense is some minutes."""
MOST_SERIES = 50
"""Combinations of labels that one metric keeps; all that come later are counted together as `OTHER`."""
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reading:
    """A state as it is now: one value for each combination of labels, of which there may be none.

    With `grows` it is a sum since the start of the process.
    """

    name: str
    says: str
    labels: tuple[str, ...] = ()
    values: Sequence[tuple[tuple[str, ...], float]] = ()
    grows: bool = False

    @classmethod
    def single(cls, name: str, says: str, value: float, *, grows: bool = False) -> "Reading":
        return cls(name, says, (), (((), float(value)),), grows)

    @property
    def family(self) -> Metric:
        kind = CounterMetricFamily if self.grows else GaugeMetricFamily
        family = kind(self.name, self.says, labels=self.labels)
        for labels, value in self.values[:MOST_SERIES]:
            family.add_metric(labels, value)
        return family


class _Latest(Collector):
    """The readings that were taken last."""

    def __init__(self) -> None:
        self.readings: Sequence[Reading] = ()

    def collect(self) -> Iterator[Metric]:
        return (reading.family for reading in self.readings)


@dataclass
class PrometheusMetrics:
    """`core.metrics.Metrics` in a registry of its own, with the process's memory, time and files beside it."""

    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=False))

    def __post_init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody reads
        self._counters = {
            what.name: Counter(what.name, what.says, what.labels, registry=self.registry) for what in metrics.COUNTERS
        }
        self._durations = {
            what.name: Histogram(what.name, what.says, what.labels, registry=self.registry, buckets=BUCKETS)
            for what in metrics.DURATIONS
        }
        self._known: dict[str, set[tuple[str, ...]]] = {}
        self._latest = _Latest()
        self.registry.register(self._latest)
        ProcessCollector(registry=self.registry)

    def count(self, what: metrics.Counter, amount: float = 1.0, **labels: str) -> None:
        counter = self._counters[what.name]
        (counter.labels(*self._bounded(what.name, what.labels, labels)) if what.labels else counter).inc(amount)

    def took(self, what: metrics.Duration, seconds: float, **labels: str) -> None:
        duration = self._durations[what.name]
        (duration.labels(*self._bounded(what.name, what.labels, labels)) if what.labels else duration).observe(seconds)

    def text(self, readings: Sequence[Reading] = ()) -> bytes:
        """Everything in Prometheus's text format, with these readings."""
        self._latest.readings = readings
        return generate_latest(self.registry)

    def _bounded(self, name: str, order: Iterable[str], labels: dict[str, str]) -> tuple[str, ...]:
        """The values in their order. However wrong a label may be, there are never more than `MOST_SERIES`."""
        values = tuple(labels[label] for label in order)
        known = self._known.setdefault(name, set())
        if values not in known and len(known) >= MOST_SERIES:
            return (OTHER,) * len(values)
        known.add(values)
        return values


Read = Callable[[], Sequence[Reading]]
"""Reads a state that needs no waiting."""
