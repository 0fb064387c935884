"""Spaces in the database."""

from core.documents import Label, Space
from core.store.database import Database
from core.store.spaces import SpaceRepository
from tests.core.store.samples import OPEN, PAY, STAFF


async def test_spaces_come_back_as_the_settings_say(database: Database) -> None:
    spaces = SpaceRepository(database)
    await spaces.sync([(STAFF, ["a", "b"]), (OPEN, [])])
    assert await spaces.all() == {STAFF.name: STAFF, OPEN.name: OPEN}
    assert await spaces.sources(STAFF.name) == ("a", "b")


async def test_changed_settings_change_the_rows(database: Database) -> None:
    spaces = SpaceRepository(database)
    stricter = Space(OPEN.name, Label.INTERNAL, frozenset({"nhan-vien"}))
    await spaces.sync([(OPEN, ["cũ"])])
    await spaces.sync([(stricter, ["mới"])])
    assert await spaces.all() == {OPEN.name: stricter}
    assert await spaces.sources(OPEN.name) == ("mới",)


async def test_nobody_reads_a_space_that_left_the_settings(database: Database) -> None:
    spaces = SpaceRepository(database)
    await spaces.sync([(OPEN, ["web"]), (STAFF, ["a"])])
    await spaces.sync([(STAFF, ["a"])])
    assert (await spaces.all())[OPEN.name] == Space(OPEN.name, Label.CONFIDENTIAL, frozenset(), may_leave=False)
    assert await spaces.sources(OPEN.name) == ()


async def test_empty_settings_close_every_space_of_theirs(database: Database) -> None:
    spaces = SpaceRepository(database)
    await spaces.sync([(OPEN, []), (STAFF, [])])
    await spaces.sync([])
    assert {space.label for space in (await spaces.all()).values()} == {Label.CONFIDENTIAL}


async def test_a_closed_space_opens_again_when_the_settings_name_it_again(database: Database) -> None:
    spaces = SpaceRepository(database)
    for named in ([(OPEN, ["web"])], [], [(OPEN, ["web"])]):
        await spaces.sync(named)
    assert await spaces.all() == {OPEN.name: OPEN}


async def test_settings_leave_the_spaces_of_commands_alone(database: Database) -> None:
    spaces = SpaceRepository(database)
    await spaces.add_from_command(PAY, "/mnt/luong")
    await spaces.sync([(STAFF, [])])
    assert (await spaces.all())[PAY.name] == PAY
    assert await spaces.sources(PAY.name) == ("/mnt/luong",)


async def test_settings_take_over_a_space_of_the_same_name(database: Database) -> None:
    spaces = SpaceRepository(database)
    await spaces.add_from_command(Space(STAFF.name, Label.PUBLIC), "x")
    await spaces.sync([(STAFF, ["a"])])
    await spaces.sync([])
    assert (await spaces.all())[STAFF.name].label is Label.CONFIDENTIAL


async def test_a_command_adds_sources_and_may_change_the_rights_of_its_own_space(database: Database) -> None:
    spaces = SpaceRepository(database)
    stricter = Space(OPEN.name, Label.CONFIDENTIAL)
    for space, source in ((OPEN, "a"), (OPEN, "b"), (stricter, "a")):
        await spaces.add_from_command(space, source)
    assert await spaces.sources(OPEN.name) == ("a", "b")
    assert await spaces.all() == {OPEN.name: stricter}


async def test_a_command_cannot_widen_a_space_of_the_settings(database: Database) -> None:
    spaces = SpaceRepository(database)
    await spaces.sync([(STAFF, ["a"])])
    await spaces.add_from_command(Space(STAFF.name, Label.PUBLIC, may_leave=True), "b")
    assert await spaces.all() == {STAFF.name: STAFF}
    assert await spaces.sources(STAFF.name) == ("a", "b")


async def test_an_unknown_space_has_no_sources(database: Database) -> None:
    assert await SpaceRepository(database).sources("không có") == ()
