"""A grammar holds whatever the logits say; only the vocabulary of a model is loaded."""

import re
from _ctypes import FUNCFLAG_PYTHONAPI
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import ModelRejected
from models.llama.drawing import Sampler, Sampling, Scratch
from models.llama.draws import Draws
from models.llama.grammar import GRAMMARS_KEPT, Grammar, GrammarCache
from models.llama.loading import start_backend

CITED = 'root ::= ("yes" | "no") " [" [1-3] "]."'


@dataclass(frozen=True)
class Vocabulary:
    handle: llama_cpp.llama_vocab_p
    size: int

    def piece(self, token: int) -> str:
        buffer = bytes(64)
        length = llama_cpp.llama_token_to_piece(self.handle, token, buffer, 64, 0, True)
        return buffer[:length].decode("utf-8", "replace")

    def token(self, text: str) -> int:
        """The one token that `text` is."""
        tokens = (llama_cpp.llama_token * 8)()
        content = text.encode()
        assert llama_cpp.llama_tokenize(self.handle, content, len(content), tokens, 8, False, False) == 1
        return int(tokens[0])

    def ends(self, token: int) -> bool:
        return bool(llama_cpp.llama_vocab_is_eog(self.handle, token))


@pytest.fixture(scope="module")
def vocabulary(smollm2_path: Path) -> Iterator[Vocabulary]:
    start_backend()
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(smollm2_path).encode(), params)
    assert model is not None
    handle = llama_cpp.llama_model_get_vocab(model)
    yield Vocabulary(handle, llama_cpp.llama_vocab_n_tokens(handle))
    llama_cpp.llama_model_free(model)


@pytest.fixture
def grammars(vocabulary: Vocabulary) -> Iterator[GrammarCache]:
    cache = GrammarCache(vocabulary.handle, vocabulary.size)
    yield cache
    cache.free()


def noise(random: np.random.Generator, size: int) -> NDArray[np.float32]:
    return (random.standard_normal(size) * 4).astype(np.float32)


