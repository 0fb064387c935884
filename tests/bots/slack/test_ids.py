"""Names on both sides of the seam."""

from bots.slack.ids import Spot, asker_of, channel_and_ts, message_id, person_of, user_of


def test_a_message_goes_through_its_key_and_back() -> None:
    spot = Spot("T1", "C1", "1700.000100")
    assert spot.name == "slack:T1:C1:1700.000100"
    assert Spot.of(spot.name) == spot
    assert Spot.of(f"{spot.name}:ask:U1:1701.1") == spot
    assert spot.place == "slack:T1:C1"


def test_a_place_and_a_command_name_no_message() -> None:
    assert Spot.of("slack:T1:C1") == Spot("T1", "C1")
    assert Spot.of("slack:T1:C1:command:1.2.3") == Spot("T1", "C1")


def test_who_asks_about_a_message_stands_in_the_key_of_that_alone() -> None:
    assert asker_of("slack:T1:C1:1700.1:ask:U1:1701.1") == "U1"
    assert [asker_of(key) for key in ("slack:T1:C1:1700.1", "slack:T1:C1:command:1.2.3", "slack:T1:C1")] == [None] * 3


def test_our_messages_and_people() -> None:
    assert channel_and_ts(message_id("C1", "1700.1")) == ("C1", "1700.1")
    assert user_of(person_of("U1")) == "U1"
