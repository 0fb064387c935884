"""`sotay config check` and `show`: what they find, what they print, and that no secret passes through them."""

import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from bots.settings import Loaded, Settings, load
from bots.settings_keys import bare, leaves, variable
from bots.settings_reference import page
from bots.settings_report import Findings, check, show

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "sotay.toml"
SECRETS = [variable(key) for key, field in leaves(Settings) if bare(field.annotation) is SecretStr]


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "sotay.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def checked(folder: Path, text: str, mode: int = 0o600) -> Findings:
    return check(written(folder, text, mode), {})


def shown(loaded: Loaded) -> str:
    return show(loaded.settings, loaded.layers)


SLACK = '[slack]\nbot_token = "xoxb-1"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SLACK, ("slack.app_token is missing", "administrators")),
        (f'{SLACK}mode = "http"', ("slack.signing_secret is missing", "administrators")),
        (f'{SLACK}app_token = "xapp-1"', ("administrators",)),
        (f'{SLACK}app_token = "xapp-1"\n[groups]\nadministrators = ["slack:U1"]', ()),
        ('[groups]\nstaff = ["lan"]', ()),
    ],
)
def test_what_keeps_slack_from_working_is_doubted(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    said = checked(tmp_path, text).text("en")
    assert [word for word in ("slack.app_token is", "slack.signing_secret is", "administrators") if word in said] == [
        word.removesuffix(" missing") for word in words
    ]


def test_owners_are_shown_as_toml_reads_them(tmp_path: Path) -> None:
    text = '[spaces.a]\n[spaces.a.owners]\n"phep/*.pdf" = "slack:U1"\n'
    loaded = load(written(tmp_path, text), {})
    assert tomllib.loads(shown(loaded))["spaces"]["a"]["owners"] == {"phep/*.pdf": "slack:U1"}


def test_good_settings_are_called_good(tmp_path: Path) -> None:
    findings = checked(tmp_path, "[search]\npassages = 3")
    assert findings.good
    assert findings.text("en") == f"{tmp_path}/sotay.toml: the settings can be used."
    assert findings.text("vi") == f"{tmp_path}/sotay.toml: cấu hình dùng được."


def test_a_check_without_a_file_says_so() -> None:
    assert check(None, {}, ()).text("en").startswith("There is no settings file; the defaults can be used.")


def test_a_check_lists_problems_and_calls_nothing_good(tmp_path: Path) -> None:
    findings = checked(tmp_path, "[search]\npassages = 0\n[log]\nlevel = 1")
    assert not findings.good
    assert [line.split(": ")[0] for line in findings.text("en").splitlines()] == [
        f"{tmp_path}/sotay.toml:2",
        f"{tmp_path}/sotay.toml:4",
    ]


WARNINGS = {
    "a folder that is not there": (
        '[spaces.a]\nsources = ["s3://bucket", "here", "gone"]',
        "Warning: FILE:2: the space a has no folder FOLDER/gone. Make the folder or correct its path.",
    ),
    "an empty group": (
        "[groups]\nstaff = ['lan']\nhr = []",
        "Warning: FILE:3: the group hr has no members. Add people to it or take it out.",
    ),
    "OpenRouter without a key": (
        "[openrouter]\nenabled = true",
        (
            "Warning: FILE:2: OpenRouter is enabled without openrouter.api_key, so nothing can be sent. "
            "Set the key or disable it."
        ),
    ),
    "a strategy that needs OpenRouter": (
        "[routing]\nstrategy = 'api'",
        (
            "Warning: FILE:2: routing.strategy is api, but openrouter.enabled is false. "
            "Enable OpenRouter or choose local."
        ),
    ),
}


@pytest.mark.parametrize(("text", "warning"), WARNINGS.values(), ids=WARNINGS.keys())
def test_a_check_warns_of_what_will_not_work(tmp_path: Path, text: str, warning: str) -> None:
    (tmp_path / "here").mkdir()
    findings = checked(tmp_path, text)
    assert findings.good
    expected = warning.replace("FILE", f"{tmp_path}/sotay.toml").replace("FOLDER", str(tmp_path))
    assert [str(one) for one in findings.warnings] == [expected]
    assert findings.warnings[0].text("vi").startswith("Cảnh báo: ")


SECRET = "[openrouter]\napi_key = 'canary'"
PASSWORD = "[data]\ndatabase_url = 'postgresql+asyncpg://bot:canary@host/db'"


@pytest.mark.parametrize(
    ("text", "mode", "warned"),
    [
        (SECRET, 0o644, True),
        (PASSWORD, 0o604, True),
        (SECRET, 0o640, False),
        ("[search]\npassages = 3", 0o644, False),
        ("[data]\ndatabase_url = 'postgresql+asyncpg://bot@host/db'", 0o644, False),
    ],
)
def test_a_check_warns_of_a_file_that_shows_secrets_to_everybody(
    tmp_path: Path, text: str, mode: int, *, warned: bool
) -> None:
    findings = checked(tmp_path, text, mode)
    assert ("chmod o-r" in findings.text("en")) is warned
    assert "canary" not in findings.text("en")


def test_show_prints_what_is_in_force_and_where_it_was_set(tmp_path: Path) -> None:
    (tmp_path / "slack.bot_token").write_text("canary")
    config = written(tmp_path, '[routing]\nstrategy = "api"\n\n[spaces.noi-bo]\nlabel = "public"\nsources = ["a"]')
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "SOTAY_SEARCH__PASSAGES": "9", "SOTAY_GROUPS__STAFF": "lan,hoa"}
    lines = shown(load(config, environ)).splitlines()
    assert f'strategy = "api"  # {config}:2' in lines
    assert "[spaces.noi-bo]" in lines
    assert f'sources = ["{tmp_path}/a"]  # {config}:6' in lines
    assert "passages = 9  # environment SOTAY_SEARCH__PASSAGES" in lines
    assert 'staff = ["lan", "hoa"]  # environment SOTAY_GROUPS__STAFF' in lines
    assert f'bot_token = "********"  # credential {tmp_path}/slack.bot_token' in lines
    assert "# app_token is not set" in lines
    assert "candidates = 100" in lines


