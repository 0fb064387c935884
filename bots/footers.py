"""The last line below an answer: who wrote it and how fast, and now and then a request for a vote."""

from core.conversation import Answer
from core.texts import translate


def footer_of(answer: Answer) -> str:
    """The line in the answer's language; nothing for what is no answer."""
    if not answer.takes_votes:
        return ""
    parts = [translate(answer.language, f"footer.{answer.route.value}")]
    if "total" in answer.timings:
        seconds = f"{answer.timings['total'] / 1000:.1f}"
        if answer.language == "vi":
            seconds = seconds.replace(".", ",")
        parts.append(translate(answer.language, "footer.seconds", seconds=seconds))
    if answer.asks_for_vote:
        parts.append(translate(answer.language, "footer.vote"))
    return " · ".join(parts)
