"""Who is there in the tests of the whole adapter, and the settings of their office."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bots.telegram.adapter import TelegramConfig
from bots.telegram.ids import person_of
from core.access import ADMINISTRATORS, Directory
from tests.bots.slack.office import STAFF
from tests.telegram_server import TelegramServer


@dataclass
class Crew:
    """An, Bình and Lan are staff, Chi administers. An and Bình may ask from the beginning, Lan must be let in.

    All but Lan are in the `group`, whose members the settings know; its answers draw on what staff may read.
    """

    telegram: TelegramServer

    def __post_init__(self) -> None:
        people = self.telegram.people
        self.an, self.binh, self.chi = (people.add_user(name, started=True) for name in ("An", "Bình", "Chi"))
        self.lan = people.add_user("Lan")
        self.group = people.add_group("Phòng Nhân sự", [self.an, self.binh, self.chi], supergroup=True)
        self.office = people.add_group("Quản trị", [self.chi], supergroup=True)

    def directory(self) -> Directory:
        staff = frozenset(person_of(user) for user in (self.an, self.binh, self.lan, self.chi))
        return Directory({STAFF: staff, ADMINISTRATORS: frozenset({person_of(self.chi)})})

    def config(self, changes: Mapping[str, object]) -> TelegramConfig:
        usual: dict[str, Any] = {
            "token": self.telegram.token,
            "api_url": self.telegram.origin,
            "file_url": f"{self.telegram.origin}/file",
            "allowed": (self.an, self.binh),
            "rooms": {self.group: STAFF},
            "admin_chat": self.office,
        }
        return TelegramConfig(**usual | dict(changes))
