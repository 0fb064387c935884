"""The table of methods and of what they take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.telegram_server import editing, profile, reading, sending
from tests.telegram_server.calls import Call

MARKED = "parse_mode entities:list"
SENT = (
    "disable_notification:flag protect_content:flag allow_paid_broadcast:flag message_effect_id "
    "reply_parameters:object reply_markup:object message_thread_id:number"
)
CAPTION = "caption parse_mode caption_entities:list show_caption_above_media:flag"
EDITED = "chat_id! message_id:number! reply_markup:object"
SCOPE = "scope:object language_code"
POLL = "offset:number limit:number timeout:number allowed_updates:list"
WEBHOOK = "url certificate:file ip_address max_connections:number allowed_updates:list drop_pending_updates:flag"


@dataclass(frozen=True, slots=True)
class Method:
    """`takes` is a spec for `arguments.taken`. What is the transport's business has no `run`."""

    takes: str
    run: Callable[[Call], object] | None = None


def _language(run: Callable[[Call], object], field: str = "") -> Method:
    return Method(f"{field} language_code".strip(), run)


METHODS: Mapping[str, Method] = {
    "answerCallbackQuery": Method(
        "callback_query_id! text show_alert:flag url cache_time:number", editing.answer_callback_query
    ),
    "close": Method("", reading.accept),
    "copyMessage": Method(f"chat_id! from_chat_id! message_id:number! {CAPTION} {SENT}", sending.copy_message),
    "deleteMessage": Method("chat_id! message_id:number!", editing.delete_message),
    "deleteMessages": Method("chat_id! message_ids:list!", editing.delete_messages),
    "deleteMyCommands": Method(SCOPE, profile.delete_my_commands),
    "deleteWebhook": Method("drop_pending_updates:flag"),
    "editMessageCaption": Method(f"{EDITED} {CAPTION}", editing.edit_message_caption),
    "editMessageReplyMarkup": Method(EDITED, editing.edit_message_reply_markup),
    "editMessageText": Method(f"{EDITED} text! {MARKED} link_preview_options:object", editing.edit_message_text),
    "forwardMessage": Method(
        "chat_id! from_chat_id! message_id:number! disable_notification:flag message_thread_id:number",
        sending.forward_message,
    ),
    "getChat": Method("chat_id!", reading.get_chat),
    "getChatAdministrators": Method("chat_id!", reading.get_chat_administrators),
    "getChatMember": Method("chat_id! user_id:number!", reading.get_chat_member),
    "getChatMemberCount": Method("chat_id!", reading.get_chat_member_count),
    "getChatMenuButton": Method("chat_id", profile.get_chat_menu_button),
    "getFile": Method("file_id!", reading.get_file),
    "getMe": Method("", reading.get_me),
    "getMyCommands": Method(SCOPE, profile.get_my_commands),
    "getMyDescription": _language(profile.getter("description")),
    "getMyName": _language(profile.getter("name")),
    "getMyShortDescription": _language(profile.getter("short_description")),
    "getUpdates": Method(POLL),
    "getWebhookInfo": Method(""),
    "leaveChat": Method("chat_id!", reading.leave_chat),
    "logOut": Method("", reading.accept),
    "sendChatAction": Method("chat_id! action! message_thread_id:number", sending.send_chat_action),
    "sendDocument": Method(
        f"chat_id! document:file! thumbnail:file disable_content_type_detection:flag {CAPTION} {SENT}",
        sending.send_document,
    ),
    "sendMessage": Method(f"chat_id! text! {MARKED} link_preview_options:object {SENT}", sending.send_message),
    "sendMessageDraft": Method(
        f"chat_id! draft_id:number! text {MARKED} message_thread_id:number", sending.send_message_draft
    ),
    "sendPhoto": Method(f"chat_id! photo:file! has_spoiler:flag {CAPTION} {SENT}", sending.send_photo),
    "setChatMenuButton": Method("chat_id menu_button:object", profile.set_chat_menu_button),
    "setMessageReaction": Method("chat_id! message_id:number! reaction:list is_big:flag", editing.set_message_reaction),
    "setMyCommands": Method(f"commands:list! {SCOPE}", profile.set_my_commands),
    "setMyDescription": _language(profile.setter("description"), "description"),
    "setMyName": _language(profile.setter("name"), "name"),
    "setMyShortDescription": _language(profile.setter("short_description"), "short_description"),
    "setWebhook": Method(f"{WEBHOOK} secret_token"),
}
BY_LOWER_NAME: Mapping[str, str] = {name.lower(): name for name in METHODS}
"""Telegram cares not for capitals in the names of methods."""
