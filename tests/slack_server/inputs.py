"""Elements of blocks in people's hands: what pressing and filling them in sends."""

from collections.abc import Mapping, Sequence

from tests.slack_server.refusals import Impossible, Json

OPTION_OF_ONE = {"static_select", "radio_buttons", "overflow", "external_select"}
OPTION_OF_MANY = {"checkboxes", "multi_static_select"}
BARE = {
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}
"""Elements whose choice is a bare id or date, and the field that holds it."""


def find_element(blocks: Sequence[Json], action_id: str) -> tuple[Json, Json]:
    """The block and the element in it that can be pressed."""
    for block in blocks:
        inside = [*block.get("elements", []), block.get("accessory")]
        if block.get("dispatch_action"):
            inside.append(block["element"])
        for element in inside:
            if isinstance(element, dict) and element.get("action_id") == action_id:
                return block, element
    raise Impossible(f"nothing with the action_id {action_id} can be pressed")


def action_of(block: Json, element: Json, value: str | None) -> Json:
    """The entry of `actions` that pressing the element makes."""
    about = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    if element["type"] == "feedback_buttons":
        return about | {"value": _verdict(element, value)}
    if element["type"] in {"button", "icon_button"}:
        own = {"text": element["text"]}
        return about | own | ({"value": element["value"]} if "value" in element else {})
    if value is None:
        raise Impossible(f"{element['action_id']} needs a choice")
    return about | state_of(element, value)


def _verdict(element: Json, value: str | None) -> str:
    for side in ("positive", "negative"):
        button = element[f"{side}_button"]
        if value in {side, button["value"]}:
            return str(button["value"])
    raise Impossible(f"{element['action_id']} has no button {value}")


def values_of(blocks: Sequence[Json], given: Mapping[str, object]) -> Json:
    """`state.values` of a view with what was given, by action_id, and what stood there already.

    An input that must be filled in and is not, or one that is not there, is `Impossible`.
    """
    inputs = {block["element"]["action_id"]: block for block in blocks if block["type"] == "input"}
    if strange := given.keys() - inputs.keys():
        raise Impossible(f"the view has no inputs {sorted(strange)}")
    values: Json = {}
    for action_id, block in inputs.items():
        state = _filled(block, given.get(action_id))
        values.setdefault(block["block_id"], {})[action_id] = state
    return values


def _filled(block: Json, given: object) -> Json:
    element = block["element"]
    state = state_of(element, _initial(element) if given is None else given)
    _, *found = state.values()
    if not block.get("optional") and not any(found):
        raise Impossible(f"{element['action_id']} must be filled in")
    return state


def _initial(element: Json) -> object:
    if "initial_option" in element:
        return element["initial_option"]["value"]
    if "initial_options" in element:
        return [option["value"] for option in element["initial_options"]]
    held = [value for name, value in element.items() if name.startswith("initial_")]
    return held[0] if held else None


def state_of(element: Json, value: object) -> Json:
    """What the element holds once somebody chose the value."""
    kind = element["type"]
    if kind in OPTION_OF_ONE:
        return {"type": kind, "selected_option": None if value is None else _option(element, value)}
    if kind in OPTION_OF_MANY:
        chosen = value if isinstance(value, list) else [value] if value is not None else []
        return {"type": kind, "selected_options": [_option(element, one) for one in chosen]}
    if kind in BARE:
        return {"type": kind, BARE[kind]: value}
    _check_length(element, value)
    return {"type": kind, "value": value}


def _option(element: Json, value: object) -> Json:
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    for option in [*element.get("options", []), *grouped]:
        if option["value"] == value:
            return dict(option)
    raise Impossible(f"{element['action_id']} has no option {value}")


def _check_length(element: Json, value: object) -> None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if value is not None and not least <= len(str(value)) <= most:
        raise Impossible(f"{element['action_id']} takes {least} to {most} characters")
