"""Names that the core and Telegram share."""

import pytest

from bots.telegram.ids import Account, Spot, chat_and_message, message_id, person_of, user_of


@pytest.mark.parametrize(
    ("spot", "place", "name"),
    [
        (Spot(900, 7001, 15), "telegram:900:7001", "telegram:900:7001:15"),
        (Spot(900, -1001, 3), "telegram:900:-1001", "telegram:900:-1001:3"),
        (Spot(900, -1001, topic=4), "telegram:900:-1001", "telegram:900:-1001:topic:4"),
    ],
)
def test_a_spot_and_its_name_are_one(spot: Spot, place: str, name: str) -> None:
    assert (spot.place, spot.name) == (place, name)
    assert Spot.of(name) == spot
    assert Spot.of(place) == Spot(spot.bot, spot.chat)


def test_what_names_no_spot_is_an_error() -> None:
    for name in ("", "telegram:900", "telegram:a:b", "telegram:900:7001:x"):
        with pytest.raises(ValueError, match=r"."):
            Spot.of(name)


def test_people_and_messages_are_named_and_found_again() -> None:
    assert user_of(person_of(7001)) == 7001
    assert user_of(person_of(-1001)) == -1001
    assert user_of("slack:U1") is None
    assert user_of("telegram:x") is None
    assert chat_and_message(message_id(-1001, 18)) == (-1001, 18)


def test_a_token_says_whose_it_is() -> None:
    assert Account.of("900001:abc") == Account(900001)
    assert Account.of("nothing") == Account(0)
