"""The id of the question that is worked on goes with the task, and with nothing else."""

import asyncio

from core.following import followed, following


async def test_each_task_follows_its_own_question() -> None:
    met = asyncio.Barrier(2)

    async def work(question: str) -> tuple[str, str]:
        with following(question):
            await met.wait()
            return followed(), await asyncio.to_thread(followed)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(question)) for question in ("q1", "q2")]
    assert [task.result() for task in tasks] == [("q1", "q1"), ("q2", "q2")]
    assert not followed()
