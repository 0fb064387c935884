"""An answer as it stands on Telegram: always within the limits, all of it there, with what belongs below it."""

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import example, given, settings

from bots.telegram.controls import Action, read
from bots.telegram.escaping import JOINER, seen, web_address
from bots.telegram.markup import blocks
from bots.telegram.render import Renderer, failure, preview
from bots.telegram.runs import html, joined
from core.conversation import Answer, Citation, Language, Outcome, Route
from core.surfaces import Part
from core.texts import translate
from tests.bots.slack.hostile import answer, citation
from tests.bots.telegram import limits
from tests.bots.telegram.texts import LONG_TEXTS, TEXTS, answers, letters

WIKI = "https://noi-bo.vn/tai-lieu?ten=a b&d"


def link_of(_answer: Answer, cited: Citation) -> str | None:
    return f"{WIKI}{cited.n}" if cited.n % 2 else None


RENDERER = Renderer(link_of)
LINKS = frozenset(web_address(f"{WIKI}{n}") for n in range(1, 201))


def told(part: Part) -> str:
    return part.plain.replace(JOINER, "")


@settings(max_examples=40, deadline=None)
@given(answers())
@example(answer("~~~~&lt;!channel&gt;(+84) 912-345-678" * 100))
def test_every_message_is_within_telegrams_limits_and_nothing_of_the_answer_is_lost(given_answer: Answer) -> None:
    parts = RENDERER.parts(given_answer)
    messages = [limits.check_html(part.text, LINKS) for part in parts]
    for part in parts:
        limits.check_plain(part.plain, LINKS)
    source = joined(blocks(given_answer.text, {link: link for link in LINKS}))
    if source:
        whole = Counter(letters(limits.parsed(html(source)).text))
        assert not whole - Counter(letters("".join(message.text for message in messages)))
        assert not whole - Counter(letters("".join(part.plain for part in parts)))
    assert not any("expandable" in message.values("blockquote") for message in messages[:-1])
    assert messages[-1].values("blockquote").count("expandable") == bool(given_answer.citations)
    assert RENDERER.parts(given_answer) == parts


@settings(max_examples=40, deadline=None)
@given(TEXTS | LONG_TEXTS)
def test_previews_and_failures_take_any_text(text: str) -> None:
    limits.check_plain(preview(text))
    part = failure(text)
    limits.check_html(part.text)
    limits.check_plain(part.plain)


def test_a_usual_answer_looks_as_people_know_it() -> None:
    cited = replace(citation(1), page=3, heading="Điều 5")
    [part] = RENDERER.parts(answer("**12 ngày** [1].\n\n- a", (cited, citation(2))))
    assert part.text == (
        "<b>12 ngày</b> [1].\n• a\n\n"
        "<blockquote expandable><b>Nguồn</b>\n"
        '[1] <a href="https://noi-bo.vn/tai-lieu?ten=a%20b&amp;d1">Nghỉ phép năm là 12 ngày.</a> · trang 3 · Điều 5\n'
        "“Nghỉ phép năm là 12 ngày.”\n"
        "[2] Nghỉ phép năm là 12 ngày. · trang 2 · Nghỉ phép năm là 12 ngày.\n"
        "“Nghỉ phép năm là 12 ngày.”</blockquote>\n\n"
        "<i>Trả lời tại chỗ · 2,3 giây</i>"
    )
    assert part.plain == limits.parsed(part.text).text


def test_what_stands_below_stands_below_the_last_part_only() -> None:
    parts = RENDERER.parts(answer("Một câu khá dài về nghỉ phép. " * 400, (citation(1),)))
    assert len(parts) > 2
    assert [("Nguồn" in part.text, "Trả lời tại chỗ" in part.plain) for part in parts] == [
        *[(False, False)] * (len(parts) - 1),
        (True, True),
    ]


def test_an_answer_that_fills_its_last_message_leaves_room_for_its_sources() -> None:
    cited = tuple(replace(citation(n), quote="chữ " * 70) for n in range(1, 11))
    for length in range(3_000, 4_000, 50):
        parts = RENDERER.parts(answer("x" * length, cited))
        assert len(parts) <= 2
        assert "[10]" in parts[-1].text
        assert letters("".join(limits.parsed(part.text).text for part in parts)).count("x") == length


def test_code_and_tables_are_never_left_open_between_two_parts() -> None:
    parts = RENDERER.parts(answer("```py\n" + "x = 1\n" * 2_000 + "```"))
    assert len(parts) > 3
    assert all(part.text.startswith('<pre><code class="language-py">x = 1\n') for part in parts)
    rows = "".join(f"| {number} | a |\n" for number in range(2_000))
    parts = RENDERER.parts(answer(f"| Mục | Số |\n|---|---|\n{rows}"))
    assert all(part.text.startswith("<pre>Mục") for part in parts)


def test_the_text_may_link_to_cited_documents_and_to_nothing_else() -> None:
    link = f"{WIKI}1".replace(" ", "%20")
    [part] = RENDERER.parts(answer(f"[Quy chế]({link}) [x](https://evil.example)", (citation(1),)))
    assert set(limits.parsed(part.text).values("a")) == {link}
    assert f"Quy chế ({link}) x (https://evil.example)" in told(part)
    [part] = RENDERER.parts(answer(f"[Quy chế]({link})"))
    assert limits.parsed(part.text).values("a") == []


