"""Loading settings: which source wins, how keys are reached, what paths mean."""

import contextlib
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from bots.settings import Settings, environment, find_config, load, load_settings
from bots.settings_keys import CHOSEN, Key, bare, is_mapping, leaves, origin, variable
from bots.settings_problems import Rejected, choices
from bots.settings_upkeep import ScheduleSettings
from core.documents import Label, Space

NOWHERE = ()
GROUPS = {"SOTAY_GROUPS": '{"hr": ["hoa"], "staff": ["lan"]}'}


def written(folder: Path, text: str) -> Path:
    path = folder / "sotay.toml"
    path.write_text(text, encoding="utf-8")
    return path


def lent(folder: Path, **files: str) -> dict[str, str]:
    """An environment with a folder of systemd credentials; `__` in a name stands for a dot."""
    directory = folder / "lent"
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / (name if name.isupper() else name.replace("__", "."))).write_text(text, encoding="utf-8")
    return {"CREDENTIALS_DIRECTORY": str(directory)}


def value_at(settings: Settings, key: Key) -> object:
    value: Any = settings
    for name in key:
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return value.get_secret_value() if isinstance(value, SecretStr) else value


NAMES: dict[Key, str] = {("telegram", "groups", CHOSEN): "1001"}
"""Where not every name will do, one that does."""
PARTICULAR: dict[str, tuple[str, object]] = {
    "audience": ("hr", ("hr",)),
    "members_group": ("hr", "hr"),
    "1001": ("hr", "hr"),
    "link": ("https://h/{path}", "https://h/{path}"),
    "name": ("phép-thử", "phép-thử"),
    "since": ("2027-01-04", date(2027, 1, 4)),
    "until": ("2027-01-04", date(2027, 1, 4)),
    **dict.fromkeys(ScheduleSettings.model_fields.keys() - {"watch"}, ("0 5 * * mon", "0 5 * * mon")),
}
"""Keys that do not take any text."""
BESIDE: dict[Key, dict[str, str]] = {
    ("experiment", "enabled"): {
        "SOTAY_EXPERIMENT__NAME": "a-b",
        "SOTAY_EXPERIMENT__LOCAL": "50",
        "SOTAY_EXPERIMENT__HYBRID": "50",
        "SOTAY_EXPERIMENT__SINCE": "2027-01-04",
        "SOTAY_EXPERIMENT__UNTIL": "2027-01-10",
    }
}
"""What a key needs beside it."""


def other_value(key: Key, field: FieldInfo) -> tuple[str, object]:
    """A good text for a key that differs from its default, and the value that it must become."""
    if key[-1] in PARTICULAR:
        return PARTICULAR[key[-1]]
    annotation = bare(field.annotation)
    if is_mapping(annotation):
        annotation = bare(get_args(annotation)[1])
    if origin(annotation) is tuple:
        return ("7,8", (7, 8)) if bare(get_args(annotation)[0]) is int else ("/seven,/eight", ("/seven", "/eight"))
    if choices(annotation):
        other = next((choice for choice in reversed(choices(annotation)) if choice != field.default), field.default)
        return other, other
    if annotation is bool:
        return ("false", False) if field.default else ("true", True)
    if annotation in {int, float}:
        return ("600", 600) if any(getattr(mark, "ge", 0) >= 2 for mark in field.metadata) else ("1", 1)
    texts = {
        SecretStr: "canary",
        Path: "/elsewhere",
    }
    text = texts.get(annotation, _text(field))
    return text, Path(text) if annotation is Path else text


def _text(field: FieldInfo) -> str:
    default = str(field.default)
    if "sqlite" in default:
        return "postgresql+asyncpg://h/d"
    if "Asia" in default:
        return "Europe/Paris"
    return "http://127.0.0.1:1/x"


LEAVES = [
    pytest.param(tuple(NAMES.get(key, "staff") if name == CHOSEN else name for name in key), field, id=".".join(key))
    for key, field in leaves(Settings)
]


