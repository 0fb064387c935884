"""What people are shown at each moment, as both platforms show it, and what nobody must ever see there."""

from bots.slack.render import Renderer as SlackRenderer
from bots.slack.render import notification
from bots.slack.render import preview as slack_preview
from bots.telegram.escaping import JOINER, web_address
from bots.telegram.render import Renderer as TelegramRenderer
from bots.telegram.render import preview as telegram_preview
from core.conversation import Answer, Citation
from tests.bots.captured.talks import EVIL
from tests.bots.slack import limits as slack
from tests.bots.telegram import limits as telegram
from tests.core.harmless import assert_seen, check

SHELF = "https://noi-bo.vidu.vn"


def link_of(_answer: Answer, citation: Citation) -> str:
    return f"{SHELF}/{citation.document}"


SLACK, TELEGRAM = SlackRenderer(link_of), TelegramRenderer(link_of)


def check_preview(text: str, mailboxes: frozenset[str] = frozenset()) -> None:
    """Text in the middle of a stream. `mailboxes` are the addresses of documents, which may be shown."""
    check(text, mailboxes)
    shown = slack_preview(text)
    slack.check_markdown(shown)
    slack.check_text(notification(text), 3_000)
    plain = telegram_preview(text)
    telegram.check_plain(plain)
    for said in (text, shown, plain.replace(JOINER, "")):
        assert EVIL not in said, said
        assert_seen(said)


def check_answer(answer: Answer) -> None:
    """The whole answer with its sources, whose titles and quotes are those of documents."""
    links = {web_address(link_of(answer, citation)) for citation in answer.citations}
    for number, part in enumerate(SLACK.parts(answer)):
        slack.check_markdown(part.text)
        slack.check_message(SLACK.blocks(answer, number, part))
        assert EVIL not in part.text
    for piece in TELEGRAM.parts(answer):
        message = telegram.check_html(piece.text, frozenset(links))
        assert_seen(message.text.replace(JOINER, ""))
        telegram.check_plain(piece.plain, frozenset(links))
