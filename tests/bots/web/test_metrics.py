"""Metrics in Prometheus's text format, bounded whatever happens."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bots.web.metrics import MOST_SERIES, OTHER, PrometheusMetrics, Reading
from core import metrics
from tests.bots.web.reading import samples


def test_every_counter_and_duration_can_be_told_of_and_read() -> None:
    figures = PrometheusMetrics()
    for counter in metrics.COUNTERS:
        figures.count(counter, 2, **dict.fromkeys(counter.labels, "x"))
    for duration in metrics.DURATIONS:
        figures.took(duration, 0.3, **dict.fromkeys(duration.labels, "x"))
    read = samples(figures.text())
    for counter in metrics.COUNTERS:
        assert read[counter.name, ("x",) * len(counter.labels)] == 2
    for duration in metrics.DURATIONS:
        assert read[f"{duration.name}_count", ("x",) * len(duration.labels)] == 1
        assert read[f"{duration.name}_bucket", (*("0.25", "x")[: len(duration.labels) + 1],)] == 0
        assert read[f"{duration.name}_bucket", (*("0.5", "x")[: len(duration.labels) + 1],)] == 1


def test_the_text_is_what_prometheus_parses_with_help_and_kind_for_each() -> None:
    figures = PrometheusMetrics()
    figures.count(metrics.VOTES, vote="up")
    text = figures.text([Reading("sotay_documents", "Documents.", ("space",), [(("nhân-sự",), 3.0)])]).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["sotay_votes"].type == "counter"
    assert families["sotay_documents"].type == "gauge"
    assert families["sotay_documents"].samples[0].labels == {"space": "nhân-sự"}
    assert families["sotay_documents"].documentation == "Documents."
    assert families["process_resident_memory_bytes"].samples[0].value > 0
    assert "_created" not in text


def test_readings_are_those_that_were_taken_last() -> None:
    figures = PrometheusMetrics()
    figures.text([Reading("sotay_documents", "Documents.", ("space",), [(("gone",), 3.0)])])
    read = samples(figures.text([Reading.single("sotay_steps_total", "Steps.", 7, grows=True)]))
    assert ("sotay_documents", ("gone",)) not in read
    assert read["sotay_steps_total", ()] == 7


def test_however_many_values_a_label_takes_the_series_are_bounded() -> None:
    figures = PrometheusMetrics()
    for number in range(MOST_SERIES * 3):
        figures.count(metrics.QUESTIONS, surface=f"surface {number}")
    read = {key: value for key, value in samples(figures.text()).items() if key[0] == metrics.QUESTIONS.name}
    assert len(read) == MOST_SERIES + 1
    assert read[metrics.QUESTIONS.name, (OTHER,)] == MOST_SERIES * 2
    assert sum(read.values()) == MOST_SERIES * 3
    many = [((str(number),), 1.0) for number in range(MOST_SERIES * 3)]
    text = figures.text([Reading("sotay_documents", "Documents.", ("space",), many)]).decode()
    assert text.count("sotay_documents{") == MOST_SERIES


def test_a_label_that_is_not_given_is_an_error_here_and_not_in_the_figures() -> None:
    figures = PrometheusMetrics()
    with pytest.raises(KeyError):
        figures.count(metrics.ANSWERS, outcome="answered")