@pytest.mark.parametrize(("key", "field"), LEAVES)
def test_every_key_is_reached_by_its_environment_name(key: Key, field: FieldInfo) -> None:
    text, value = other_value(key, field)
    environ = GROUPS | BESIDE.get(key, {}) | {variable(key): text}
    assert value_at(load(None, environ, NOWHERE).settings, key) == value


@pytest.mark.parametrize(("key", "field"), LEAVES)
def test_every_key_is_reached_by_its_credential_name(tmp_path: Path, key: Key, field: FieldInfo) -> None:
    text, value = other_value(key, field)
    environ = (GROUPS if key[-1] == "audience" else {}) | BESIDE.get(key, {})
    environ |= lent(tmp_path, **{"__".join(key): text + "\n"})
    assert value_at(load(None, environ, NOWHERE).settings, key) == value


def test_every_default_is_good_and_in_force_without_any_source(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        settings = load_settings(None, {})
    assert settings.office.name == "Sổ Tay"
    assert settings.groups == {"staff": ("console",)}
    assert settings.spaces == {}
    assert settings.openrouter.api_key is None
    assert settings.models.n_threads is None
    assert settings.data.database_url == f"sqlite+aiosqlite:///{tmp_path}/var/sotay.sqlite"
    again: dict[str, object] = {
        name: {} for name, field in Settings.model_fields.items() if not is_mapping(field.annotation)
    }
    assert Settings.model_validate(again) == Settings()


def test_each_source_overrules_the_ones_before_it(tmp_path: Path) -> None:
    config = written(tmp_path, "[search]\npassages = 2\n[models]\nn_ctx = 2048\n[openrouter]\napi_key = 'file'")
    environ = lent(tmp_path, openrouter__api_key="credential", models__n_ctx="4096")
    assert load_settings(config, {}).search.candidates == 100
    assert load_settings(config, {}).models.n_ctx == 2048
    assert load_settings(config, environ).models.n_ctx == 4096
    settings = load_settings(config, {**environ, "SOTAY_MODELS__N_CTX": "8000"})
    assert (settings.search.passages, settings.models.n_ctx) == (2, 8000)
    assert settings.openrouter.api_key == SecretStr("credential")


def test_an_environment_name_serves_as_a_credential_name_too(tmp_path: Path) -> None:
    environ = lent(tmp_path, SOTAY_SLACK__BOT_TOKEN="from a file\n")
    assert load_settings(None, environ).slack.bot_token == SecretStr("from a file")


def test_a_credential_of_a_folder_that_is_lent_as_a_whole_has_its_key_behind_our_name(tmp_path: Path) -> None:
    environ = lent(tmp_path)
    (tmp_path / "lent" / "SOTAY_slack.bot_token").write_text("lent\n", encoding="utf-8")
    assert load_settings(None, environ).slack.bot_token == SecretStr("lent")
    (tmp_path / "lent" / "SOTAY_slack.bot_tokem").write_text("x", encoding="utf-8")
    with pytest.raises(Rejected, match=r"slack\.bot_token"):
        load_settings(None, environ)


def test_without_systemd_credentials_are_looked_for_beside_the_settings_file(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    assert load_settings(path, {}).slack.bot_token is None
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "slack.bot_token").write_text("beside", encoding="utf-8")
    assert load_settings(path, {}).slack.bot_token == SecretStr("beside")
    assert load_settings(path, lent(tmp_path, slack__bot_token="lent")).slack.bot_token == SecretStr("lent")


def test_credentials_of_other_services_are_left_alone(tmp_path: Path) -> None:
    assert load(None, lent(tmp_path, tls__key="x", anything="y"), NOWHERE).settings == load(None, {}, NOWHERE).settings


def test_an_empty_variable_or_credential_counts_as_not_set(tmp_path: Path) -> None:
    environ = {**lent(tmp_path, openrouter__api_key="\n"), "SOTAY_SEARCH__PASSAGES": ""}
    settings = load(None, environ, NOWHERE).settings
    assert (settings.search.passages, settings.openrouter.api_key) == (5, None)


def test_tables_of_file_and_environment_are_merged_key_by_key(tmp_path: Path) -> None:
    config = written(tmp_path, '[groups]\nstaff = ["lan"]\n[spaces.noi-bo]\nlabel = "confidential"\nsources = ["a"]')
    environ = {"SOTAY_GROUPS__HR": "hoa", "SOTAY_SPACES__NOI_BO__AUDIENCE": '["hr"]'}
    settings = load_settings(config, environ)
    assert settings.groups == {"staff": ("lan",), "hr": ("hoa",)}
    assert settings.spaces["noi-bo"].label is Label.CONFIDENTIAL
    assert settings.spaces["noi-bo"].audience == ("hr",)
    assert list(settings.spaces) == ["noi-bo"]


def test_a_whole_table_may_come_as_json_from_the_environment() -> None:
    environ = {"SOTAY_SPACES": '{"a": {"sources": ["x"], "label": "public"}}', "SOTAY_SPACES__A__MAY_LEAVE": "true"}
    space = load(None, environ, NOWHERE).settings.spaces["a"]
    assert (space.label, space.may_leave) == (Label.PUBLIC, True)


@pytest.mark.parametrize(
    "text",
    [
        '[spaces.a]\nsources = ["x"]\nlabel = "public"',
        'spaces.a.sources = ["x"]\nspaces.a.label = "public"',
        'spaces = { a = { sources = ["x"], label = "public" } }',
        '[spaces]\n"a" = { sources = ["x"], label = "public" }',
    ],
    ids=["table", "dotted", "inline", "quoted"],
)
def test_spaces_may_be_written_in_every_way_of_toml(tmp_path: Path, text: str) -> None:
    space = load_settings(written(tmp_path, text), {}).spaces["a"]
    assert space.space("a") == Space("a", Label.PUBLIC, frozenset({"staff"}), may_leave=False)
    assert space.sources == (str(tmp_path / "x"),)


def test_relative_paths_start_where_the_settings_file_lies(tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    text = (
        '[data]\ndirectory = "../var"\n[models]\nlocal = "m/x.gguf"\n'
        '[spaces.a]\nsources = ["docs", "/srv/docs", "s3://bucket/docs"]'
    )
    settings = load_settings(written(folder, text), {})
    assert settings.data.directory == tmp_path / "var"
    assert settings.data.database_url == f"sqlite+aiosqlite:///{tmp_path}/var/sotay.sqlite"
    assert settings.models.directory == tmp_path / "var" / "models"
    assert settings.models.local == str(folder / "m" / "x.gguf")
    assert settings.spaces["a"].sources == (str(folder / "docs"), "/srv/docs", "s3://bucket/docs")


def test_home_is_understood_in_paths(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, '[data]\ndirectory = "~/handbook"'), {})
    assert settings.data.directory == (Path.home() / "handbook").resolve()


def test_the_file_named_on_the_command_line_goes_before_the_one_of_the_environment(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in "abc")
    third.touch()
    environ = {"SOTAY_CONFIG": str(second)}
    assert find_config(first, environ, [third]) == first
    assert find_config(None, environ, [third]) == second
    assert find_config(None, {"SOTAY_CONFIG": ""}, [tmp_path / "none", third]) == third
    assert find_config(None, {}, [tmp_path / "none"]) is None


def test_a_settings_file_in_the_working_folder_is_found(tmp_path: Path) -> None:
    written(tmp_path, "[search]\npassages = 3")
    with contextlib.chdir(tmp_path):
        assert load_settings(None, {}).search.passages == 3


def test_a_place_that_may_not_be_looked_at_is_reported_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="cannot be read"):
        load(None, {}, [tmp_path / ("x" * 300)])


def test_a_file_of_windows_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    config = tmp_path / "sotay.toml"
    config.write_bytes(b"\xef\xbb\xbf[search]\r\npassages = 3\r\n")
    assert load_settings(config, {}).search.passages == 3


def test_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.search.passages = 9
    with pytest.raises(ValidationError):
        settings.search = settings.search


def test_the_environment_of_the_process_is_handed_out() -> None:
    assert environment()["PATH"]