def test_what_show_prints_is_toml_that_loads_to_the_same_settings(tmp_path: Path) -> None:
    text = '[office]\nname = "Sổ \\"Tay\\" \\\\ \\n"\n[groups]\nnhân-sự = ["hoa"]\n[telegram]\nallowed = [-5, 6]\n'
    first = load(written(tmp_path, text.replace("nhân-sự", '"nhân-sự"')), {})
    printed = shown(first)
    assert tomllib.loads(printed)["office"]["name"] == 'Sổ "Tay" \\'
    assert load(written(tmp_path, printed), {}).settings == first.settings


def test_no_secret_is_in_any_text_about_the_settings() -> None:
    environ = {name: f"canary-{number}" for number, name in enumerate(SECRETS)}
    environ["SOTAY_DATA__DATABASE_URL"] = "postgresql+asyncpg://bot:canary@canary@host/db"
    environ["SOTAY_SPACES__A__SOURCES"] = "smb://bot:canary@host/share"
    loaded = load(None, environ, ())
    texts = [
        repr(loaded),
        str(loaded.settings),
        shown(loaded),
        loaded.settings.model_dump_json(include={"slack", "telegram", "models", "openrouter"}),
        check(None, environ, ()).text("en"),
        repr(check(None, environ, ())),
    ]
    assert len(SECRETS) == 7
    assert [text for text in texts if "canary" in text] == []
    assert shown(loaded).count('= "********"') == len(SECRETS)
    assert "bot:********@host/db" in shown(loaded)


def test_the_reference_page_is_the_one_made_from_the_settings() -> None:
    """To make it again: `python -m bots.settings_reference > docs/settings.md`."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == page()


def test_the_reference_page_names_and_describes_every_key() -> None:
    rows = [line.split(" | ") for line in page().splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows] == [f"| `{'.'.join(key)}`" for key, _ in leaves(Settings)]
    assert [row[3] for row in rows] == [f"`{variable(key)}`" for key, _ in leaves(Settings)]
    assert all(len(row) == 5 and len(row[4]) > len("None |") and row[4].endswith(". |") for row in rows)


def test_the_demo_settings_say_what_the_example_handbook_needs() -> None:
    settings = load(DEMO, {}).settings
    assert settings.groups == {"staff": ("lan", "hoa"), "hr": ("hoa",)}
    assert {name: (space.label.value, space.audience) for name, space in settings.spaces.items()} == {
        "chung": ("public", ("staff",)),
        "noi-bo": ("internal", ("staff",)),
        "nhan-su": ("confidential", ("hr",)),
    }
    assert [space.sources for space in settings.spaces.values()] == [
        (str(ROOT / "examples" / "handbook" / name),) for name in settings.spaces
    ]
    assert settings.console.person == "lan"
    assert settings.data.directory == ROOT / "var" / "demo"
    assert (settings.models.local, settings.models.n_ctx) == ("qwen2.5-coder-1.5b", 4096)
    assert settings.routing.strategy == "local"
