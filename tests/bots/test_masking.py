"""What looks like a secret or an address is put out of sight, and what does not stays."""

import pytest
from pydantic import SecretStr

from bots.masking import Mask, secrets_in
from bots.settings import Settings
from bots.settings_keys import MASK
from bots.settings_models import OpenRouter
from bots.settings_sections import Data, Slack

HIDDEN = (
    "xoxb-1234-5678-abcdefgh", "xoxp-12-ab34", "xapp-1-A0B-12-cdef", "sk-or-v1-0123456789abcdef",
    "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "lan.nguyen@example.com.vn", "0912345678", "0912 345 678",
    "+84 912 345 678", "+84912345678", "028 3822 9999",
)  # fmt: skip
KEPT = (
    "1763000000.000100", "3f2b8c1d0912345678aabbccddeeff00", "C0912345678", "-1001234567890", "chat 987654321",
    "2026-11-26T23:23:07.175636Z", "12.5 s", "port 9464", "127.0.0.1:9464", "10 questions", "line 0", "k@", "sk-",
)  # fmt: skip


@pytest.mark.parametrize("text", HIDDEN)
def test_what_is_hidden(text: str) -> None:
    assert Mask()(f"before {text}, after") == f"before {MASK}, after"


@pytest.mark.parametrize("text", KEPT)
def test_what_is_kept(text: str) -> None:
    assert Mask()(f"before {text}, after") == f"before {text}, after"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef0123456789", "'Authorization': 'Bearer abcdef0123456789'",
        '{"authorization": "Basic abcdef0123456789"}', "bearer abcdef0123456789",
        "https://api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
        "postgresql+asyncpg://sotay:abcdef0123456789@db/sotay",
    ],
)  # fmt: skip
def test_headers_and_addresses_lose_their_secret(text: str) -> None:
    masked = Mask()(text)
    assert MASK in masked
    assert "abcdef" not in masked
    assert "AAHdq" not in masked


def test_secrets_of_the_settings_are_masked_by_their_value_the_longest_first() -> None:
    mask = Mask(["trăng", "trăng khuyết", "abc"])
    assert mask("abc trăng khuyết và trăng") == f"abc {MASK} và {MASK}"


def test_every_secret_of_the_settings_is_found() -> None:
    settings = Settings(
        slack=Slack(bot_token=SecretStr("slack-one"), signing_secret=SecretStr("slack-two")),
        openrouter=OpenRouter(api_key=SecretStr("router")),
        data=Data(database_url="postgresql+asyncpg://sotay:p%40ss@db/sotay"),
    )
    assert secrets_in(settings) == {"slack-one", "slack-two", "router", "p%40ss", "p@ss"}
