"""The pictures show every word of the payload, are well-formed, and are the same every time."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from bots.slack import views
from bots.slack.cards import Proposal, correction_card
from bots.slack.home_view import home
from bots.slack.render import Renderer
from core.conversation import Outcome
from tests.bots.slack.hostile import answer, citation
from tests.bots.slack.test_home_view import FIGURES, STATE
from tests.slack_pictures import picture

TEXT = (
    "# Nghỉ phép\n\nBạn được nghỉ **12 ngày** mỗi năm [1], xem `https://noi-bo.vn`.\n\n"
    "1. Báo trước *ba ngày*\n2. Ghi sổ\n"
    "   - kèm giấy\n\n| Thâm niên | Số ngày |\n|---|---|\n| dưới 5 năm | 12 |\n\n> Trích Điều 5\n\n```\nmã = 1 & 2\n```"
)


def message(outcome: Outcome = Outcome.ANSWERED) -> dict[str, object]:
    given = answer(TEXT, (citation(1), citation(2, "Quy chế & <nội bộ>")), outcome)
    renderer = Renderer(lambda _answer, cited: "https://noi-bo.vn/1" if cited.n == 1 else None)
    [part] = renderer.parts(given)
    return {"blocks": renderer.blocks(given, 0, part)}


PAYLOADS = {
    "answer": message(),
    "not found": message(Outcome.NOT_FOUND),
    "reason": views.reason_modal("vi", "a", ""),
    "ingest": views.ingest_modal("vi", ["chung", "nhân sự"]),
    "result": views.result_modal("en", "Done."),
    "home": home(STATE),
    "admin": home(replace(STATE, is_admin=True, figures=FIGURES)),
    "card": {"blocks": correction_card("vi", Proposal("Mấy ngày?", "12 ngày", "14 ngày", "U0LAN"), "c1").blocks},
}


def words_of(svg: str) -> set[str]:
    drawn = " ".join("".join(element.itertext()) for element in ET.fromstring(svg))  # noqa: S314
    return set(re.findall(r"\w+", drawn))


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_picture_is_well_formed_and_always_the_same(name: str) -> None:
    svg = picture(PAYLOADS[name], name)
    assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314
    assert picture(PAYLOADS[name], name) == svg
    assert f"<title>{name}</title>" in svg


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "answer",
            "Nghỉ phép Bạn 12 ngày https noi bo Báo ba kèm giấy Thâm niên dưới Trích Điều mã Nguồn chế nội Tốt giây",
        ),
        ("not found", "Hỏi người phụ trách"),
        ("reason", "Góp ý Nội dung sai Hiểu Câu đúng quản trị Gửi Hủy"),
        ("ingest", "Thêm tài liệu Không gian pdf docx Tối đa"),
        ("result", "Done Close"),
        ("home", "chung 312 tài liệu Huế Tự động cải thiện Xóa"),
        ("admin", "Tình trạng 40 1 26 USD Slack"),
        ("card", "Góp Mấy 12 14 U0LAN Chấp nhận Không dùng"),
    ],
)
def test_a_picture_shows_the_words(name: str, words: str) -> None:
    assert set(words.split()) <= words_of(picture(PAYLOADS[name], name))


def test_there_is_no_picture_of_what_we_do_not_send() -> None:
    with pytest.raises(ValueError, match="carousel"):
        picture({"blocks": [{"type": "carousel"}]}, "x")
