"""Text out of token bytes, cut anywhere."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from models.llama.text import TextStream

texts = st.text(alphabet="aễợ🙂b<|>\n", max_size=40)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    bounds = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(bounds)]


@given(texts, st.lists(st.integers(0, 200)))
def test_text_is_whole_wherever_the_bytes_are_cut(text: str, cuts: list[int]) -> None:
    stream = TextStream(())
    shown = [stream.feed(piece) for piece in pieces(text.encode(), cuts)]
    assert "".join(shown) + stream.finish() == text
    assert "\ufffd" not in "".join(shown)


@given(texts, st.lists(st.integers(0, 200)), st.lists(st.text(alphabet="ab<|>", min_size=1, max_size=3), max_size=3))
def test_a_stop_string_ends_the_text_wherever_tokens_are_cut(text: str, cuts: list[int], stops: list[str]) -> None:
    stream = TextStream(stops)
    shown = ""
    for piece in pieces(text.encode(), cuts):
        shown += stream.feed(piece)
        if stream.stopped:
            break
    shown += stream.finish()
    assert not any(stop in shown for stop in stops)
    assert text.startswith(shown)
    assert stream.stopped or shown == text


def test_a_character_that_never_gets_complete_is_replaced_at_the_end() -> None:
    stream = TextStream(())
    assert not stream.feed("ễ".encode()[:2])
    assert stream.finish() == "\ufffd"


def test_an_empty_stop_string_stops_nothing() -> None:
    stream = TextStream(("",))
    assert stream.feed(b"abc") == "abc"
