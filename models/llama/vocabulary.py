"""Text to tokens for models that read whole texts and write none."""

import ctypes
import threading

import llama_cpp

from core.errors import ModelUnavailable

NONE = -1
"""llama.cpp's sign for a special token that the model does not have."""
ADD_SEP_KEY = b"tokenizer.ggml.add_sep_token"


class Vocabulary:
    """The tokens of an open model, for any thread. After `close` every call raises `ModelUnavailable`."""

    def __init__(self, model: llama_cpp.llama_model_p) -> None:
        vocab = llama_cpp.llama_model_get_vocab(model)
        if vocab is None:
            raise ValueError("llama.cpp gives every model a vocabulary")
        self._vocab: llama_cpp.llama_vocab_p = vocab
        eos, sep = llama_cpp.llama_vocab_eos(vocab), llama_cpp.llama_vocab_sep(vocab)
        self._lock = threading.Lock()
        self._is_closed = False
        self._end = sep if eos == NONE else eos
        self._last = {eos, sep}
        self._opening = [llama_cpp.llama_vocab_bos(vocab)] if llama_cpp.llama_vocab_get_add_bos(vocab) else []
        self._closing = [self._end] if llama_cpp.llama_vocab_get_add_eos(vocab) else []
        self._separator = [sep] if _separates(model, vocab, sep) else []

    def text(self, text: str, room: int) -> tuple[list[int], bool]:
        """A text as the model was taught to read it, in `room` tokens at most, and whether it was cut for that.

        The special tokens at its ends stay. One that is spelled out in the text is only text. Never empty.
        """
        tokens = self.tokenize(text, special=True) or [max(self._end, 0)]
        if len(tokens) <= room:
            return tokens, False
        return [*tokens[: room - 1], tokens[-1] if tokens[-1] in self._last else tokens[room - 1]], True

    def pair(self, query: str, passage: str, room: int) -> tuple[list[int], bool]:
        """A question and a passage in `room` tokens at most, and whether the passage was cut for that.

        Written as llama.cpp's server writes them, `bos query eos sep passage eos`, of which the vocabulary may leave
        some out. A question longer than half the room is cut to that.
        """
        asked = self.tokenize(query)[: room // 2]
        head = [*self._opening, *asked, *self._closing, *self._separator]
        said = self.tokenize(passage)
        left = max(0, room - len(head) - len(self._closing))
        return [*head, *said[:left], *self._closing], len(said) > left

    def tokenize(self, text: str, *, special: bool = False, spelled: bool = False) -> list[int]:
        """`special` adds what the model wants at the ends, `spelled` reads `</s>` and its like as control tokens."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        array = (llama_cpp.llama_token * room)()
        with self._lock:
            self._check_open()
            count = llama_cpp.llama_tokenize(self._vocab, data, len(data), array, room, special, spelled)
        return array[:count]

    def spellings(self) -> list[str]:
        """Of all control tokens, longest first."""
        with self._lock:
            self._check_open()
            tokens = range(llama_cpp.llama_vocab_n_tokens(self._vocab))
            controls = [one for one in tokens if llama_cpp.llama_vocab_is_control(self._vocab, one)]
            texts = {llama_cpp.llama_vocab_get_text(self._vocab, one).decode("utf-8", "replace") for one in controls}
        return sorted((text for text in texts if len(text) > 1), key=len, reverse=True)

    def close(self) -> None:
        """To be called before the model is freed: who searches in another thread may come too late."""
        with self._lock:
            self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise ModelUnavailable("model.closed")


def _separates(model: llama_cpp.llama_model_p, vocab: llama_cpp.llama_vocab_p, sep: int) -> bool:
    """Whether a separator stands between the two texts of a pair.

    Older files do not say so, and llama.cpp then leaves it out for the vocabulary of XLM-RoBERTa. bge-reranker-v2-m3
    was taught `<s> query </s></s> passage </s>` (what its own tokenizer gives, in llama.cpp's pull request 9510): where
    the file says nothing and has a separator, it is written.
    """
    if llama_cpp.llama_vocab_get_add_sep(vocab):
        return True
    buffer = ctypes.create_string_buffer(8)
    says = llama_cpp.llama_model_meta_val_str(model, ADD_SEP_KEY, buffer, len(buffer)) >= 0
    return not says and sep != NONE and bool(llama_cpp.llama_vocab_get_add_eos(vocab))
