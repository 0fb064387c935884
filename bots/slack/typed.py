"""What people typed, as Slack delivers it: mentions, links and entities become plain text."""

import html
import re

_MARK = re.compile(r"<([^<>]*)>")


def plain(text: str, bot_user: str) -> str:
    """The text as its author sees it, without the mentions of the bot."""

    def shown(mark: re.Match[str]) -> str:
        target, _, label = mark[1].partition("|")
        if target == f"@{bot_user}":
            return " "
        return _shown(target, label)

    bare = html.unescape(_MARK.sub(shown, text))
    return re.sub(r"[^\S\n]+", " ", bare).strip()


def _shown(target: str, label: str) -> str:
    if target.startswith("@"):
        return f"@{label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    return f"{label} ({target})" if label and label != target.removeprefix("mailto:") else label or target


def mentions(text: str) -> list[str]:
    """The users that the text mentions, in order."""
    return re.findall(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>", text)


def addressed_first(text: str) -> str | None:
    """Whom the text opens by addressing: a user's id, a group's or channel's sign; None where it addresses nobody."""
    opening = re.match(r"\s*<(?:@([A-Z0-9]+)|(![a-z]+[^|>]*))(?:\|[^<>]*)?>", text)
    return (opening[1] or opening[2]) if opening else None
