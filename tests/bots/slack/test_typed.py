"""What people typed, out of what Slack delivers."""

import pytest

from bots.slack.typed import addressed_first, mentions, plain


@pytest.mark.parametrize(
    ("delivered", "read"),
    [
        ("<@U0BOT> nghỉ phép?", "nghỉ phép?"),
        ("nghỉ <@U0BOT> phép?", "nghỉ phép?"),
        ("<@U0BOT|sotay>  nghỉ \n phép", "nghỉ \n phép"),
        ("hỏi <@U2|lan> hay <@U3>?", "hỏi @lan hay @U3?"),
        ("ở <#C1|chung> hay <#C2>", "ở #chung hay #C2"),
        ("<!here> <!subteam^S1|@kythuat> <!channel>", "@here @kythuat @channel"),
        ("xem <https://a.vn/x?y=1&amp;z=2|biểu mẫu>", "xem biểu mẫu (https://a.vn/x?y=1&z=2)"),
        ("xem <https://a.vn>", "xem https://a.vn"),
        ("gửi <mailto:lan@a.vn|lan@a.vn>", "gửi lan@a.vn"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&lt;@U0BOT&gt; thật", "<@U0BOT> thật"),
        ("", ""),
    ],
)
def test_marks_become_what_their_author_sees(delivered: str, read: str) -> None:
    assert plain(delivered, "U0BOT") == read


def test_mentions_are_those_that_slack_made() -> None:
    assert mentions("<@U1> và <@U2|lan>, không phải &lt;@U3&gt; hay @U4") == ["U1", "U2"]


@pytest.mark.parametrize(
    ("text", "whom"), [("  <@U1> ơi", "U1"), ("<!here|here> nè", "!here"), ("ơi <@U1>", None), ("", None)]
)
def test_whom_a_message_opens_by_addressing(text: str, whom: str | None) -> None:
    assert addressed_first(text) == whom
