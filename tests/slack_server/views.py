"""`views.*`: modals and the home tab."""

from tests.slack_server.blocks import named
from tests.slack_server.calls import Call
from tests.slack_server.messages import TEAM
from tests.slack_server.refusals import Json, Refused
from tests.slack_server.view_checks import check_view
from tests.slack_server.workspace import View, Workspace

MODALS_AT_MOST = 3


def open_view(call: Call) -> Json:
    view = check_view(call.given["view"], "modal")
    user = call.workspace.use_trigger(call.given["trigger_id"])
    opened = new_view(call.workspace, user, view)
    call.workspace.modals[user] = [opened]
    call.workspace.changed()
    return {"view": described(call.workspace, opened)}


def publish(call: Call) -> Json:
    if not call.workspace.app.home_tab:
        raise Refused("not_enabled")
    view, user = check_view(call.given["view"], "home"), call.user("user_id")
    standing = call.workspace.homes.get(user.id)
    _check_hash(call, standing)
    published = new_view(call.workspace, user.id, view)
    if standing:
        published.id = standing.id
    call.workspace.homes[user.id] = published
    call.workspace.changed()
    return {"view": described(call.workspace, published)}


def update(call: Call) -> Json:
    """By `view_id` or `external_id`; a home tab is updated by publishing it again."""
    standing = _standing(call)
    view = check_view(call.given["view"], standing.json["type"])
    _check_hash(call, standing)
    replace(call.workspace, standing, view)
    return {"view": described(call.workspace, standing)}


def _standing(call: Call) -> View:
    views = [view for stack in call.workspace.modals.values() for view in stack]
    for view in [*views, *call.workspace.homes.values()]:
        by_name = call.given.get("external_id") and view.json.get("external_id") == call.given["external_id"]
        if view.id == call.given.get("view_id") or by_name:
            return view
    raise Refused("not_found")


def _check_hash(call: Call, standing: View | None) -> None:
    if standing and call.given.get("hash", standing.hash) != standing.hash:
        raise Refused("hash_conflict")


def new_view(workspace: Workspace, user: str, view: Json) -> View:
    return View(workspace.new_id("V"), user, view | {"blocks": named(view["blocks"])}, workspace.new_ts())


def push(workspace: Workspace, user: str, view: Json) -> None:
    """On top of the modal that stands; three at most."""
    stack = workspace.modals[user]
    if len(stack) >= MODALS_AT_MOST:
        raise Refused("push_limit_reached")
    stack.append(new_view(workspace, user, view))
    workspace.changed()


def replace(workspace: Workspace, standing: View, view: Json) -> None:
    standing.json, standing.hash = view | {"blocks": named(view["blocks"])}, workspace.new_ts()
    workspace.changed()


def described(workspace: Workspace, view: View) -> Json:
    """The view as answers and payloads carry it."""
    stack = workspace.modals.get(view.user, [])
    place = stack.index(view) if view in stack else 0
    made = {"id": view.id, "team_id": TEAM, "hash": view.hash, "app_id": workspace.app.id}
    optional = {"private_metadata": "", "callback_id": "", "external_id": "", "state": {"values": {}}}
    order = {
        "root_view_id": stack[0].id if stack else view.id,
        "previous_view_id": stack[place - 1].id if place else None,
    }
    return optional | view.json | made | order | {"bot_id": workspace.app.bot_id}
