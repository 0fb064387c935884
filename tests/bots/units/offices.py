"""Settings of offices that units are rendered for, and the folder that they are rendered into."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bots.settings import Settings, load_settings
from bots.units.files import compared
from bots.units.place import Place, this_place
from bots.units.rendering import EVERY_FILE, SYSTEM, rendered

PLAIN = """
[data]
directory = "/var/lib/sotay"
[spaces.noi-bo]
sources = ["/srv/noi-bo"]
[slack]
bot_token = "xoxb-1"
app_token = "xapp-1"
[telegram]
token = "1:x"
"""
ODD = """
[data]
directory = '/srv/Sổ Tay 100%/dữ "liệu"'
[backup]
directory = "/mnt/sao lưu"
[spaces.noi-bo]
sources = ["/home/lan/Tài liệu $HOME 50%", "/srv/chung"]
[models]
local = "/root/mô hình/một.gguf"
"""
POSTGRESQL = PLAIN.replace(
    'directory = "/var/lib/sotay"',
    'directory = "/var/lib/sotay"\ndatabase_url = "postgresql+asyncpg://sotay@db.example/sotay"',
)


def settings_of(folder: Path, text: str = PLAIN) -> Settings:
    (folder / "sotay.toml").write_text(text, encoding="utf-8")
    return load_settings(folder / "sotay.toml", {})


def place_in(folder: Path, **changes: Any) -> Place:  # noqa: ANN401
    """This machine without a card, as a systemd of release 252 sees it, but for the `changes`."""
    here = this_place(folder / "sotay.toml", "sotay", has_card=False)
    known: dict[str, Any] = {"python": Path(sys.executable), "systemd": 252, "modprobe": None}
    return replace(here, **(known | changes))


def written(root: Path, files: Mapping[Path, str]) -> dict[str, Path]:
    """The units as an install leaves them below `root`, by name."""
    for file in compared(root, files, EVERY_FILE):
        file.settle()
    return {path.name: path for path in sorted((root / SYSTEM).iterdir()) if path.is_file()}


def install(root: Path, text: str = PLAIN, *, split: bool = False, **changes: Any) -> dict[str, Path]:  # noqa: ANN401
    return written(root, rendered(settings_of(root, text), place_in(root, **changes), split=split))
