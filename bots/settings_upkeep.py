"""The tables of the settings about running it: logs, figures, backups, what is done when."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from bots.settings_fields import CronLine, Place, Section, Url, Whole, Word


class Log(Section):
    """What is logged, to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="The least that is logged.")
    format: Literal["auto", "text", "json"] = Field(
        default="auto",
        description="`text`: lines for people; `json`: one object a line; `auto`: `json` where the system's journal "
        "reads it, else `text`.",
    )
    texts: bool = Field(
        default=False,
        description="Whether the log may hold what people write, for looking into a fault; never tokens and keys.",
    )


class Web(Section):
    """Health and metrics of the service, for monitoring on this machine. Nothing there holds texts or names."""

    host: Word = Field(default="127.0.0.1", description="Address to listen on.")
    port: Whole = Field(
        default=9464, ge=0, le=65535, description="Port of `/metrics`, `/healthz` and `/readyz`; 0 switches them off."
    )


class Telemetry(Section):
    """OpenTelemetry."""

    otlp_endpoint: Url | None = Field(
        default=None,
        description="Where the times of each question go as spans, by OTLP over gRPC, such as "
        "`http://127.0.0.1:4317`; without texts and names. Left out, nowhere.",
    )


class BackupSettings(Section):
    """Backups, as `sotay backup` and the schedule make them."""

    directory: Place = Field(
        default=Path("{data.directory}/backups"),
        description="Folder of the backups; another disk than that of the data keeps them from going with it.",
    )
    keep: Whole = Field(default=7, ge=1, le=10_000, description="How many backups stay; older ones are removed.")


class Retention(Section):
    """How long things are kept. Nothing that is younger than a day goes."""

    question_days: Whole = Field(
        default=30,
        ge=1,
        le=36_500,
        description="What people have written: the words of questions and prompts, messages that came in.",
    )
    answer_days: Whole = Field(
        default=365,
        ge=1,
        le=36_500,
        description="Answers with their sources, votes and corrections, and the figures of calls to models.",
    )
    event_days: Whole = Field(
        default=7,
        ge=2,
        le=3650,
        description="Deliveries of the platforms that were seen, by which one that comes twice is known.",
    )


class ScheduleSettings(Section):
    """Work at fixed times, beside the service, in the office's time zone.

    A time is a crontab line: minute, hour, day of the month, month, weekday (`mon`, not a number). `off` is never.
    """

    reread: CronLine = Field(default="*/30 * * * *", description="When all folders are read again.")
    watch: bool = Field(
        default=True, description="Whether folders of this machine are watched, and read again once something changed."
    )
    backup: CronLine = Field(default="30 2 * * *", description="When the database is checked and a backup made.")
    retention: CronLine = Field(default="30 3 * * *", description="When what is too old is removed.")
    budget: CronLine = Field(default="5 * * * *", description="When the budget is looked at.")
    digest: CronLine = Field(
        default="0 8 * * mon", description="When the administrators' channel is told how the last week went."
    )
    export: CronLine = Field(
        default="off", description="When votes and corrections are written for training, into `exports` of the data."
    )
    health: CronLine = Field(default="*/10 * * * *", description="When the local model is asked for one word.")
