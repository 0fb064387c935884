"""Shapes of the things inside blocks: buttons, menus, inputs. Limits as Slack's reference gives them."""

from collections.abc import Iterator, Mapping

from tests.slack_server.shapes import Check, Shape, anything, flag, many, one_of, plain, text, words

ACTION_ID = text(255)
PLACEHOLDER = plain(150)
OPTION = Shape({"text": words(75), "value": text(150)}, {"description": words(75), "url": text(3000)})
OPTIONS = many(OPTION, 100)
GROUPS = many(Shape({"label": plain(75), "options": OPTIONS}, {}), 100)
CONFIRM = Shape(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
COMMON: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM, "focus_on_load": flag}

BUTTON = Shape(
    {"text": plain(75)},
    COMMON
    | {"value": text(2000), "url": text(3000), "style": one_of("primary", "danger"), "accessibility_label": text(75)},
)
IMAGE = Shape({"image_url": text(3000), "alt_text": text(2000)}, {})


def _select(*kinds: str, many_of: bool = False, **must: Check) -> dict[str, Check]:
    """Menus: a choice of one, or with `multi_` before their names of several."""
    chosen: dict[str, Check] = {"max_selected_items": anything} if many_of else {"response_url_enabled": flag}
    may = COMMON | chosen | {"placeholder": PLACEHOLDER, "filter": anything, "min_query_length": anything}
    may |= {f"initial_{what}": anything for what in ("option", "options", "user", "users", "channel", "channels")}
    may |= {f"initial_{what}": anything for what in ("conversation", "conversations")}
    return {kind: Shape(must, may | {"default_to_current_conversation": flag}) for kind in kinds}


def _static(value: object, where: str) -> Iterator[str]:
    """Options or groups of them, not both."""
    has = [name for name in ("options", "option_groups") if isinstance(value, dict) and name in value]
    if len(has) != 1:
        yield f"{where}: needs either options or option_groups"
    yield from STATIC(value, where)


STATIC = Shape(
    {},
    COMMON
    | {
        "options": OPTIONS,
        "option_groups": GROUPS,
        "placeholder": PLACEHOLDER,
        "initial_option": OPTION,
        "initial_options": OPTIONS,
        "max_selected_items": anything,
    },
)
MENUS: Mapping[str, Check] = {
    "static_select": _static,
    "multi_static_select": _static,
    **_select("users_select", "channels_select", "conversations_select", "external_select"),
    **_select("multi_users_select", "multi_channels_select", "multi_conversations_select", many_of=True),
    "overflow": Shape({"options": many(OPTION, 5)}, COMMON),
    "datepicker": Shape({}, COMMON | {"placeholder": PLACEHOLDER, "initial_date": text(10)}),
    "timepicker": Shape({}, COMMON | {"placeholder": PLACEHOLDER, "initial_time": text(5), "timezone": text(50)}),
}
CHOICES: Mapping[str, Check] = {
    "checkboxes": Shape({"options": many(OPTION, 10)}, COMMON | {"initial_options": many(OPTION, 10)}),
    "radio_buttons": Shape({"options": many(OPTION, 10)}, COMMON | {"initial_option": OPTION}),
}
TYPED: Mapping[str, Check] = {
    "plain_text_input": Shape(
        {},
        COMMON
        | {
            "placeholder": PLACEHOLDER,
            "initial_value": text(3000, 0),
            "multiline": flag,
            "min_length": anything,
            "max_length": anything,
            "dispatch_action_config": anything,
        },
    ),
    "number_input": Shape({"is_decimal_allowed": flag}, COMMON, loose=True),
    "email_text_input": Shape({}, COMMON | {"placeholder": PLACEHOLDER, "initial_value": text(3000)}),
    "url_text_input": Shape({}, COMMON | {"placeholder": PLACEHOLDER, "initial_value": text(3000)}),
    "rich_text_input": Shape({"action_id": ACTION_ID}, COMMON, loose=True),
    "file_input": Shape({}, COMMON, loose=True),
}
VERDICT = Shape({"text": plain(75), "value": text(2000)}, {"accessibility_label": text(75)})
IN_CONTEXT_ACTIONS: Mapping[str, Check] = {
    "feedback_buttons": Shape({"positive_button": VERDICT, "negative_button": VERDICT}, {"action_id": ACTION_ID}),
    "icon_button": Shape(
        {"icon": text(50), "text": plain(75)},
        {
            "action_id": ACTION_ID,
            "value": text(2000),
            "confirm": CONFIRM,
            "accessibility_label": text(75),
            "visible_to_user_ids": anything,
        },
    ),
}
IN_ACTIONS: Mapping[str, Check] = {"button": BUTTON, **MENUS, **CHOICES}
IN_SECTION: Mapping[str, Check] = {**IN_ACTIONS, "image": IMAGE}
IN_INPUT: Mapping[str, Check] = {**TYPED, **CHOICES, **{k: v for k, v in MENUS.items() if k != "overflow"}}
IN_CONTEXT: Mapping[str, Check] = {"image": IMAGE, "plain_text": plain(3000), "mrkdwn": words(3000)}
