"""What systemd is told of a service with its platforms, in the language of the office."""

from dataclasses import dataclass

from bots.service import Service
from bots.systemd import Lifeline
from core.texts import translate


@dataclass(frozen=True, slots=True)
class Announcer:
    """One line for `systemctl status`, always true."""

    line: Lifeline
    service: Service
    language: str

    def reached(self) -> None:
        """The first platform can be served."""
        self.line.ready(self.status)

    def stopping(self) -> None:
        self.line.notifier.stopping(translate(self.language, "systemd.stopping"))

    def status(self) -> str:
        """Where questions are answered right now, and where not."""
        away = self.service.away()
        up = [name for name in self.service.names if name not in away]
        if not up:
            return translate(self.language, "systemd.all_away", away=", ".join(away))
        if away:
            return translate(self.language, "systemd.some_away", surfaces=", ".join(up), away=", ".join(away))
        return translate(self.language, "systemd.ready", surfaces=", ".join(up))
