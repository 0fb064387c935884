"""The home tab: what it shows, to whom, and that Slack takes it however much there is to show."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.slack import controls
from bots.slack.home_view import AdminFigures, AskedLine, HealthLine, HomeState, SpaceLine, home, read_consent
from core.conversation import Outcome
from tests.bots.slack.hostile import TEXTS
from tests.bots.slack.limits import Json, check_view, elements_of

NOON = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
FIGURES = AdminFigures(
    waiting=3, oldest_seconds=12.4, questions=40, answered=31, not_found=6, failed=3, up=9, down=2, cost_usd=1.256,
    health=(HealthLine("Slack", is_ok=True), HealthLine("Mô hình", is_ok=False, detail="không nạp được")),
)  # fmt: skip
STATE = HomeState(
    language="vi",
    timezone="Asia/Ho_Chi_Minh",
    spaces=(SpaceLine("chung", 312, NOON), SpaceLine("nhân sự", 0, None)),
    questions=(AskedLine("Nghỉ phép mấy ngày?", NOON, Outcome.ANSWERED), AskedLine("Còn ở Huế?", NOON, None)),
)


def text_of(view: Json) -> str:
    texts = [block["text"]["text"] for block in view["blocks"] if "text" in block]
    return "\n".join([*texts, *(element["text"] for element in elements_of(view["blocks"]) if "text" in element
                               and isinstance(element["text"], str))])  # fmt: skip


def element(view: Json, action_id: str) -> Json:
    return next(found for found in elements_of(view["blocks"]) if found.get("action_id") == action_id)


def test_a_person_sees_spaces_questions_and_wishes() -> None:
    view = home(STATE)
    check_view(view)
    assert view["type"] == "home"
    text = text_of(view)
    assert "*chung* · 312 tài liệu · cập nhật 26/11/2026 12:00" in text
    assert "*nhân sự* · 0 tài liệu\n" in f"{text}\n"
    assert "✓  Nghỉ phép mấy ngày? · 26/11/2026 12:00" in text
    assert "…  Còn ở Huế?" in text
    assert "Tình trạng hệ thống" not in text


@pytest.mark.parametrize(("preference", "chosen"), [("auto", "auto"), ("vi", "vi"), ("en", "en"), ("fr", "auto")])
def test_the_chosen_language_is_shown(preference: str, chosen: str) -> None:
    menu = element(home(replace(STATE, preference=preference)), controls.LANGUAGE)
    assert menu["initial_option"]["value"] == chosen
    assert menu["initial_option"] in menu["options"]


@pytest.mark.parametrize("consents", [True, False])
def test_consent_is_ticked_as_it_was_given(consents: bool) -> None:
    box = element(home(replace(STATE, consents=consents)), controls.CONSENT)
    assert ("initial_options" in box) is consents
    assert read_consent({"selected_options": box["options"]}) is True
    assert read_consent({"selected_options": []}) is False


def test_forgetting_is_asked_about_first() -> None:
    limits = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
    for language in ("vi", "en"):
        ask = element(home(replace(STATE, language=language)), controls.FORGET)["confirm"]
        assert all(1 <= len(ask[name]["text"]) <= limit for name, limit in limits.items())
        assert not any(ask[name]["text"].endswith("…") for name in limits)


def test_administrators_see_the_state_of_the_service() -> None:
    view = home(replace(STATE, is_admin=True, figures=FIGURES))
    check_view(view)
    text = text_of(view)
    assert "3 câu hỏi đang chờ, câu lâu nhất đã chờ 12 giây" in text
    assert "Hôm nay: 40 câu hỏi, 31 đã trả lời, 6 không tìm thấy, 3 bị lỗi" in text
    assert "Đánh giá hôm nay: 9 tốt, 2 chưa tốt" in text
    assert "1,26 USD" in text
    assert "✓  *Slack*" in text
    assert "✗  *Mô hình* · không nạp được" in text


def test_nobody_else_sees_it_even_where_it_is_given() -> None:
    assert home(replace(STATE, figures=FIGURES)) == home(STATE)


def test_an_empty_queue_is_said_to_be_empty() -> None:
    idle = replace(FIGURES, waiting=0, oldest_seconds=None)
    assert "Không có câu hỏi nào đang chờ" in text_of(home(replace(STATE, is_admin=True, figures=idle)))


def test_who_is_new_is_told_what_to_do() -> None:
    text = text_of(home(replace(STATE, spaces=(), questions=())))
    assert "Bạn chưa được đọc tài liệu nào." in text
    assert "Bạn chưa hỏi câu nào." in text


def test_more_spaces_than_can_be_shown_are_counted() -> None:
    view = home(replace(STATE, spaces=tuple(SpaceLine(f"phòng {n}", n, NOON) for n in range(100))))
    assert "… và 40 không gian nữa" in text_of(view)


@settings(max_examples=25, deadline=None)
@given(TEXTS, st.sampled_from(("vi", "en")))
def test_slack_takes_whatever_there_is_to_show(text: str, language: str) -> None:
    health = tuple(HealthLine(text * 3, is_ok=False, detail=text * 3) for _ in range(40))
    view = home(
        HomeState(
            language=language,
            timezone="Asia/Ho_Chi_Minh",
            spaces=tuple(SpaceLine(text * 3, 10**9, NOON) for _ in range(70)),
            questions=tuple(AskedLine(text * 3, NOON, Outcome.FAILED) for _ in range(30)),
            is_admin=True,
            figures=replace(FIGURES, health=health),
        )
    )
    check_view(view)


def test_a_time_zone_that_is_none_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        home(replace(STATE, timezone="Asia/Nowhere"))
