"""What the tables of the settings are made of: kinds of values, and the table itself."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from bots.settings_keys import masked
from bots.settings_values import checked_cron, checked_path, checked_url, iso_date, not_bool

Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Words = tuple[Word, ...]
Name = Annotated[str, StringConstraints(pattern=r"^\w[\w-]*$")]
Secret = Annotated[SecretStr, Field(min_length=1)]
Place = Annotated[Path, AfterValidator(checked_path)]
Source = Annotated[Word, AfterValidator(checked_path)]
Url = Annotated[str, AfterValidator(checked_url)]
Whole = Annotated[int, not_bool]
CronLine = Annotated[Word, AfterValidator(checked_cron)]
Number = Annotated[float, not_bool, Field(allow_inf_nan=False)]
Day = Annotated[date, iso_date]


class Section(BaseModel):
    """One table of the settings. Its `repr` shows no password and no token."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        for name, value in super().__repr_args__():
            yield name, _hidden(value)


def _hidden(value: object) -> object:
    if isinstance(value, str):
        return masked(value)
    return tuple(_hidden(item) for item in value) if isinstance(value, tuple) else value
