"""Words of the forgotten that went into others' questions go, whoever said what."""

from dataclasses import replace

import pytest

from core.conversation import Language, Remark
from core.people import People
from core.prompts import write_prompt
from core.store.database import Database
from core.store.journal import Journal
from core.store.mentions import mentions_of
from core.store.overheard import overheard
from core.threads import understand
from tests.core.store.samples import NOON, a_question, an_answer
from tests.core.store.test_retention import dump

SAID = "Lương tôi là 20 triệu"
ASKS = "Nghỉ cưới được mấy ngày?"


async def recorded(database: Database, number: int, text: str, query: str, *, remarks: tuple[Remark, ...] = ()) -> None:
    asked = replace(a_question(number, thread=f"t{number // 10}", text=text), remarks=remarks)
    messages = write_prompt(query, (), (), Language.VIETNAMESE, remarks).messages
    prompt = tuple({"role": message.role, "content": message.content} for message in messages)
    await Journal(database).record_question(asked, query)
    await Journal(database).record_answer(replace(an_answer(number), query=query, prompt=prompt))


async def heard(database: Database) -> set[str]:
    async with database.reading() as connection:
        return await overheard(connection)


async def test_a_colleagues_remark_in_a_prompt_is_overheard_and_the_askers_own_is_not(database: Database) -> None:
    await recorded(database, 11, ASKS, ASKS, remarks=(Remark(SAID, NOON),))
    await recorded(database, 21, ASKS, ASKS, remarks=(Remark("Cho tôi hỏi", NOON, by_asker=True),))
    await recorded(database, 31, ASKS, ASKS)
    assert await heard(database) == {"q11"}


@pytest.mark.parametrize("text", ["Còn người mới?", "@Sổ Tay giúp với", "?"])
async def test_a_remark_that_was_put_before_a_question_is_overheard(database: Database, text: str) -> None:
    query = understand(text, (), (Remark("Ai được nghỉ cưới?", NOON),)).query
    await recorded(database, 11, text, query)
    assert (await heard(database) == {"q11"}) == (query != text)


async def test_an_earlier_question_of_the_conversation_is_no_remark(database: Database) -> None:
    await recorded(database, 11, ASKS, ASKS)
    await recorded(database, 12, "Còn người mới?", f"{ASKS}\nCòn người mới?")
    await recorded(database, 13, "Thế còn tang?", f"{ASKS}\nThế còn tang?")
    assert await heard(database) == set()
    await recorded(database, 21, "Còn người mới?", f"{ASKS}\nCòn người mới?")
    assert await heard(database) == {"q21"}, "in another conversation it is"


async def test_forgetting_empties_what_was_overheard_and_leaves_what_was_asked(database: Database) -> None:
    await recorded(database, 11, ASKS, f"{SAID}\n{ASKS}", remarks=(Remark(SAID, NOON),))
    forgotten = await People(database).forget("slack:U0BINH")
    rows = await dump(database)
    assert "20 triệu" not in repr(rows)
    assert [(row["text"], row["query"]) for row in rows["question"]] == [(ASKS, ASKS)]
    assert forgotten.traces.answers == {"a11"}


@pytest.mark.parametrize(("text", "left"), [
    ("chào @U0BINH12!", "chào @…!"),
    ("@U0BINH12 @U0BINH123", "@… @U0BINH123"),
    ("U0BINH12", "U0BINH12"),
])  # fmt: skip
async def test_nobody_is_spoken_to_any_more_by_the_name_of_the_forgotten(
    database: Database, text: str, left: str
) -> None:
    await recorded(database, 11, text, text)
    await People(database).forget("slack:U0BINH12")
    (question,) = (await dump(database))["question"]
    assert question["text"] == left
    (answer,) = (await dump(database))["answer"]
    assert ("@U0BINH12" in text) == (answer["prompt"] == [])


def test_short_names_are_words() -> None:
    assert mentions_of(["lan", "slack:U1", "telegram:7001"]) == []
    assert mentions_of(["slack:U0BINH12", "telegram:71000001"]) == ["@71000001", "@U0BINH12"]
