"""What was spent, by day, route and space, and what was saved, as far as that can be guessed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.conversation import Route
from core.metering import Standing
from core.spending import NOWHERE, Answered, Books, By, Call, Line, Payment, Rate, in_doubt, rate_of, report, total

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2026, 11, 23, 2, tzinfo=UTC)
EVENING = datetime(2026, 11, 23, 18, tzinfo=UTC)  # the 24th in the office
LIMIT = (1.0, 5.0)

BOOKS = Books(
    calls=(
        Call(MORNING, Route.LOCAL, "q1", 1000, 100),
        Call(MORNING, Route.LOCAL, "q2", 2000, 50),  # its answer was poor
        Call(MORNING, Route.API, "q2", 800, 200),
        Call(EVENING, Route.LOCAL, "q3", 500, 10),
        Call(EVENING, Route.LOCAL, None, 7, 7),  # somebody was forgotten
    ),
    payments=(
        Payment(MORNING, "q2", Standing.SETTLED, 2000),
        Payment(EVENING, "q3", Standing.UNKNOWN, 9000),
        Payment(EVENING, "q4", Standing.HELD, 100),
    ),
    answers={
        "q1": Answered(Route.LOCAL, "noi-bo"),
        "q2": Answered(Route.API, "cong-khai"),
        "q3": Answered(Route.LOCAL, None),
    },
)
RATE = Rate(2.0, 2.0, is_paid=True)


def test_the_mean_price_is_what_was_paid_for_the_tokens_that_went_out() -> None:
    assert rate_of(BOOKS, LIMIT) == RATE


@pytest.mark.parametrize("books", [Books((), (), {}), Books(BOOKS.calls, BOOKS.payments[1:], {})])
def test_where_nothing_was_paid_the_limit_stands_in(books: Books) -> None:
    assert rate_of(books, LIMIT) == Rate(1.0, 5.0, is_paid=False)


def test_a_day_is_the_offices() -> None:
    assert report(BOOKS, By.DAY, HANOI, RATE) == [
        Line("2026-11-23", 1, 1, 3800, 350, spent=2000, open=0, saved=2200),
        Line("2026-11-24", 1, 2, 507, 17, spent=0, open=9100, saved=1020),
    ]


def test_a_route_has_its_tokens_and_its_money() -> None:
    assert report(BOOKS, By.ROUTE, HANOI, RATE) == [
        Line("api", 0, 3, 800, 200, spent=2000, open=9100, saved=0),
        Line("local", 2, 0, 3507, 167, spent=0, open=0, saved=3220),
    ]


def test_a_space_is_that_of_the_first_passage() -> None:
    assert report(BOOKS, By.SPACE, HANOI, RATE) == [
        Line(NOWHERE, 1, 2, 507, 17, spent=0, open=9100, saved=1020),
        Line("cong-khai", 0, 1, 2800, 250, spent=2000, open=0, saved=0),
        Line("noi-bo", 1, 0, 1000, 100, spent=0, open=0, saved=2200),
    ]


@pytest.mark.parametrize("by", list(By))
def test_the_total_is_the_same_however_it_is_split(by: By) -> None:
    assert total(report(BOOKS, by, HANOI, RATE)) == Line("", 2, 3, 4307, 367, spent=2000, open=9100, saved=3220)


def test_the_saving_at_the_limit_tells_prompt_and_answer_apart() -> None:
    (line,) = report(Books(BOOKS.calls[:1], (), BOOKS.answers), By.ROUTE, HANOI, Rate(1.0, 5.0, is_paid=False))
    assert line.saved == 1000 * 1 + 100 * 5


def test_in_doubt_is_what_is_not_settled() -> None:
    assert [payment.question_id for payment in in_doubt(BOOKS.payments)] == ["q3", "q4"]
