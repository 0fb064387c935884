"""Rights of the place, cut by the rights of the asker."""

from hypothesis import given
from hypothesis import strategies as st

from core.access import Directory, searchable
from core.conversation import Person, Place
from core.documents import Label, Space
from tests.core.makers import HOA, INTERNAL, LAN, PRIVATE, PUBLIC, SECRET, SPACES, STRANGER

ALL = SPACES.values()


def test_an_unknown_person_searches_public_spaces_only() -> None:
    assert searchable(STRANGER, PRIVATE, ALL) == {PUBLIC.name}


def test_staff_search_what_their_groups_may_read() -> None:
    assert searchable(LAN, PRIVATE, ALL) == {PUBLIC.name, INTERNAL.name}
    assert searchable(HOA, PRIVATE, ALL) == {PUBLIC.name, INTERNAL.name, SECRET.name}


def test_in_a_channel_every_reader_must_be_allowed() -> None:
    assert searchable(HOA, Place("c", frozenset({LAN})), ALL) == {PUBLIC.name, INTERNAL.name}
    assert searchable(HOA, Place("c", frozenset({LAN, STRANGER})), ALL) == {PUBLIC.name}


def test_a_place_with_unknown_readers_shows_public_spaces_only() -> None:
    assert searchable(HOA, Place("c", None), ALL) == {PUBLIC.name}


def test_a_space_without_audience_is_read_by_nobody() -> None:
    assert searchable(HOA, PRIVATE, [Space("orphan", Label.CONFIDENTIAL)]) == frozenset()


def test_the_directory_gives_a_person_every_group_that_names_them() -> None:
    directory = Directory({"staff": frozenset({"lan", "hoa"}), "hr": frozenset({"hoa"})})
    assert directory.person("hoa") == Person("hoa", frozenset({"staff", "hr"}))
    assert directory.person("nobody").groups == frozenset()


def test_a_group_may_name_any_id_of_a_person() -> None:
    directory = Directory({"staff": frozenset({"slack:U1"}), "hr": frozenset({"telegram:1"}), "it": frozenset({"hoa"})})
    person = directory.person("slack:U1", frozenset({"members"}), ["telegram:1", "telegram:2"])
    assert person == Person("slack:U1", frozenset({"staff", "hr", "members"}))


GROUPS = st.frozensets(st.sampled_from("abcd"))
PEOPLE = st.builds(Person, st.text(min_size=1, max_size=3), GROUPS)
SOME_SPACES = st.lists(st.builds(Space, st.text(min_size=1, max_size=3), st.sampled_from(Label), GROUPS), max_size=5)


@given(PEOPLE, st.frozensets(PEOPLE, max_size=4), SOME_SPACES)
def test_more_readers_never_open_more_spaces(asker: Person, readers: frozenset[Person], spaces: list[Space]) -> None:
    assert searchable(asker, Place("c", readers), spaces) <= searchable(asker, PRIVATE, spaces)
    assert searchable(asker, Place("c", None), spaces) <= searchable(asker, Place("c", readers), spaces)
