"""One file from a model hub, resumed where it was cut off.

The protocol is that of the Hugging Face hub and its mirrors: `GET {hub}/{repo}/resolve/{revision}/{file}`, redirects to
wherever the bytes lie, `Range` for the rest of a file. Written on httpx, since what is wanted is small: one file in one
place, settings from ours alone, progress, and a fallback that takes over what has come.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx

from core.errors import ModelUnavailable
from models.catalog import HubFile

log = logging.getLogger(__name__)

ATTEMPTS = 5
TIMEOUT = httpx.Timeout(30.0, connect=10.0)

Report = Callable[[int], None]


class Refused(Exception):
    """The hub says no; asking again would not help."""


class Interrupted(Exception):
    """The connection or the hub failed; what has come is kept."""


@dataclass(frozen=True, slots=True)
class HubClient:
    """Downloads from `url`. `pause` waits between attempts, its argument in seconds."""

    url: str
    pause: Callable[[float], None] = time.sleep

    def fetch(self, file: HubFile, part: Path, report: Report) -> None:
        """Completes `part`; `report` gets the bytes that are there. What has come stays there when it fails.

        Raises `ModelUnavailable` after `ATTEMPTS` attempts in a row that brought nothing new.
        """
        url = f"{self.url.rstrip('/')}/{file.repo}/resolve/{file.revision}/{file.file}"
        failures = 0
        with httpx.Client(follow_redirects=True, timeout=TIMEOUT) as client:
            while True:
                before = size_of(part)
                try:
                    self._continue(client, url, part, report)
                except Refused as error:
                    raise ModelUnavailable("model.hub_refused", url=url, reason=str(error)) from error
                except (Interrupted, httpx.HTTPError) as error:
                    failures = 1 if size_of(part) > before else failures + 1
                    log.info("%s: %s, attempt %d", url, error, failures)
                    if failures >= ATTEMPTS:
                        raise ModelUnavailable("model.hub_failed", url=url, reason=str(error)) from error
                    self.pause(2.0**failures)
                else:
                    return

    @staticmethod
    def _continue(client: httpx.Client, url: str, part: Path, report: Report) -> None:
        """One request for what is missing."""
        have = size_of(part)
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with client.stream("GET", url, headers=headers) as response:
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # nothing is missing; size and hash are checked by the caller
            check_status(response.status_code)
            resumed = response.status_code == HTTPStatus.PARTIAL_CONTENT
            if resumed and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                raise Interrupted("sent another range than was asked for")
            with part.open("ab" if resumed else "wb") as out:
                for chunk in response.iter_raw():  # as it comes: what was read before a cut is kept
                    out.write(chunk)
                    report(out.tell())


def check_status(status: int) -> None:
    """Raises `Refused` for 4xx other than "too many requests", `Interrupted` for everything else but success."""
    if status in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        return
    later = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT}
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in later:
        raise Refused(f"HTTP {status}")
    raise Interrupted(f"HTTP {status}")


def size_of(path: Path) -> int:
    """Bytes of `path`; 0 where there is none."""
    return path.stat().st_size if path.exists() else 0
