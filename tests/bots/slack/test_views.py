"""The windows: Slack takes them, and what is filled in comes back as it was meant."""

import json

import pytest
from hypothesis import given, settings

from bots.slack import views
from retrieval.filetypes import ALIASES, MIME_TYPES
from tests.bots.slack.hostile import TEXTS
from tests.bots.slack.limits import Json, check_view, elements_of

LANGUAGES = ("vi", "en")


def filled(view: Json, values: Json) -> Json:
    """The view as Slack gives it back, with these values."""
    return {**view, "state": {"values": {block: {"value": value} for block, value in values.items()}}}


@pytest.mark.parametrize("language", LANGUAGES)
def test_slack_takes_every_window(language: str) -> None:
    for view in (
        views.reason_modal(language, "a" * 32, "slack:T1:C1:1700.1"),
        views.ingest_modal(language, ["chung", "nhân sự"]),
        views.result_modal(language, "Đã xong."),
    ):
        check_view(view)


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_slack_takes_any_result_and_any_name_of_a_space(text: str) -> None:
    check_view(views.result_modal("vi", text))
    check_view(views.ingest_modal("vi", [text[:150] or "a"]))


def test_a_reason_comes_back_with_what_would_be_right() -> None:
    view = views.reason_modal("vi", "a1", "C1/1700.1")
    options = [option["value"] for option in view["blocks"][0]["element"]["options"]]
    assert options == ["wrong", "outdated", "not_found", "not_understood", "rude", "other"]
    back = filled(
        view,
        {"reason": {"selected_option": {"value": "outdated"}}, "correction": {"value": "  Nay là 14 ngày. \n"}},
    )
    assert views.read_reason(back) == ("outdated", "Nay là 14 ngày.")
    assert views.read_target(back) == views.Target("a1", "C1/1700.1")


def test_nothing_has_to_be_filled_in() -> None:
    view = views.reason_modal("vi", "a1", "C1/1700.1")
    assert all(block["optional"] for block in view["blocks"])
    assert views.read_reason(filled(view, {"reason": {"selected_option": None}, "correction": {"value": None}})) == (
        "",
        "",
    )
    assert views.read_reason({}) == ("", "")


def test_a_reason_that_we_never_offered_is_none() -> None:
    assert views.read_reason(filled({}, {"reason": {"selected_option": {"value": "x"}}})) == ("", "")
    assert views.read_reason(filled({}, {"correction": {"value": "x" * 5_000}})) == ("", "x" * 3_000)


@pytest.mark.parametrize("metadata", ["", "x", "[]", "{}", json.dumps({"answer_id": 3})])
def test_a_window_that_is_about_no_answer_is_told_apart(metadata: str) -> None:
    with pytest.raises(ValueError, match=r"window|Expecting"):
        views.read_target({"private_metadata": metadata})


def test_the_files_that_can_be_chosen_are_those_that_are_read() -> None:
    assert set(views.FILE_TYPES) == {ending.removeprefix(".") for ending in (*MIME_TYPES, *ALIASES)}
    files = views.ingest_modal("vi", ["chung"])["blocks"][1]["element"]
    assert files["type"] == "file_input"
    assert files["filetypes"] == list(views.FILE_TYPES)


def test_files_come_back_with_the_space_they_go_to() -> None:
    view = views.ingest_modal("vi", ["chung", "nhan-su"])
    files = [{"id": "F1", "name": "a.pdf"}, {"id": "F2", "name": "b.docx"}]
    back = filled(view, {"space": {"selected_option": {"value": "nhan-su"}}, "documents": {"files": files}})
    assert views.read_ingest(back) == ("nhan-su", files)
    assert views.read_ingest({}) == ("", [])


def test_a_single_space_is_chosen_already() -> None:
    menu = views.ingest_modal("vi", ["chung"])["blocks"][0]["element"]
    assert menu["initial_option"]["value"] == "chung"
    assert "initial_option" not in views.ingest_modal("vi", ["a", "b"])["blocks"][0]["element"]


def test_every_one_of_many_spaces_can_be_chosen() -> None:
    names = [f"phòng {number}" for number in range(250)]
    view = views.ingest_modal("vi", names)
    check_view(view)
    menu = next(iter(elements_of(view["blocks"])))
    assert [option["value"] for group in menu["option_groups"] for option in group["options"]] == names


def test_windows_are_known_by_their_callback() -> None:
    shown = [views.reason_modal("vi", "a", ""), views.ingest_modal("vi", ["a"])]
    assert [view["callback_id"] for view in shown] == [views.REASON_VIEW, views.INGEST_VIEW]
    assert "submit" not in views.result_modal("vi", "x")
