"""Records carry the number of their form; older ones are brought up to date when they are read.

A kind of record has a list of steps beside its type: the n-th turns number `first` + n into
the next one. A new form is a new step at the end, with a test of its own.
"""

from collections.abc import Callable, Sequence
from typing import Any

from core.errors import EntryError

Step = Callable[[dict[str, Any]], dict[str, Any]]


def upgraded(record: dict[str, Any], steps: Sequence[Step] = (), first: int = 1) -> dict[str, Any]:
    """`record` in today's form. One without a number has number 0.

    Raises EntryError for a number that is none, or from the future.
    """
    found, today = record.get("schema", 0), first + len(steps)
    if isinstance(found, bool) or not isinstance(found, int) or not first <= found <= today:
        raise EntryError(
            f"schema {record.get('schema')!r:.40} is unknown, expected {today}. A newer version "
            "of this program may have written it."
        )
    for number in range(found, today):
        record = {**steps[number - first](record), "schema": number + 1}
    return record
