"""What changes what stands: edits, deletions, reactions; and the answers to pressed buttons."""

from tests.telegram_server import keyboards
from tests.telegram_server.calls import Call
from tests.telegram_server.content import Content, caption_of, text_of
from tests.telegram_server.messages import Message
from tests.telegram_server.places import RULING, Chat
from tests.telegram_server.reactions import ALLOWED
from tests.telegram_server.refusals import Json, bad

SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
ANSWER_AT_MOST = 200
AT_ONCE = 100
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def edit_message_text(call: Call) -> Json:
    """The keyboard goes away unless it is given again."""
    message = _own(call)
    content = text_of(call, "MESSAGE_TOO_LONG")
    if message.media:
        raise bad("there is no text in the message to edit")
    answer = _rewrite(call, message, content)
    message.link_preview = call.given.get("link_preview_options")
    return answer


def edit_message_caption(call: Call) -> Json:
    message = _own(call)
    content = caption_of(call)
    if not message.media:
        raise bad("there is no caption in the message to edit")
    return _rewrite(call, message, content)


def edit_message_reply_markup(call: Call) -> Json:
    message = _own(call)
    return _rewrite(call, message, Content(message.text, message.entities, message.parse_mode))


def _own(call: Call) -> Message:
    """The message of the bot's that the call names."""
    message = call.message(call.chat(), "edit")
    if message.sender_id != call.world.bot.id or "forward_origin" in message.beside:
        raise bad("message can't be edited")
    return message


def _rewrite(call: Call, message: Message, content: Content) -> Json:
    keyboard = keyboards.inline(call.given.get("reply_markup"), only=True)
    call.pay(call.chat())
    if (content.text, content.entities, keyboard) == (message.text, message.entities, message.keyboard):
        raise bad(SAME)
    if (content.text, content.entities) != (message.text, message.entities):
        message.edit_date = call.world.date
    message.text, message.entities, message.keyboard = content.text, content.entities, keyboard
    message.parse_mode = content.parse_mode
    call.world.shown(message)
    return call.world.json_of(message)


def delete_message(call: Call) -> bool:
    chat = call.chat()
    message = call.message(chat, "delete")
    _check_deletable(call, chat, message)
    _delete(call, chat, message)
    return True


def delete_messages(call: Call) -> bool:
    """Those that are not there are passed over."""
    chat, ids = call.chat(), call.given["message_ids"]
    if not 1 <= len(ids) <= AT_ONCE:
        raise bad("too many message identifiers specified")
    found = [chat.messages[id_] for id_ in ids if id_ in chat.messages]
    for message in found:
        _check_deletable(call, chat, message)
    for message in found:
        _delete(call, chat, message)
    return True


def _check_deletable(call: Call, chat: Chat, message: Message) -> None:
    """Its own for two days, anybody's in private for as long, and everything where the bot rules."""
    if chat.status(call.world.bot.id) in RULING:
        return
    is_own = message.sender_id == call.world.bot.id or chat.kind == "private"
    if not is_own:
        raise bad("message can't be deleted")
    if call.world.clock.monotonic() - message.sent_at > call.world.settings.delete_seconds:
        raise bad("message can't be deleted for everyone")


def _delete(call: Call, chat: Chat, message: Message) -> None:
    del chat.messages[message.id]
    call.world.deleted.append(message)
    call.world.changed()


def set_message_reaction(call: Call) -> bool:
    """The bot's own; an empty list takes it back. A bot has one at most."""
    message = call.message(call.chat(), "react")
    given = call.given.get("reaction", [])
    emoji = [str(reaction.get("emoji")) for reaction in given if isinstance(reaction, dict)]
    if len(emoji) > 1:
        raise bad("REACTIONS_TOO_MANY")
    if len(emoji) != len(given) or not set(emoji) <= ALLOWED:
        raise bad("REACTION_INVALID")
    message.reactions.pop(call.world.bot.id, None)
    if emoji:
        message.reactions[call.world.bot.id] = emoji
    call.world.changed()
    return True


def answer_callback_query(call: Call) -> bool:
    """In time, once; a second answer is a violation."""
    press, now = call.world.presses.get(call.given["callback_query_id"]), call.world.clock.monotonic()
    if not press or now > press.until:
        raise bad(TOO_OLD)
    text = call.given.get("text", "")
    if len(text) > ANSWER_AT_MOST:
        raise bad("MESSAGE_TOO_LONG")
    if press.answered is not None:
        call.world.violations.append(f"{call.method}: {press.id} was answered before")
    press.answered, press.text, press.url = now, text, call.given.get("url", "")
    press.is_alert = call.given.get("show_alert", False)
    call.world.changed()
    return True
