"""Checks of `reply_markup`."""

from tests.telegram_server.refusals import Json, bad

DATA_AT_MOST, BUTTONS_AT_MOST, ROW_AT_MOST = 64, 100, 8
"""Bytes of `callback_data`, buttons of a keyboard, buttons in a row."""
ACTIONS = {"callback_data", "url", "login_url", "web_app", "switch_inline_query", "switch_inline_query_current_chat"}
ACTIONS |= {"copy_text", "callback_game", "pay", "switch_inline_query_chosen_chat"}
OTHERS = {"keyboard", "remove_keyboard", "force_reply"}


def inline(markup: Json | None, *, only: bool = False) -> Json | None:
    """The inline keyboard, checked; None for none, for an empty one, and for keyboards of other kinds.

    With `only`, as in edits, other kinds are refused.
    """
    if not markup:
        return None
    if "inline_keyboard" not in markup:
        if only or not markup.keys() & OTHERS:
            raise bad("inline keyboard expected" if only else "object expected as reply markup")
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('can\'t parse inline keyboard: Field "inline_keyboard" must be an Array of Arrays')
    for button in (button for row in rows for button in row):
        _check(button)
    if sum(map(len, rows)) > BUTTONS_AT_MOST or any(len(row) > ROW_AT_MOST for row in rows):
        raise bad("reply markup is too long")
    kept = [row for row in rows if row]
    return {"inline_keyboard": kept} if kept else None


def _check(button: object) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"]:
        raise bad("inline keyboard button text is empty")
    actions = button.keys() & ACTIONS
    if len(actions) != 1:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= DATA_AT_MOST:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in button and not str(button["url"]).startswith(("http://", "https://", "tg://")):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Unsupported URL protocol")
