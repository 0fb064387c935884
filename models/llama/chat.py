"""Messages to tokens, by the chat template inside the GGUF file."""

import ctypes
import re
from collections.abc import Sequence

import llama_cpp
from jinja2 import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from core.errors import ModelRejected
from core.ports import Message
from models.llama.loading import Loaded
from models.llama.sequences import shared_length

PROBES = ("0", "Z")


def token_text(vocab: llama_cpp.llama_vocab_p, token: int) -> str:
    """A token as the vocabulary spells it; empty for a token that the model does not have (-1)."""
    return llama_cpp.llama_vocab_get_text(vocab, token).decode("utf-8", "replace") if token >= 0 else ""


def control_pattern(loaded: Loaded) -> re.Pattern[str] | None:
    """Matches every control token of the vocabulary (`<|im_start|>` and its like)."""
    controls = (
        token_text(loaded.vocab, token)
        for token in range(loaded.n_vocab)
        if llama_cpp.llama_vocab_is_control(loaded.vocab, token)
    )
    spellings = sorted({text for text in controls if len(text) > 1}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, spellings))) if spellings else None


class ChatTemplate:
    """Renders and tokenizes prompts. Safe from any thread while the model is open: it only reads the vocabulary."""

    def __init__(self, loaded: Loaded, template: str | None = None) -> None:
        """Raises `ModelRejected` where neither `template` nor the file says how a chat is written."""
        inside = llama_cpp.llama_model_chat_template(loaded.model, None)
        text = template or (inside.decode() if inside else None)
        if text is None:
            raise ModelRejected("model.no_chat_template")
        self._vocab = loaded.vocab
        self._bos = token_text(loaded.vocab, llama_cpp.llama_vocab_bos(loaded.vocab))
        eos = token_text(loaded.vocab, llama_cpp.llama_vocab_eos(loaded.vocab))
        self._formatter = Jinja2ChatFormatter(template=text, eos_token=eos, bos_token=self._bos)
        self._controls = control_pattern(loaded)

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """The prompt for `messages`, ending where the assistant begins to speak.

        Raises `ModelRejected` where the template refuses the order of roles.
        """
        return self.tokenize(self.render(messages))

    def prefix(self, messages: Sequence[Message]) -> list[int]:
        """The tokens that every prompt beginning with `messages` and going on with a user's message begins with."""
        first, second = (self.tokens([*messages, Message("user", probe)]) for probe in PROBES)
        return first[: shared_length(first, second)]

    def render(self, messages: Sequence[Message]) -> str:
        plain = [{"role": message.role, "content": self.defuse(message.content)} for message in messages]
        try:
            return self._formatter(messages=plain).prompt  # type: ignore[arg-type]
        except (TemplateError, ValueError) as error:
            raise ModelRejected("model.template_refused", reason=str(error)) from error

    def defuse(self, content: str) -> str:
        """Content in which no control token is left: one inside a passage would otherwise speak as the system."""
        return self._controls.sub(lambda match: f"{match[0][0]} {match[0][1:]}", content) if self._controls else content

    def tokenize(self, prompt: str) -> list[int]:
        data = prompt.encode()
        room = len(data) + 8
        array = (llama_cpp.llama_token * room)()
        add_special = not (self._bos and prompt.startswith(self._bos))
        count = llama_cpp.llama_tokenize(self._vocab, data, len(data), array, room, add_special, True)
        return array[:count]


class PieceReader:
    """Tokens to the bytes they stand for; control tokens stand for none. Each is asked for once."""

    def __init__(self, vocab: llama_cpp.llama_vocab_p) -> None:
        self._vocab = vocab
        self._buffer = ctypes.create_string_buffer(256)
        self._pieces: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}

    def piece(self, token: int) -> bytes:
        piece = self._pieces.get(token)
        if piece is None:
            size = llama_cpp.llama_token_to_piece(self._vocab, token, self._buffer, len(self._buffer), 0, False)
            piece = self._pieces[token] = self._buffer.raw[:size]
        return piece

    def ends(self, token: int) -> bool:
        """Whether the model says with this token that it is done; from any thread."""
        ends = self._ends.get(token)
        if ends is None:
            ends = self._ends[token] = bool(llama_cpp.llama_vocab_is_eog(self._vocab, token))
        return ends