@pytest.mark.parametrize("sampling", [Sampling(seed=1), Sampling(temperature=0), Sampling(repeat_penalty=1.3)], ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_noise_comes_out_in_form(vocabulary: Vocabulary, grammars: GrammarCache, sampling: Sampling, seed: int) -> None:
    random = np.random.default_rng(seed)
    sampler = Sampler(sampling, Scratch(vocabulary.size), grammars.start(CITED))
    tokens: list[int] = []
    while True:
        drawn = sampler.draw(noise(random, vocabulary.size), tokens)
        assert drawn is not None
        assert drawn.logprob < 0
        if vocabulary.ends(drawn.token):
            break
        sampler.accept(drawn.token)
        tokens.append(drawn.token)
    sampler.free()
    assert re.fullmatch(r"(yes|no) \[[1-3]\]\.", "".join(vocabulary.piece(token) for token in tokens))


def test_the_whole_vocabulary_is_asked_about_only_where_the_likeliest_are_refused(
    vocabulary: Vocabulary, grammars: GrammarCache
) -> None:
    grammar = grammars.start('root ::= "yes"')
    sampler = Sampler(Sampling(temperature=0), Scratch(vocabulary.size), grammar)
    yes, no = vocabulary.token("yes"), vocabulary.token("no")
    logits = noise(np.random.default_rng(1), vocabulary.size)
    logits[yes], logits[no] = 90, 99
    assert sampler.choose(logits, []) == yes
    assert not grammar._calls.all.rows["logit"].any()
    assert logits[no] == 99
    logits[yes] = -90
    assert vocabulary.piece(sampler.choose(logits, []) or 0) in {"y", "ye", "yes"}
    assert grammar._calls.all.rows["logit"].any()
    sampler.free()


@pytest.mark.parametrize("sampling", [Sampling(seed=3, temperature=0.8), Sampling(temperature=0)], ids=str)
@pytest.mark.parametrize("text", ['root ::= "yes" | "no"', "root ::= [^aeiou]+", "root ::= [a-f]+"])
@pytest.mark.parametrize("lift", [0, 30])
def test_asking_about_the_likeliest_chooses_as_a_whole_mask_does(
    vocabulary: Vocabulary, grammars: GrammarCache, sampling: Sampling, text: str, lift: int
) -> None:
    random = np.random.default_rng(4)
    sampler = Sampler(sampling, Scratch(vocabulary.size), grammars.start(text))
    grammar = grammars.start(text)
    for _ in range(40):
        logits, number = noise(random, vocabulary.size), random.random()
        logits[[vocabulary.token(word) for word in ("yes", "no", "e", "b")]] += np.float32(lift)
        masked = logits.copy()
        grammar.mask(masked)
        expected = sampler._pick(masked, number)
        assert sampler._pick(sampler._masked(grammar, logits), number) == expected
    assert grammar._calls.all.rows["logit"].any()
    sampler.free()
    grammar.free()


def test_a_second_choice_takes_no_second_number(vocabulary: Vocabulary, grammars: GrammarCache) -> None:
    held, free = (
        Sampler(Sampling(temperature=1, seed=5), Scratch(vocabulary.size), grammar)
        for grammar in (grammars.start(CITED), None)
    )
    logits = noise(np.random.default_rng(1), vocabulary.size)
    assert held.choose(logits, []) != free.choose(logits, [])
    assert held._random.random() == free._random.random()
    held.free()


@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_what_was_drawn_ahead_for_all_rows_obeys_the_grammar(
    vocabulary: Vocabulary, grammars: GrammarCache, temperature: float
) -> None:
    random, sampling = np.random.default_rng(6), Sampling(temperature=temperature, seed=2)
    draws, scratch = Draws(vocabulary.size, sampling), Scratch(vocabulary.size)
    plain, ahead = (Sampler(sampling, scratch, grammars.start("root ::= [^aeiou]+")) for _ in range(2))
    changed = 0
    for _ in range(10):
        logits = np.stack([noise(random, vocabulary.size) for _ in range(4)])
        for row, drawn in zip(logits, draws.ahead(logits, ahead.due(4)), strict=True):
            expected, found = plain.draw(row, []), ahead.draw(row, [], drawn)
            assert expected is not None
            assert found is not None
            assert found.token == expected.token
            assert found.logprob == pytest.approx(expected.logprob, abs=0.1)
            changed += found != drawn
    assert 0 < changed < 40
    plain.free()
    ahead.free()


def test_none_where_the_grammar_leaves_none(vocabulary: Vocabulary, grammars: GrammarCache) -> None:
    sampler = Sampler(Sampling(seed=1), Scratch(vocabulary.size), grammars.start('root ::= "yes"'))
    logits = np.full(vocabulary.size, -np.inf, np.float32)
    logits[vocabulary.token("no")] = 1
    assert sampler.draw(logits, []) is None
    sampler.free()


def test_what_a_grammar_allows_depends_on_what_it_accepted(vocabulary: Vocabulary, grammars: GrammarCache) -> None:
    grammar = grammars.start('root ::= "yes" "no"')
    yes, no = vocabulary.token("yes"), vocabulary.token("no")
    assert grammar.allows(yes)
    assert not grammar.allows(no)
    grammar.accept(yes)
    assert grammar.allows(no)
    fresh = grammars.start('root ::= "yes" "no"')
    assert not fresh.allows(no)
    grammar.free()
    fresh.free()


def test_a_mask_says_what_asking_for_each_token_says(vocabulary: Vocabulary, grammars: GrammarCache) -> None:
    grammar = grammars.start(CITED)
    row = np.zeros(vocabulary.size, np.float32)
    grammar.mask(row)
    tokens = range(0, vocabulary.size, 7)
    assert [bool(row[token] == 0) for token in tokens] == [grammar.allows(token) for token in tokens]
    assert 0 < np.count_nonzero(row == 0) < 20
    grammar.free()


def test_a_grammar_that_does_not_parse_is_refused(grammars: GrammarCache) -> None:
    with pytest.raises(ModelRejected):
        grammars.start("root ::= (")


def test_copies_outlive_the_cache_and_are_freed_once(vocabulary: Vocabulary) -> None:
    cache = GrammarCache(vocabulary.handle, vocabulary.size)
    first = cache.start('root ::= "yes"')
    others: list[Grammar] = [cache.start(f'root ::= "{number}"') for number in range(GRAMMARS_KEPT + 3)]
    assert len(cache._compiled) == GRAMMARS_KEPT
    cache.free()
    assert first.allows(vocabulary.token("yes"))
    for grammar in (first, *others):
        grammar.free()
        grammar.free()


def test_the_calls_of_a_running_grammar_keep_the_gil(grammars: GrammarCache) -> None:
    calls = grammars._calls
    for call in (calls.apply, calls.accept, calls.clone, calls.free):
        assert vars(type(call))["_flags_"] & FUNCFLAG_PYTHONAPI
