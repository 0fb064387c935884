"""The report of an experiment as JSON: shares from 0 to 1, times in milliseconds, money in US dollars."""

from collections.abc import Mapping
from dataclasses import asdict

from bots.resampling import Estimate
from core.comparing import Comparison, Figures, Result
from core.routing import Strategy
from core.trial import Finding

Estimates = Mapping[Strategy, Mapping[str, Estimate]]


def as_data(name: str, result: Result, figures: Estimates, more: Estimates) -> dict[str, object]:
    """`figures` and `more` as `bots.resampling.estimates`. Nobody is named in it."""
    pairs = result.pairs
    return {
        "experiment": name,
        "arms": {arm.strategy.value: _arm(arm, figures[arm.strategy]) for arm in result.arms},
        "comparisons": [_comparison(compared, more[compared.second]) for compared in result.comparisons],
        "people_in_two_arms": result.moved,
        "dealt_unevenly": {"p": result.uneven, "is_so": result.is_dealt_unevenly},
        "votes_a_day": round(result.pace, 3),
        "shadow": None
        if pairs is None
        else {
            "api_preferred": pairs.second,
            "local_preferred": pairs.first,
            "ties": pairs.ties,
            "p": pairs.p,
            "usd": result.pairs_usd,
        },
    }


def _arm(arm: Figures, figures: Mapping[str, Estimate]) -> dict[str, object]:
    counts = ("people", "questions", "answered", "not_found", "failed", "up", "down", "asked", "asked_up", "asked_down")
    return {name: getattr(arm, name) for name in counts} | {
        "first_token_ms": {f"p{share}": value for share, value in arm.first_token.items()},
        "total_ms": {f"p{share}": value for share, value in arm.total.items()},
        "usd_per_answer": arm.usd,
        "kept_local": arm.local,
        "intervals": {name: asdict(estimate) for name, estimate in figures.items()},
    }


def _comparison(compared: Comparison, more: Mapping[str, Estimate]) -> dict[str, object]:
    return {
        "first": compared.first.value,
        "second": compared.second.value,
        "votes": _finding(compared.votes) | {"conclusion": compared.votes.conclusion.value},
        "missing_votes": compared.votes.missing,
        "more": {name: asdict(estimate) for name, estimate in more.items()},
        "guards": {name: _finding(found) for name, found in compared.guards.items()},
        "harms": list(compared.harms),
    }


def _finding(found: Finding) -> dict[str, object]:
    return {
        "share": found.second.share,
        "share_of_first": found.first.share,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "p": found.p,
    }
