"""The demo's judge as its client meets it: requests and answers, in this process."""

import asyncio
import json
from collections.abc import MutableMapping, Sequence
from typing import Any

import pytest

from core.benchmark import JUDGE_ASPECTS
from evaluation.demo.judge import Grader, Queue, Texts, app

GRADER = Grader()


def question(candidate: str, reference: str = "The needle passes the tissue.") -> str:
    return (
        f"<<<REFERENCE ab12>>>\n{reference}\n<<<END REFERENCE ab12>>>\n"
        f"<<<CANDIDATE ab12>>>\n{candidate}\n<<<END CANDIDATE ab12>>>\n"
        "Begin with: VERDICT ab12"
    )


def body(text: str, **more: Any) -> bytes:
    return json.dumps({"messages": [{"role": "user", "content": text}], **more}).encode()


async def asked(queue: Queue, data: bytes, key: str = "key") -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to a request."""
    found: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": data}

    async def send(message: MutableMapping[str, Any]) -> None:
        found.append(message)

    path = "/v1/chat/completions"
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"authorization", f"Bearer {key}".encode())],
    }  # fmt: skip
    await app("key", queue)(scope, receive, send)
    return found[0]["status"], json.loads(found[1]["body"])


def content(answer: dict[str, Any]) -> str:
    return str(answer["choices"][0]["message"]["content"])


@pytest.mark.parametrize(
    ("data", "key", "status", "told"),
    [
        (body(question("x")), "other", 401, "Wrong key"),
        (b"[", "key", 400, "Not a request"),
        (body("no texts"), "key", 400, "no candidate or no reference"),
    ],
)
def test_what_it_cannot_grade_is_refused(data: bytes, key: str, status: int, told: str) -> None:
    found = asyncio.run(asked(Queue(GRADER), data, key))
    assert found[0] == status
    assert told in found[1]["error"]["message"]


def test_requests_at_once_are_graded_together_and_answered_each_in_its_form() -> None:
    batches: list[int] = []

    class Counting(Grader):
        def grade(self, pairs: Sequence[Texts]) -> list[dict[str, int]]:
            batches.append(len(pairs))
            return super().grade(pairs)

    async def all_at_once() -> list[tuple[int, dict[str, Any]]]:
        queue = Queue(Counting())
        same = question("The needle passes the tissue.")
        given = (body(same), body(question("A train."), response_format={"type": "json_schema"}))
        return [*await asyncio.gather(*(asked(queue, one) for one in given))]

    (first, as_lines), (second, as_json) = asyncio.run(all_at_once())
    assert (first, second, batches) == (200, 200, [2])
    lines = content(as_lines).splitlines()
    assert lines == ["VERDICT ab12", *(f"{aspect}: 5" for aspect in JUDGE_ASPECTS)]
    grades = json.loads(content(as_json))
    assert set(grades) == set(JUDGE_ASPECTS)
    assert sum(grades.values()) < 25


def test_an_error_of_one_batch_is_told_to_each_and_the_next_is_graded() -> None:
    class Once(Grader):
        broken = True

        def grade(self, pairs: Sequence[Texts]) -> list[dict[str, int]]:
            if self.broken:
                raise MemoryError
            return super().grade(pairs)

    async def two_batches() -> dict[str, int]:
        grader = Once()
        queue = Queue(grader)
        failed = await asyncio.gather(
            *(queue.grade(("A.", "B.")) for _ in range(2)), return_exceptions=True
        )
        assert [type(one) for one in failed] == [MemoryError, MemoryError]
        grader.broken = False
        return await queue.grade(("The needle.", "The needle."))

    assert set(asyncio.run(two_batches()).values()) == {5}
