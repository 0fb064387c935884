"""A file that is not indexed, and why: a value, because one bad file never stops a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.texts import translate


@dataclass(frozen=True, slots=True)
class Refused:
    """`message_id` names the reason in the catalogues; its text says what the person can do about it."""

    path: str
    message_id: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str) -> str:
        return translate(language, self.message_id, path=self.path, **self.facts)
