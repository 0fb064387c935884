"""Whether a token is good, as Slack and Telegram say."""

import aiohttp

SECONDS = 5.0


async def slack_says(api_url: str, method: str, token: str) -> str:
    """What is wrong with the token, "" for nothing."""
    return await _said(f"{api_url.rstrip('/')}/{method}", {"Authorization": f"Bearer {token}"})


async def telegram_says(api_url: str, token: str) -> str:
    """The same for Telegram's."""
    return await _said(f"{api_url.rstrip('/')}/bot{token}/getMe", {})


async def _said(url: str, headers: dict[str, str]) -> str:
    """Never names the address, which may hold the token."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session,
            session.post(url, headers=headers) as answer,
        ):
            said = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return type(error).__name__
    if isinstance(said, dict) and said.get("ok"):
        return ""
    return (
        str(said.get("error") if "error" in said else said.get("description", "-")) if isinstance(said, dict) else "-"
    )
