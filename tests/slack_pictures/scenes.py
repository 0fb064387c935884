"""The pictures of docs/slack.md: a short conversation in a real adapter, and what the local Slack holds of it.

Whatever differs from run to run is told as if it were always the same: seconds, dates, and for the ids of people their
names, as Slack itself shows them.
"""

import functools
import json
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bots.slack import controls, views
from core.documents import Space
from core.store.database import open_database
from tests.bots.slack.office import MANIFEST
from tests.bots.slack.script import Scene, open_scene
from tests.bots.slack.script_lines import ASKED, DENIED, FIRST_WORDS, HOUSE, NOT_FOUND, RULES, UNKNOWN
from tests.slack_pictures import picture
from tests.slack_server import Json, Message, SlackServer

TITLES = {
    "01-status": "What is being done, until there is text",
    "02-stream": "The answer while it is written",
    "03-answer": "An answer with its source and the thumbs",
    "04-not-found": "The handbook does not say",
    "05-denied": "Nothing may be read here",
    "06-reason": "Why an answer is not good",
    "07-card": "A correction in the administrators' channel",
    "08-decided": "The same card after the decision",
    "09-note": "The accepted correction in the thread",
    "10-home": "The home tab of a person",
    "11-home-admin": "The home tab of an administrator",
    "12-ingest": "The window for documents",
    "13-file-refused": "A file that is not read",
}
"""The pictures, by the name of the file, and what each is called."""
FIXED = {r"\d+,\d giây": "1,8 giây", r"\d\d/\d\d/\d{4} \d\d:\d\d": "23/11/2026 08:00"}
"""What differs from run to run, and what stands for it."""
UNFINISHED = ("đang chờ, ", "…  ")
"""What a home tab says while a question is on its way."""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
RIGHT = "Từ năm nay là 15 ngày làm việc."
Play = Callable[[Scene], Awaitable[dict[str, Json]]]


async def pictures() -> dict[str, str]:
    """The SVGs, by the names of their files without an ending."""
    payloads = await _staged((RULES, HOUSE), _played) | await _staged((RULES,), _denied)
    return {name: picture(payloads[name], title) for name, title in TITLES.items()}


async def _staged(spaces: Sequence[Space], play: Play) -> dict[str, Json]:
    """What a play in an office of its own has shown."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/office.sqlite"
        async with open_database(url) as database, SlackServer(dict(MANIFEST)) as slack:
            async with open_scene(database, slack, spaces=spaces) as scene:
                found = await play(scene)
            names = {user.id: user.name for user in slack.workspace.users.values()}
            return {name: _settled(payload, names) for name, payload in found.items()}


def _settled(payload: Json, names: Mapping[str, str]) -> Json:
    """The payload as it is drawn, the same every time."""
    text = json.dumps(payload, ensure_ascii=False)
    for pattern, instead in FIXED.items():
        text = re.sub(pattern, instead, text)
    text = re.sub(r"<@(\w+)>", lambda mention: f"<@{mention[1]}|@{names[mention[1]]}>", text)
    return dict(json.loads(text))


def _message(message: Message) -> Json:
    """A message as people see it now: what was streamed, and the blocks."""
    streamed = message.stream.text if message.stream else ""
    return {"blocks": [*([{"type": "markdown", "text": streamed}] if streamed else []), *message.blocks]}


async def _played(scene: Scene) -> dict[str, Json]:
    answering, correcting = await _answering(scene), await _correcting(scene)
    return answering | correcting | await _refusing(scene) | await _looking(scene)


async def _denied(scene: Scene) -> dict[str, Json]:
    """An answer to who may read nothing."""
    people = scene.slack.people
    guest = people.add_user("Khách", is_restricted=True)
    place = people.im(guest)
    return {"05-denied": _message(await scene.word(place, people.say(guest, place, ASKED), DENIED))}


async def _answering(scene: Scene) -> dict[str, Json]:
    """A question from its first sign to its answer."""
    office, model = scene.office, scene.model
    model.opening.clear()
    model.middle.clear()
    ts = await office.ask(ASKED)
    await scene.slack.until(lambda slack: "3 tài liệu" in slack.status(office.channel, ts))
    line = {"type": "plain_text", "text": scene.slack.status(office.channel, ts)}
    status = {"blocks": [{"type": "context", "elements": [line]}]}
    model.opening.set()
    growing = await scene.streamed(office.channel, ts, FIRST_WORDS)
    stream = _message(growing)
    model.middle.set()
    return {"01-status": status, "02-stream": stream, "03-answer": _message(await scene.answer(office.channel, ts))}


async def _correcting(scene: Scene) -> dict[str, Json]:
    """A thumb down, the window, the card, the decision, the note."""
    office, hands = scene.office, scene.slack.hands
    ts = await office.ask(ASKED)
    answer = await scene.answer(office.channel, ts)
    await hands.click(office.an, answer.ts, controls.VOTE, "negative")
    await scene.window(office.an)
    window = scene.slack.views(office.an)[-1].json
    reason = {"type": "radio_buttons", "selected_option": {"value": "outdated"}}
    await scene.submit(
        office.an, {views.REASON: reason, views.CORRECTION: {"type": "plain_text_input", "value": RIGHT}}
    )
    proposed = await scene.card("Chấp nhận")
    card = _message(proposed)
    await hands.click(office.chi, proposed.ts, controls.ACCEPT)
    decided = _message(await scene.card("đã chấp nhận lúc"))
    note = _message(await scene.word(office.channel, ts, "Câu trả lời đã được sửa"))
    scene.rung += [office.an, office.an, office.chi, office.chi]
    return {"06-reason": window, "07-card": card, "08-decided": decided, "09-note": note}


async def _refusing(scene: Scene) -> dict[str, Json]:
    """What is not found, not allowed, not readable."""
    office, people = scene.office, scene.slack.people
    not_found = await scene.answer(office.channel, await office.ask(UNKNOWN), NOT_FOUND)
    picture = people.upload(
        office.an, people.im(office.an), "bang-cong.png", PNG, mimetype="image/png", text="Ai duyệt đơn nghỉ của tôi?"
    )
    refused = await scene.answer(people.im(office.an), picture, "bang-cong.png")
    return {"04-not-found": _message(not_found), "13-file-refused": _message(refused)}


async def _looking(scene: Scene) -> dict[str, Json]:
    """Home tabs and the window for documents."""
    office, slack = scene.office, scene.slack
    homes = [await _home(scene, user) for user in (office.an, office.chi)]
    await slack.hands.command(office.chi, office.admin_channel, "/sotay", "ingest")
    await scene.window(office.chi)
    return {"10-home": homes[0], "11-home-admin": homes[1], "12-ingest": slack.views(office.chi)[-1].json}


async def _home(scene: Scene, user: str) -> Json:
    """The user's home tab, opened until no question is on its way any more."""
    slack = scene.slack
    seen = ""
    while not seen or any(sign in seen for sign in UNFINISHED):
        opened = functools.partial(_published, len(slack.called("views.publish")))
        slack.people.open_home(user)
        await slack.until(opened)
        seen = await scene.home(user, "2 tài liệu")
    view = slack.home(user)
    assert view
    return view.json


def _published(count: int, slack: SlackServer) -> bool:
    """Whether more than `count` home tabs have been published."""
    return len(slack.called("views.publish")) > count
