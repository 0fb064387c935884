"""Answers that copy most of their words from the passages: what drafts are for, played by a script."""

import dataclasses

import numpy as np

from benchmarks.engine.turns import Plan, Sizes, Turn, Words, drawn, independent

COPIED = 0.8
SPAN = (8, 33)
"""A copied span has at least 8 tokens and fewer than 33: part of a sentence up to two of them."""


def copied_answer(chance: np.random.Generator, words: Words, prompt: tuple[int, ...], out: int) -> tuple[int, ...]:
    """`out` tokens, 80 % of them in spans of the prompt, words of one's own between them."""
    answer: list[int] = []
    copied = 0
    while len(answer) < out:
        if copied <= COPIED * len(answer):
            length = min(int(chance.integers(*SPAN)), len(prompt))
            start = int(chance.integers(len(prompt) - length + 1))
            span = prompt[start : start + length]
            copied += length
        else:
            span = drawn(chance, words, 1)
        answer += span
    return tuple(answer[:out])


def copying(words: Words, sizes: Sizes, askers: int, rounds: int, seed: int) -> Plan:
    """Independent questions, each with the script of its answer."""
    chance = np.random.default_rng(seed + 1)
    plan = independent(words, sizes, askers, rounds, seed)

    def scripted(turn: Turn) -> Turn:
        return dataclasses.replace(
            turn, script=copied_answer(chance, words, turn.text[sizes.prefix :] or turn.text, sizes.out)
        )

    return Plan([[scripted(turn) for turn in script] for script in plan.scripts])
