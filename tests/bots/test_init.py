"""`sotay init` over a pipe, against servers that say whether a token is good."""

from pathlib import Path

import pytest
import yaml

from bots.settings import load_settings
from bots.slack import manifest
from bots.wizard.interview import LARGE, SMALL
from models.catalog import CATALOG
from tests.bots.office import Finished, Office
from tests.slack_server import SlackServer
from tests.telegram_server import TelegramServer

KEY = "sk-or-v1-secret"


async def init(folder: Path, *arguments: str, typed: str = "") -> Finished:
    return await Office(folder).sotay("init", "--to", str(folder / "office"), *arguments, typed=typed)


async def test_answers_over_a_pipe_become_settings_and_secrets_apart(tmp_path: Path) -> None:
    async with SlackServer(yaml.safe_load(manifest.text())) as slack, TelegramServer() as telegram:
        typed = ["en", "", "tai lieu", "noi-bo", "secret", "internal", "nhan-vien", "", "xoxb-wrong", slack.bot_token,
                 slack.app_token, telegram.token, "slack:U1, telegram:7", KEY, "12.5", ""]  # fmt: skip
        urls = ("--slack-url", slack.api_url, "--telegram-url", telegram.base_url.removesuffix("/bot"))
        done = await init(tmp_path, *urls, typed="\n".join([*typed, ""]))
        secrets = {slack.bot_token, slack.app_token, telegram.token, KEY}

    folder = tmp_path / "office"
    assert done.status == 0, done.notes
    assert "invalid_auth" in done.notes
    files = {path.name: path for path in (folder / "credentials").iterdir()}
    assert {path.read_text(encoding="utf-8").strip() for path in files.values()} == secrets
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    written = (folder / "sotay.toml").read_text(encoding="utf-8")
    assert not any(secret in written + done.out + done.notes for secret in secrets)
    settings = load_settings(folder / "sotay.toml", {"CREDENTIALS_DIRECTORY": str(folder / "credentials")})
    assert settings.slack.bot_token is not None
    assert settings.spaces["noi-bo"].sources == (str(folder / "tai lieu"),)
    assert (settings.spaces["noi-bo"].audience, settings.slack.members_group) == (("nhan-vien",), "nhan-vien")
    assert settings.groups["administrators"] == ("slack:U1", "telegram:7")
    assert (settings.openrouter.enabled, settings.budget.usd_per_month) == (True, 12.5)
    assert "doctor" in done.out


async def test_the_end_of_the_input_takes_the_defaults(tmp_path: Path) -> None:
    done = await init(tmp_path)

    settings = load_settings(tmp_path / "office" / "sotay.toml", {})
    assert done.status == 0, done.notes
    assert (list(settings.spaces), settings.openrouter.enabled) == (["chung"], False)
    assert settings.models.local in CATALOG
    assert list((tmp_path / "office" / "credentials").iterdir()) == []


@pytest.mark.parametrize("name", [LARGE, SMALL])
def test_the_models_that_are_recommended_are_known(name: str) -> None:
    assert CATALOG[name].anatomy is not None


async def test_nothing_is_replaced_unless_forced_and_the_old_file_stays(tmp_path: Path) -> None:
    config = tmp_path / "office" / "sotay.toml"
    config.parent.mkdir()
    config.write_text("# mine\n", encoding="utf-8")

    refused = await init(tmp_path)
    forced = await init(tmp_path, "--force")

    assert (refused.status, forced.status) == (1, 0)
    assert "--force" in refused.notes
    assert config.with_name("sotay.toml.bak").read_text(encoding="utf-8") == "# mine\n"
    assert "[spaces.chung]" in config.read_text(encoding="utf-8")


async def test_answers_may_come_from_a_file(tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text(
        'language = "en"\nspace = "quy-che"\nlabel = "public"\naudience = "nhân-viên"\nbudget = 3\n', encoding="utf-8"
    )

    done = await init(tmp_path, "--answers", str(answers))

    settings = load_settings(tmp_path / "office" / "sotay.toml", {})
    assert done.status == 0, done.notes
    assert (list(settings.spaces), settings.office.language) == (["quy-che"], "en")
    assert settings.groups["nhân-viên"] == ("console",)
