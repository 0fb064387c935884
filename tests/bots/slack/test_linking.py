"""One person on two platforms: `/sotay link`."""

import re

from core.clock import SteadyClock
from tests.bots.slack.office import Office

NOW = SteadyClock().now


async def typed(office: Office, text: str, user: str = "") -> str:
    """What Slack shows in reply."""
    outcome = await office.slack.hands.command(user or office.an, office.channel, "/sotay", text)
    assert outcome.acknowledged
    return str(outcome.payload["text"])


async def test_a_code_given_here_is_good_on_telegram(office: Office) -> None:
    said = await typed(office, "link")
    code = re.findall(r"link-(\w+)", said)[0]
    assert await office.memory.admission.link(code, "telegram:7", NOW()) == f"slack:{office.an}"
    assert await office.memory.admission.canonical("telegram:7") == f"slack:{office.an}"


async def test_a_code_from_telegram_is_good_here_once(office: Office) -> None:
    code = await office.memory.admission.link_code("telegram:7", NOW())
    assert "Đã liên kết" in await typed(office, f"liên kết {code}")
    assert await office.memory.admission.canonical("telegram:7") == f"slack:{office.an}"
    assert "sai" in await typed(office, f"link {code}", office.binh)
    assert await office.memory.admission.canonical("telegram:7") == f"slack:{office.an}"


async def test_other_words_are_not_meant(office: Office) -> None:
    assert "/sotay link" in await typed(office, "linking")
