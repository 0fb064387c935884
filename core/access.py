"""Who may search what: the rights of the place, cut by the rights of the asker. Unknown means denied."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from core.conversation import Person, Place
from core.documents import Label, Space

ADMINISTRATORS = "administrators"
"""The group of those who run the handbook: what goes wrong is told to them, and they decide on corrections."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The groups of people, by name; who is in no group is unknown."""

    groups: Mapping[str, frozenset[str]]

    def person(self, person_id: str, vouched: frozenset[str] = frozenset(), aliases: Collection[str] = ()) -> Person:
        """The person with the groups that name them, and those that their platform has `vouched` for.

        `aliases` are the ids by which the same person is known elsewhere: a group may name any of them.
        """
        ids = {person_id, *aliases}
        named = frozenset(name for name, members in self.groups.items() if not ids.isdisjoint(members))
        return Person(person_id, named | vouched)


def may_read(person: Person, space: Space) -> bool:
    """Public spaces are open to everybody, the others to the groups of their audience only."""
    return space.label is Label.PUBLIC or not person.groups.isdisjoint(space.audience)


def searchable(person: Person, place: Place, spaces: Iterable[Space]) -> frozenset[str]:
    """Names of the spaces that may be searched for an answer shown to `person` in `place`.

    Everybody who will see the answer must be allowed to read its sources; where the readers are not known, public
    spaces only.
    """
    if place.readers is None:
        return frozenset(space.name for space in spaces if space.label is Label.PUBLIC)
    everybody = (person, *place.readers)
    return frozenset(space.name for space in spaces if all(may_read(reader, space) for reader in everybody))
