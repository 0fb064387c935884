"""Work at fixed times: what failed when it was done last."""

from collections.abc import Sequence

from bots.doctor.findings import Check, Finding, Office, fail, ok
from bots.settings_upkeep import ScheduleSettings
from core.errors import StoreError
from core.jobs import RunOutcome
from core.store.database import file_of, open_as_it_is
from core.store.jobs import JobRuns

SHOWN = 120
"""Letters of what a job had to say."""
NAMES = tuple(name for name in ScheduleSettings.model_fields if name != "watch")


async def jobs(office: Office) -> Sequence[Finding]:
    """The last run of each job; one that was made by hand since counts as little as any other."""
    url = office.settings.data.database_url
    file = file_of(url)
    if file is not None and not file.is_file():
        return []
    try:
        async with open_as_it_is(url) as database:
            runs = [await JobRuns(database).last(name) for name in NAMES]
    except StoreError:
        return []  # the check of the database tells
    failed = [run for run in runs if run is not None and run.outcome is RunOutcome.FAILED]
    return [
        fail("jobs", "failed", f"sotay jobs run {run.name}", job=run.name, slot=run.slot, note=run.note[:SHOWN])
        for run in failed
    ] or [ok("jobs")]


CHECKS = (Check("jobs", jobs),)
