"""Keys: what is hidden from texts, which key a misspelt one stands for, what stands where."""

import pytest
from pydantic import SecretStr

from bots.settings import Settings
from bots.settings_keys import CHOSEN, bare, dotted, field_at, is_secret, leaves, masked, nearest, nearest_key, variable

HIDDEN = {
    "postgresql+asyncpg://bot:pw@host/db": "postgresql+asyncpg://bot:********@host/db",
    "http://bot:p@ss:w@host:80/v1": "http://bot:********@host:80/v1",
    "smb://:pw@host/share and s3://k:pw@b": "smb://:********@host/share and s3://k:********@b",
    "sk-or-v1-0123abcd": "********",
    "key xoxb-12-ab_c!": "key ********!",
    "123456789:AAabcdefghijklmnopqrstuvwxyz01234567": "********",
}


@pytest.mark.parametrize(("text", "hidden"), HIDDEN.items())
def test_passwords_and_tokens_are_put_out_of_sight(text: str, hidden: str) -> None:
    assert masked(text) == hidden


@pytest.mark.parametrize("text", ["https://host:8000/v1", "task-force", "12:30", "a@b.vn", "sqlite+aiosqlite:////v/x"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert masked(text) == text


def test_every_listed_key_stands_where_it_is_listed() -> None:
    listed = dict(leaves(Settings))
    assert len(listed) > 50
    found = {key: field_at(Settings, key) for key in listed}
    assert [key for key, field in found.items() if field is None] == []
    assert all(found[key] is field for key, field in listed.items() if key[-1] != CHOSEN)


@pytest.mark.parametrize("key", ["nothing", "search.x", "search.passages.x", "spaces.a.x", "spaces.a.label.x"])
def test_what_is_no_key_stands_nowhere(key: str) -> None:
    assert field_at(Settings, key.split(".")) is None


def test_a_secret_is_known_by_its_key() -> None:
    assert is_secret(Settings, ("slack", "bot_token"))
    assert not is_secret(Settings, ("slack", "mode"))
    assert not is_secret(Settings, ("slack", "bot_tokn"))


def test_marks_and_none_are_taken_off_an_annotation() -> None:
    token = field_at(Settings, ("telegram", "token"))
    threads = field_at(Settings, ("models", "n_threads"))
    assert token is not None
    assert threads is not None
    assert (bare(token.annotation), bare(threads.annotation)) == (SecretStr, int)


NEAR = {
    "openrouter.max_token": "openrouter.max_tokens",
    "slack.token": "slack.bot_token",
    "embeder": "models.embedder",
    "spaces.hr.may_leav": "spaces.hr.may_leave",
    "opnrouter": "openrouter",
    "zzz": None,
}


@pytest.mark.parametrize(("wrong", "meant"), NEAR.items())
def test_a_misspelt_key_is_understood(wrong: str, meant: str | None) -> None:
    assert nearest_key(Settings, tuple(wrong.split("."))) == meant


def test_nothing_near_is_nothing() -> None:
    assert nearest("staff", []) is None
    assert nearest("staff", ["board", "stuff"]) == "stuff"


def test_names_are_written_as_toml_and_the_environment_write_them() -> None:
    assert dotted(("spaces", "nhân-sự", "label")) == 'spaces."nhân-sự".label'
    assert variable(("routing", "strategy")) == "SOTAY_ROUTING__STRATEGY"
