"""What puts something new into a chat: messages, drafts, files, forwards, `typing…`."""

import mimetypes

from tests.telegram_server import keyboards
from tests.telegram_server.arguments import Upload
from tests.telegram_server.calls import Call
from tests.telegram_server.content import Content, caption_of, draft_of, text_of
from tests.telegram_server.messages import File, Message
from tests.telegram_server.places import Chat
from tests.telegram_server.refusals import Json, bad
from tests.telegram_server.world import Draft, World

ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document"),
    *("choose_sticker", "find_location", "record_video_note", "upload_video_note"),
}


def send_message(call: Call) -> Json:
    chat, topic = call.place()
    content = text_of(call, "message is too long")
    message = said(call, chat, topic, content)
    message.link_preview = call.given.get("link_preview_options")
    return put(call, chat, message)


def said(call: Call, chat: Chat, topic: int | None, content: Content) -> Message:
    """A message of the bot's, checked in all that it says, not yet in its place."""
    world, markup = call.world, call.given.get("reply_markup")
    keyboard = keyboards.inline(markup)
    reply_to = call.reply(chat)
    call.pay(chat)
    thread, is_topic = world.thread_of(chat, reply_to, topic)
    return Message(
        world.new_message_id(chat),
        chat.id,
        world.bot.to_json(),
        world.date,
        content.text,
        content.entities,
        keyboard=keyboard,
        reply_to=reply_to if reply_to or not is_topic else topic,
        thread=thread,
        is_topic_message=is_topic,
        parse_mode=content.parse_mode,
        markup=markup,
    )


def put(call: Call, chat: Chat, message: Message) -> Json:
    """The message stands in the chat; a draft that was shown there has become it."""
    world = call.world
    world.end_draft(chat.id, message.thread)
    world.actions.pop((chat.id, message.thread), None)
    world.put(message)
    return world.json_of(message)


def send_message_draft(call: Call) -> bool:
    """Shown for 30 s, to one person; the same `draft_id` goes on with what stands, another one begins anew."""
    chat, topic = call.place()
    if call.world.settings.drafts_refused:
        raise bad(call.world.settings.drafts_refused)
    if chat.kind != "private":
        raise bad("TEXTDRAFT_PEER_INVALID")
    number = call.given["draft_id"]
    if not number:
        raise bad("draft identifier must be non-zero")
    content = draft_of(call)
    call.pay(chat)
    _show_draft(call.world, chat, topic, number, content.text)
    return True


def _show_draft(world: World, chat: Chat, topic: int | None, number: int, text: str) -> None:
    drafts = world.drafts.setdefault((chat.id, topic), [])
    if not drafts or drafts[-1].id != number:
        world.end_draft(chat.id, topic)
        drafts.append(Draft(number, chat.id, topic, [], 0.0))
    drafts[-1].until = world.clock.monotonic() + world.settings.draft_seconds
    drafts[-1].shown.append(text)
    world.changed()


def send_chat_action(call: Call) -> bool:
    chat, topic = call.place()
    if call.given["action"] not in ACTIONS:
        raise bad("wrong parameter action in request")
    until = call.world.clock.monotonic() + call.world.settings.action_seconds
    call.world.actions[chat.id, topic] = (call.given["action"], until)
    call.world.changed()
    return True


def send_photo(call: Call) -> Json:
    return _send_file(call, "photo")


def send_document(call: Call) -> Json:
    return _send_file(call, "document")


def _send_file(call: Call, kind: str) -> Json:
    chat, topic = call.place()
    content = caption_of(call)
    file = _file(call, kind)
    message = said(call, chat, topic, content)
    message.media = media_of(kind, file)
    return put(call, chat, message)


def _file(call: Call, kind: str) -> File:
    """An upload, under the argument's own name or attached by another, or a file that the server holds."""
    found = call.given[kind]
    if isinstance(found, str) and found.startswith("attach://"):
        found = call.given.get(found.removeprefix("attach://"))
    if isinstance(found, Upload):
        if not found.data:
            raise bad("file must be non-empty")
        if len(found.data) > call.world.settings.upload_bytes:
            raise bad("file is too big")
        guessed = mimetypes.guess_type(found.name)[0] or found.mime_type
        return call.world.new_file(found.data, found.name, guessed)
    if found in call.world.files:
        return call.world.files[found]
    raise bad("wrong file identifier/HTTP URL specified")


def media_of(kind: str, file: File) -> Json:
    """The field that a message with this file has."""
    known = file.to_json()
    if kind == "photo":
        return {kind: [known | {"width": 90, "height": 60}, known | {"width": 900, "height": 600}]}
    if kind == "voice":
        return {kind: known | {"duration": 1, "mime_type": file.mime_type}}
    return {kind: known | {"file_name": file.name, "mime_type": file.mime_type}}


def forward_message(call: Call) -> Json:
    message, chat = _again(call, "forward")
    source = call.world.chats[call.chat("from_chat_id").id].messages[call.given["message_id"]]
    origin: Json = {"type": "user", "date": source.date, "sender_user": source.sender}
    message.beside = {"forward_origin": origin}
    return put(call, chat, message)


def copy_message(call: Call) -> Json:
    message, chat = _again(call, "copy")
    message.keyboard = keyboards.inline(call.given.get("reply_markup"))
    put(call, chat, message)
    return {"message_id": message.id}


def _again(call: Call, purpose: str) -> tuple[Message, Chat]:
    chat, topic = call.place()
    source = call.message(call.chat("from_chat_id"), purpose)
    message = said(call, chat, topic, Content(source.text, source.entities, None))
    message.media = source.media
    return message, chat
