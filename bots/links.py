"""Where people find a document, and who answers for it, as the settings have it."""

import fnmatch
import urllib.parse
from dataclasses import dataclass

from bots.settings import Settings
from core.conversation import Answer, Citation


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses and owners of documents."""

    settings: Settings

    def of(self, answer: Answer, citation: Citation) -> str | None:
        """The address of a cited document, at its page where browsers know how; None where people have none."""
        space = next((p.space for p in answer.passages if p.chunk_id == citation.chunk_id), None)
        chosen = self.settings.spaces.get(space) if space is not None else None
        if chosen is None or chosen.link is None:
            return None
        address = chosen.link.replace("{path}", urllib.parse.quote(citation.document))
        is_paged = citation.page is not None and citation.document.lower().endswith(".pdf")
        return f"{address}#page={citation.page}" if is_paged else address

    def owner(self, space: str, path: str) -> str | None:
        """Who answers for a document: the first pattern that fits its path, else the owner of its space."""
        chosen = self.settings.spaces.get(space)
        if chosen is None:
            return None
        named = (owner for pattern, owner in chosen.owners.items() if fnmatch.fnmatchcase(path, pattern))
        return next(named, chosen.owner)
