"""What `benchmarks.routing` measured, as a table for people and as one object for programs."""

from dataclasses import asdict, dataclass, field

from benchmarks.figures import Share, machine
from models.training.figures import Figures


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured; shares are from 0 to 1, times in milliseconds."""

    rows: int
    figures: Figures
    right: Share
    missed: Share
    by_lang: dict[str, Share]
    flips: Share
    polite_flips: Share
    kinds: Share
    office_called_other: Share
    kept_local: Share
    kept_local_ordinary: float
    p50_ms: float
    p95_ms: float
    others: dict[str, Figures] = field(default_factory=dict)


def table(report: Report) -> str:
    lines = [
        f"accuracy                          {report.right}",
        f"macro-F1                          {report.figures.macro_f1:.3f}",
        f"AUROC of complex                  {report.figures.auroc_complex:.3f}",
        f"complex taken for simple          {report.missed}",
        *(f"accuracy, {code:<24}{share}" for code, share in report.by_lang.items()),
        f"changed without tone marks        {report.flips}",
        f"changed by a greeting before it   {report.polite_flips}",
        f"kind                              {report.kinds}",
        f"office question held for other    {report.office_called_other}  if the search finds nothing near",
        f"office questions kept local       {report.kept_local}  hybrid, everything may leave",
        f"the same on ordinary days         {report.kept_local_ordinary:.3f}",
        f"gate and router                   {report.p50_ms:.1f} ms p50, {report.p95_ms:.1f} ms p95",
    ]
    for name, figures in report.others.items():
        said = f"accuracy {figures.accuracy:.3f}, macro-F1 {figures.macro_f1:.3f}, AUROC {figures.auroc_complex:.3f}"
        lines.append(f"{name:<34}{said}, complex taken for simple {figures.complex_as_simple:.3f}")
    return "\n".join((f"{report.rows} questions; {machine()}", *lines))


def record(report: Report) -> dict[str, object]:
    """For programs."""
    return {
        **asdict(report.figures),
        "by_lang": {code: share.value for code, share in report.by_lang.items()},
        "flip_unaccented": report.flips.value,
        "flip_polite": report.polite_flips.value,
        "kind_accuracy": report.kinds.value,
        "office_called_other": report.office_called_other.value,
        "kept_local": report.kept_local.value,
        "kept_local_ordinary": report.kept_local_ordinary,
        "p50_ms": report.p50_ms,
        "p95_ms": report.p95_ms,
        "rows": report.rows,
        "others": {name: asdict(figures) for name, figures in report.others.items()},
    }
