"""Records have a schema number; older ones are migrated when they are read.

Each kind of record has a list of migrations next to its type: the n-th converts schema
`first` + n to the next one. A new schema needs a new migration at the end, with its own test.
"""

from collections.abc import Callable, Sequence
from typing import Any

from core.errors import EntryError

Step = Callable[[dict[str, Any]], dict[str, Any]]


def upgraded(record: dict[str, Any], steps: Sequence[Step] = (), first: int = 1) -> dict[str, Any]:
    """`record` in the current schema. A record without a number has number 0.

    Raises EntryError for an invalid number, or one from the future.
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
