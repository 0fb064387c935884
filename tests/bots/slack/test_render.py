"""An answer as it stands in Slack: always within the limits, all of it there, with what belongs below it."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings

from bots.slack import controls
from bots.slack.escaping import markdown_safe, parser
from bots.slack.render import Renderer, notification, plain_blocks, preview
from core.conversation import Answer, Language, Outcome, Route
from core.surfaces import Part
from core.texts import translate
from tests.bots.slack.hostile import TEXTS, answer, answers, citation
from tests.bots.slack.limits import Json, check_calls_nobody, check_markdown, check_message, check_text, elements_of

WIKI = "https://noi-bo.vn/tai-lieu?ten=a b|c&d"
ADDRESS_AS_CODE = "https://evil.example/?q=1https&#58;//evil.example"
RENDERER = Renderer(lambda _answer, cited: f"{WIKI}{cited.n}" if cited.n % 2 else None)


def messages(given: Answer) -> list[tuple[Part, list[Json]]]:
    parts = RENDERER.parts(given)
    return [(part, RENDERER.blocks(given, number, part)) for number, part in enumerate(parts)]


def letters(text: str) -> list[str]:
    return [sign for sign in text if sign.isalnum()]


def holds(said: str, text: str) -> bool:
    shown = iter(letters(said))
    return all(letter in shown for letter in letters(text))


def seen(text: str) -> str:
    """What people read where the Markdown is shown."""
    return "\n".join(
        "".join(child.content for child in token.children) if token.children else f"{token.info}\n{token.content}"
        for token in parser().parse(text)
    )


def texts_of(blocks: list[Json], kind: str) -> str:
    return "\n".join(block["text"]["text"] for block in blocks if block["type"] == kind)


def types(blocks: list[Json]) -> list[str]:
    return [block["type"] for block in blocks]


@settings(max_examples=30, deadline=None)
@given(answers())
@example(answer(ADDRESS_AS_CODE * 73, (citation(1, ""),)))
def test_every_message_is_within_slacks_limits_and_nothing_of_the_answer_is_lost(given_answer: Answer) -> None:
    shown = messages(given_answer)
    for part, blocks in shown:
        check_message(blocks)
        check_markdown(part.text)
        assert 1 <= len(part.plain) <= 3_900
        assert len(part.text) <= 11_000
        check_message(plain_blocks(part.plain))
        check_text(notification(part.plain), 3_000)
    safe = markdown_safe(given_answer.text)
    assert holds("\n".join(part.text for part, _ in shown), safe)
    assert holds("\n".join(part.plain for part, _ in shown), safe)
    assert holds("\n".join(seen(part.text) for part, _ in shown), seen(safe))
    assert RENDERER.tail_blocks(given_answer) == shown[-1][1][1:]
    assert [part for part, _ in shown] == RENDERER.parts(given_answer)


@settings(deadline=None)
@given(TEXTS)
@example("**đậm**hr@vidu.vnhttps://evil.example")
def test_previews_failures_and_notifications_take_any_text(text: str) -> None:
    check_message(RENDERER.waiting(text))
    check_message(RENDERER.failure(text))
    check_text(notification(text), 3_000)
    assert holds(preview(text), markdown_safe(text))


def test_a_usual_answer_looks_as_people_know_it() -> None:
    given_answer = answer("**12 ngày** [1].", (replace(citation(1), page=3, heading="Điều 5"),))
    [(part, blocks)] = messages(given_answer)
    assert types(blocks) == ["markdown", "section", "context", "context_actions"]
    assert blocks[0]["text"] == "**12 ngày** [1]."
    assert blocks[1]["text"]["text"] == (
        "*Nguồn*\n"
        "*[1]* <https://noi-bo.vn/tai-lieu?ten=a%20b%7Cc&amp;d1|Nghỉ phép năm là 12 ngày.> · trang 3 · Điều 5\n"
        "> Nghỉ phép năm là 12 ngày."
    )
    assert blocks[2]["elements"][0]["text"] == "Trả lời tại chỗ · 2,3 giây"
    assert part.plain == (
        "12 ngày [1].\n\nNguồn\n[1] Nghỉ phép năm là 12 ngày. · trang 3 · Điều 5: “Nghỉ phép năm là 12 ngày.”"
        "\n\nTrả lời tại chỗ · 2,3 giây"
    )


def test_what_stands_below_stands_below_the_last_part_only() -> None:
    given_answer = answer("Một câu khá dài về nghỉ phép. " * 400, (citation(1),))
    shown = messages(given_answer)
    assert len(shown) > 2
    assert all(types(blocks) == ["markdown"] for _, blocks in shown[:-1])
    assert len(shown[-1][1]) == 4
    assert [RENDERER.tail_blocks(given_answer, number) for number in range(len(shown) - 1)] == [[]] * (len(shown) - 1)
    assert RENDERER.tail_blocks(given_answer, len(shown) - 1) == shown[-1][1][1:]
    assert "Nguồn" in shown[-1][0].plain
    assert not any("Nguồn" in part.plain for part, _ in shown[:-1])


def test_code_and_table_are_never_left_open_between_two_parts() -> None:
    code = "```py\n" + "x = 1\n" * 2_000 + "```"
    for part, _ in messages(answer(code)):
        assert part.text.startswith("```py\n")
        assert part.text.endswith("\n```")
    rows = "".join(f"| {number} | a |\n" for number in range(2_000))
    for part, _ in messages(answer(f"| Mục | Số |\n|---|---|\n{rows}")):
        assert part.text.startswith("| Mục | Số |\n|---|---|\n| ")


def test_code_longer_than_a_message_reads_in_several_as_it_was_written() -> None:
    parts = [part for part, _ in messages(answer(ADDRESS_AS_CODE * 300, outcome=Outcome.DENIED))]
    assert len(parts) > 3
    assert all(re.fullmatch("`[^`]+`", part.text) for part in parts)
    assert "".join(part.text.strip("`") for part in parts) == ADDRESS_AS_CODE * 300
    assert [part.plain for part in parts] == [part.text for part in parts]


def test_a_first_line_that_is_code_for_being_indented_stays_code() -> None:
    [(part, _)] = messages(answer("\n \n    a &lt; b\n\n12 ngày \n"))
    assert part.text == "    a &lt; b\n\n12 ngày"
    [(part, _)] = messages(answer("\n  12 ngày"))
    assert part.text == "12 ngày"


def test_small_talk_is_not_voted_on() -> None:
    [(_, blocks)] = messages(replace(answer("Chào bạn."), route=Route.NONE))
    assert types(blocks) == ["markdown"]


@pytest.mark.parametrize("outcome", Outcome)
def test_only_what_answers_is_voted_on(outcome: Outcome) -> None:
    [(_, blocks)] = messages(answer("Có.", outcome=outcome))
    is_answer = outcome in {Outcome.ANSWERED, Outcome.NOT_FOUND}
    assert ("context_actions" in types(blocks)) is is_answer
    assert ("context" in types(blocks)) is is_answer
    assert ("actions" in types(blocks)) is (outcome is Outcome.NOT_FOUND)


def test_the_votes_carry_the_answers_id() -> None:
    [(_, blocks)] = messages(answer("Có."))
    [feedback] = list(elements_of(blocks[-1:]))
    assert feedback["action_id"] == controls.VOTE
    assert controls.read_vote(feedback["positive_button"]["value"]) == ("a" * 32, 1)
    assert controls.read_vote(feedback["negative_button"]["value"]) == ("a" * 32, -1)


@pytest.mark.parametrize("value", ["", "up:", "up", "sideways:a", ":a", "a"])
def test_a_vote_that_is_none_of_ours_is_no_vote(value: str) -> None:
    with pytest.raises(ValueError, match="no vote"):
        controls.read_vote(value)


def test_a_person_is_asked_only_where_something_was_asked() -> None:
    unanswered = answer("Sổ tay không nói.", outcome=Outcome.NOT_FOUND)
    [(_, blocks)] = messages(unanswered)
    [ask] = blocks[-1]["elements"]
    assert (ask["action_id"], ask["value"]) == (controls.ASK_OWNER, unanswered.id)
    [(_, without)] = messages(replace(unanswered, query=" "))
    assert "actions" not in types(without)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("route", Route)
def test_the_footer_says_who_answered_in_the_answers_language(language: Language, route: Route) -> None:
    outcome = Outcome.NOT_FOUND if route is Route.NONE else Outcome.ANSWERED
    [(part, blocks)] = messages(replace(answer("Có.", outcome=outcome), language=language, route=route))
    footer = next(block for block in blocks if block["type"] == "context")["elements"][0]["text"]
    seconds = "2,3" if language is Language.VIETNAMESE else "2.3"
    assert footer.startswith(translate(language, f"footer.{route}"))
    assert seconds in footer
    assert part.plain.endswith(footer)


def test_an_answer_without_times_has_no_seconds() -> None:
    [(part, _)] = messages(replace(answer("Có."), timings={}))
    assert part.plain == "Có.\n\nTrả lời tại chỗ"


def test_sources_lose_their_quotes_first_and_are_counted_last() -> None:
    few, many, crowd = (answer("Có.", tuple(citation(n, "chữ " * 70) for n in range(1, top))) for top in (4, 41, 201))
    [(_, small)] = messages(few)
    [(_, middle)] = messages(many)
    [(_, large)] = messages(crowd)
    assert texts_of(small, "section").count("\n> ") == 3
    assert "*[40]*" in texts_of(middle, "section")
    assert "nguồn nữa" not in texts_of(middle, "section")
    shown = re.findall(r"\*\[(\d+)\]\*", texts_of(large, "section"))
    assert shown == [str(n) for n in range(1, len(shown) + 1)]
    assert f"… và {200 - len(shown)} nguồn nữa" in texts_of(large, "section")


def test_sources_below_a_short_answer_are_not_cut_short_in_plain_text_either() -> None:
    [(part, _)] = messages(answer("Có.", tuple(citation(n) for n in range(1, 11))))
    assert part.plain.count("“Nghỉ phép năm là 12 ngày.”") == 10


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "slack://x", "ftp://a", "", "https://a.vn/" + "x" * 2_000, None]
)
def test_a_source_links_to_web_addresses_only(link: str | None) -> None:
    given_answer = answer("Có.", (citation(1),))
    renderer = Renderer(lambda _answer, _cited: link)
    [part] = renderer.parts(given_answer)
    assert "<" not in texts_of(renderer.blocks(given_answer, 0, part), "section")


def test_a_title_cannot_break_out_of_its_link() -> None:
    hostile = citation(1, "a|b> <!channel> <https://evil.example|x>")
    [(_, blocks)] = messages(answer("Có.", (hostile,)))
    text = texts_of(blocks, "section")
    assert re.findall(r"<[^>]*>", text) == [
        "<https://noi-bo.vn/tai-lieu?ten=a%20b%7Cc&amp;d1|a¦b&gt; channel &lt;https://evil.example¦x&gt;>"
    ]


def test_an_answer_without_a_word_still_makes_a_message() -> None:
    [(part, blocks)] = messages(answer("\u200b \n"))
    assert part.text == "…"
    check_message(blocks)


def test_plain_text_keeps_the_words_and_drops_what_shouts() -> None:
    text = "# Nghỉ phép\n\n**12 ngày**, `**kwargs**`\n\n```\n# mã\n**x**\n```"
    [part] = RENDERER.parts(replace(answer(text), outcome=Outcome.DENIED))
    assert part.plain == "Nghỉ phép\n\n12 ngày, `**kwargs**`\n\n```\n# mã\n**x**\n```"


def test_a_notification_is_short_escaped_and_calls_nobody() -> None:
    text = notification(answer("**Có** & <!channel> " * 1_000))
    assert text.startswith("Có &amp; channel Có")
    assert len(text) <= 3_000
    check_calls_nobody(text)


def test_refused_markup_is_shown_sign_for_sign() -> None:
    text = "a < b & c\n" * 380
    blocks = plain_blocks(text)
    assert set(types(blocks)) == {"section"}
    assert len(blocks) > 1
    assert letters(html.unescape(texts_of(blocks, "section"))) == letters(text)
    assert texts_of(blocks, "section").count("&lt;") == 380
