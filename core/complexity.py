"""The router's model in force: the office's own where it has trained one, else the shipped one."""

from importlib import resources
from pathlib import Path

from core.complexity_model import RouterModel, read_model
from core.errors import SotayError

FILE = "router.json"


def shipped_model() -> RouterModel:
    """The model that comes with the program."""
    found = resources.files("core").joinpath("data").joinpath(FILE)
    return read_model(found.read_text(encoding="utf-8"), found)


def model_in(directory: Path) -> RouterModel:
    """The model of the office's data directory; the shipped one where there is none. Raises `SotayError`."""
    own = directory / FILE
    if not own.exists():
        return shipped_model()
    try:
        return read_model(own.read_text(encoding="utf-8"), own)
    except (OSError, UnicodeDecodeError) as error:
        raise SotayError("router.cannot_read", path=own, reason=error) from error
