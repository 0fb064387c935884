"""What every test shares: what the run says about itself, and no way out of this machine."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests import postgres

LOOPBACK = ("127.", "::1", "localhost")


def pytest_report_header() -> list[str]:
    """Which PostgreSQL the store's tests run on."""
    return [postgres.describe()]


class OutsideError(AssertionError):
    """A test tried to reach another machine."""


@pytest.fixture(autouse=True)
def stay_on_this_machine() -> Iterator[None]:
    """Connections to other machines fail at once, so that no test can depend on them or send anything out."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:  # noqa: ANN401
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise OutsideError(f"a test tried to reach {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
