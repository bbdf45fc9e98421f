"""Two journals put together: what the repo holds comes first, then what only we have.

Pure. Every line is chained again to its writer's line before it, so that the merged
journal proves itself; lines that stay where they were keep their bytes.
"""

from collections.abc import Sequence
from pathlib import Path

from core.errors import StoreError
from core.model.state import Operation
from core.store import journal


def merged(
    remote: bytes, local: bytes, first: Sequence[Operation], writer: str, where: Path
) -> bytes:
    """`remote`, then those of `first` (by `writer`) and of `local` that it does not hold.

    Operations are known by their ids, so nothing is lost and nothing comes twice.
    Raises StoreError when `remote` is no journal, or is broken.
    """
    if not first and local.startswith(remote):
        return local
    theirs, rest = journal.decode(remote, journal.START, where)
    problems = journal.problems(remote)
    if rest or problems:
        raise StoreError(
            f"The journal in the dataset repo is damaged ({'; '.join(problems[:2])}). Nothing was "
            "changed here or there. Restore journal.jsonl in the repo from an earlier commit."
        )
    ours, _torn = journal.decode(local, journal.START, where)
    ids = {line.op.id for line in theirs}
    tails = {line.writer: line.hash for line in theirs}
    data = bytearray(remote)
    for op, who in [(op, writer) for op in first] + [(line.op, line.writer) for line in ours]:
        if op.id in ids:
            continue
        text = journal.encode(op, who, tails.get(who, ""))
        (line,), _rest = journal.decode(text, journal.START, where)
        tails[who] = line.hash
        ids.add(op.id)
        data += text
    return bytes(data)


def waiting(data: bytes, synced: int) -> int:
    """How many operations stand behind byte `synced` of a journal."""
    return data[synced:].count(b"\n")
