"""All checks at once, none of which may hold up or end the others."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from bots.doctor import access, documents, machine, network, office, schedule, slack, storage, telegram, units, unread
from bots.doctor.findings import Check, Finding, Office, warn
from bots.settings import Loaded
from core.errors import SotayError
from core.faults import in_short

SECONDS = 3.0
"""The longest that one check may take, unless it says another time; all go on at the same time."""
CHECKS = (
    *office.CHECKS,
    *access.CHECKS,
    *storage.CHECKS,
    *documents.CHECKS,
    *unread.CHECKS,
    *schedule.CHECKS,
    *machine.CHECKS,
    *slack.CHECKS,
    *telegram.CHECKS,
    *network.CHECKS,
    *units.CHECKS,
)
UNREADABLE = (SotayError, OSError, ValueError)
"""What may go wrong with a look itself: it says something about the machine, nothing about what was looked for."""


async def examine(
    loaded: Loaded, root: Path = Path("/"), checks: Sequence[Check] = CHECKS, seconds: float = SECONDS
) -> list[Finding]:
    """What all checks find, in their order. `seconds` is the longest for each that has no time of its own."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
        subject = Office(loaded, session, root)
        looks = [group.create_task(_look(check, subject, check.seconds or seconds)) for check in checks]
    return [finding for look in looks for finding in look.result()]


async def _look(check: Check, subject: Office, seconds: float) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(seconds):
            return await check.look(subject)
    except TimeoutError:
        return [warn("doctor", "late", "sotay doctor", check=check.name, seconds=f"{seconds:g}")]
    except aiohttp.ClientError:
        return []  # the check of the hosts tells
    except UNREADABLE as error:
        return [warn("doctor", "failed", "sotay doctor", check=check.name, reason=in_short(error))]