def test_an_unsure_answer_says_so_in_both_forms() -> None:
    warning = translate("vi", "answer.unsure")
    [part] = RENDERER.parts(answer(f"Có.\n\n{warning}"))
    assert warning in part.text
    assert warning in part.plain


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("route", Route)
def test_the_footer_says_who_answered_in_the_answers_language(language: Language, route: Route) -> None:
    outcome = Outcome.NOT_FOUND if route is Route.NONE else Outcome.ANSWERED
    [part] = RENDERER.parts(replace(answer("Có.", outcome=outcome), language=language, route=route))
    seconds = "2,3 giây" if language is Language.VIETNAMESE else "2.3 s"
    footer = f"{translate(language, f'footer.{route}')} · {seconds}"
    assert part == Part(f"Có.\n\n<i>{footer}</i>", f"Có.\n\n{footer}")


def test_an_answer_without_times_has_no_seconds() -> None:
    [part] = RENDERER.parts(replace(answer("Có."), timings={}))
    assert part.plain == "Có.\n\nTrả lời tại chỗ"


@pytest.mark.parametrize(
    "said",
    [
        answer("Không được.", outcome=Outcome.DENIED),
        answer("Không được.", outcome=Outcome.FAILED),
        replace(answer("Chào bạn."), route=Route.NONE),
        replace(answer("Tệp không đọc được.", outcome=Outcome.NOT_FOUND), query=" "),
    ],
)
def test_what_is_no_answer_has_neither_footer_nor_buttons(said: Answer) -> None:
    assert RENDERER.parts(said) == [Part(said.text, said.text)]
    assert RENDERER.keyboard(said) == []


@pytest.mark.parametrize(
    ("outcome", "cited", "query", "expected"),
    [
        (Outcome.ANSWERED, True, "nghỉ", [[Action.UP, Action.DOWN, Action.SOURCES]]),
        (Outcome.ANSWERED, False, "nghỉ", [[Action.UP, Action.DOWN]]),
        (Outcome.NOT_FOUND, False, "nghỉ", [[Action.UP, Action.DOWN], [Action.ASK_OWNER]]),
    ],
)
def test_the_buttons_are_those_that_do_something(
    outcome: Outcome, *, cited: bool, query: str, expected: list[list[Action]]
) -> None:
    given_answer = replace(answer("Có.", (citation(1),) if cited else (), outcome), query=query)
    rows = [[read(button.data) for button in row] for row in RENDERER.keyboard(given_answer)]
    assert [[pressed.action for pressed in row] for row in rows] == expected
    assert {pressed.id for row in rows for pressed in row} == {given_answer.id}


def test_sources_lose_their_quotes_first_and_are_counted_last() -> None:
    few, many, crowd = (answer("Có.", tuple(citation(n, "chữ " * 70) for n in range(1, top))) for top in (4, 11, 201))
    [small], [middle], [large] = map(RENDERER.parts, (few, many, crowd))
    assert small.text.count("\n“") == 3
    assert "[10] " in middle.text
    assert "nguồn nữa" not in middle.text
    shown = re.findall(r"^\[(\d+)\] ", limits.parsed(large.text).text, re.MULTILINE)
    assert shown == [str(n) for n in range(1, len(shown) + 1)]
    assert f"… và {200 - len(shown)} nguồn nữa" in large.text
    assert f"… và {200 - len(shown)} nguồn nữa" in large.plain


def test_two_hundred_short_sources_have_no_more_links_than_telegram_reads() -> None:
    renderer = Renderer(lambda _answer, cited: f"https://a.vn/{cited.n}")
    [part] = renderer.parts(answer("Có.", tuple(citation(n, "a") for n in range(1, 201))))
    message = limits.check_html(part.text, frozenset(f"https://a.vn/{n}" for n in range(1, 201)))
    assert 80 < len(message.entities) <= 90


def test_sources_with_long_links_are_as_many_as_telegram_takes() -> None:
    renderer = Renderer(lambda _answer, cited: f"https://a.vn/{'x' * 900}{cited.n}")
    [part] = renderer.parts(answer("Có.", tuple(citation(n, "a") for n in range(1, 21))))
    assert len(limits.parsed(part.text).values("a")) == 4
    assert "… và 16 nguồn nữa" in part.text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "tg://user?id=1", "", "https://a.vn/" + "x" * 2_000, None])
def test_a_source_links_to_web_addresses_only(link: str | None) -> None:
    [part] = Renderer(lambda _answer, _cited: link).parts(answer("Có.", (citation(1),)))
    assert "<a" not in part.text
    assert "Nghỉ phép năm là 12 ngày." in part.text


def test_a_title_cannot_break_out_of_its_link_nor_call_anybody() -> None:
    hostile = citation(1, 'a"><b>x</b> @lan\nhr@vidu.vn')
    [part] = RENDERER.parts(answer("Có.", (hostile,)))
    message = limits.check_html(part.text, LINKS)
    assert message.said("a") == ['a"><b>x</b> @lan hr@vidu.vn']
    assert message.said("code") == ["hr@vidu.vn"] * 2
    limits.check_plain(part.plain)


def test_a_source_without_a_title_is_named_by_its_file_else_by_its_number() -> None:
    cited = (replace(citation(1), title=" "), replace(citation(2), title="\u200b", document=""))
    [part] = Renderer(lambda _answer, _cited: None).parts(answer("Có.", cited))
    assert "[1] Nghỉ phép năm là 12 ngày..pdf" in told(part)
    assert "[2] 2 ·" in told(part)


def test_an_answer_without_a_word_still_makes_a_message() -> None:
    [part] = RENDERER.parts(answer("\u200b \n\u2800", outcome=Outcome.DENIED))
    assert part == Part("…", "…")


def test_a_preview_of_a_long_text_is_its_beginning() -> None:
    assert preview("**a** <b> @lan [x](y") == "a <b> @\u2060lan [x](y"
    text = preview("chữ " * 10_000)
    assert text.startswith("chữ chữ")
    assert text.endswith("chữ\n\n…")
    assert seen(text) == text
