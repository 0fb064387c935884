"""The administrators' channel: cards that tell who, what and when, and call nobody else."""

import pytest
from hypothesis import given, settings

from bots.slack import controls
from bots.slack.cards import Proposal, accepted_note, alarm_text, correction_card, decided_card, mention, withdrawn_card
from tests.bots.slack.hostile import TEXTS
from tests.bots.slack.limits import Json, check_message, check_text, elements_of

LAN, HOA = "U0LAN", "W0HOA"
PROPOSAL = Proposal("Nghỉ phép mấy ngày?", "**12 ngày** [1].", "Nay là *14 ngày*.\nTừ 2026.", LAN)
OURS = frozenset({LAN, HOA})


def text_of(blocks: list[Json]) -> str:
    return "\n".join(block["text"]["text"] for block in blocks if "text" in block)


def small_print(blocks: list[Json]) -> list[str]:
    return [element["text"] for block in blocks if block["type"] == "context" for element in block["elements"]]


def test_a_proposed_correction_is_shown_with_two_buttons() -> None:
    card = correction_card("vi", PROPOSAL, "c1")
    check_message(card.blocks, OURS)
    assert card.text == "Góp ý sửa câu trả lời: Nghỉ phép mấy ngày?"
    assert "*Nội dung được đề nghị*\n>>> Nay là *14 ngày*.\nTừ 2026." in text_of(card.blocks)
    assert "*Câu hỏi*\n>>> Nghỉ phép mấy ngày?" in text_of(card.blocks)
    assert small_print(card.blocks) == ["Người góp ý: <@U0LAN>"]
    buttons = [found for found in elements_of(card.blocks) if found["type"] == "button"]
    assert [(found["action_id"], found["value"]) for found in buttons] == [
        (controls.ACCEPT, "c1"),
        (controls.REJECT, "c1"),
    ]


@pytest.mark.parametrize(("is_accepted", "said"), [(True, "đã chấp nhận lúc"), (False, "không dùng lúc")])
def test_after_the_decision_it_says_who_and_when_and_has_no_buttons(is_accepted: bool, said: str) -> None:
    card = decided_card("vi", PROPOSAL, decided_by=HOA, when="26/11/2026 <12:00>", is_accepted=is_accepted)
    check_message(card.blocks, OURS)
    assert "<@W0HOA>" in small_print(card.blocks)[-1]
    assert said in small_print(card.blocks)[-1]
    assert "26/11/2026 &lt;12:00&gt;" in small_print(card.blocks)[-1]
    assert not [found for found in elements_of(card.blocks) if found["type"] == "button"]


def test_a_correction_that_was_replaced_can_no_longer_be_decided() -> None:
    card = withdrawn_card("vi", PROPOSAL)
    check_message(card.blocks, OURS)
    assert "rút lại" in small_print(card.blocks)[-1]
    assert not [found for found in elements_of(card.blocks) if found["type"] == "button"]


def test_the_whole_correction_can_be_read_before_it_is_decided() -> None:
    correction = " ".join(f"từ{number}" for number in range(450))
    card = correction_card("vi", Proposal("q", "a", correction, LAN), "c1")
    assert "từ0 " in text_of(card.blocks)
    assert "từ449" in text_of(card.blocks)


@settings(max_examples=25, deadline=None)
@given(TEXTS)
def test_slack_takes_any_card_and_it_calls_nobody_else(text: str) -> None:
    proposal = Proposal(text * 30, text * 30, (text * 30)[:3_000], LAN)
    for card in (
        correction_card("vi", proposal, "c1"),
        decided_card("en", proposal, decided_by=HOA, when=text[:50], is_accepted=True),
        accepted_note("vi", (text * 30)[:3_000], HOA),
    ):
        check_message(card.blocks, OURS)
        check_text(card.text, 3_000)
    check_text(alarm_text("vi", text, 3, [text] * 50, text * 30), 4_000)


def test_the_thread_is_told_what_is_right_and_who_says_so() -> None:
    note = accepted_note("vi", "Nay là **14 ngày**. <!channel>", HOA)
    assert note.blocks[0] == {
        "type": "markdown",
        "text": "**Câu trả lời đã được sửa**\n\nNay là **14 ngày**. channel",
    }
    assert note.text == "Câu trả lời đã được sửa\nNay là 14 ngày. channel"
    assert small_print(note.blocks) == ["<@W0HOA> đã chấp nhận nội dung này."]


@pytest.mark.parametrize(
    "user_id", ["", "channel", "!channel", "U1> <!channel", "u0lan", "C0123", "U0LAN|x", "slack:U1"]
)
def test_only_a_user_id_of_slack_names_a_person(user_id: str) -> None:
    with pytest.raises(ValueError, match="no user id"):
        mention(user_id)


def test_an_alarm_says_how_often_where_and_what() -> None:
    text = alarm_text("vi", "model.timeout", 12, ["q1", "q2"], "hết giờ & <tắt>")
    assert text == "*model.timeout: 12 lần*\nCâu hỏi liên quan: `q1`, `q2`\n```hết giờ &amp; &lt;tắt&gt;```"
    assert alarm_text("en", "disk", 1, [], " ") == "*disk: 1 times*"
    assert alarm_text("vi", "disk", 30, [f"q{n}" for n in range(30)], "").endswith("`q9`, …")
