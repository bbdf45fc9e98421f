"""Keeps of an upload what its evaluation reads: padding in other fields fills no disk.

Reading it is work for a process with limits, as the check is (core.runs.uploads.check).
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.files.scratch import scratch
from core.runs import child
from core.runs.uploads.check import CPU_S, MEMORY_BYTES, MODULE, PREFIX, TIMEOUT_S, environment
from core.runs.uploads.packing import keep_upload, too_large

# Packing comes on top of what the check does.
_CPU_S: Final = 4 * CPU_S


@dataclass(frozen=True, slots=True)
class Kept:
    """Digests of unpacked bytes: of the upload as it was `sent`, and of what is `kept` of it
    (None: all of it)."""

    sent: str
    kept: str | None


def keep_trimmed(data: bytes, target: Path, max_bytes: int) -> Kept:
    """Write what the evaluation reads of an upload to `target`, as gzip.

    An upload of which that cannot be told within the limits is kept as it is. Raises as
    `keep_upload`.
    """
    with scratch(PREFIX, target.parent) as folder:
        sent, kept, output = folder / "sent", folder / "kept.json.gz", folder / "output"
        sent.write_bytes(data)
        command = [sys.executable, "-m", MODULE, "--keep", str(kept), "--", str(sent)]
        ended = child.run(
            child.Command(command, folder, environment(str(folder))),
            output,
            folder / "errors",
            child.Limits(TIMEOUT_S, MEMORY_BYTES, 2 * max_bytes, _CPU_S),
        )
        told = json.loads(output.read_bytes()) if ended.status == 0 else None
        if told is None:
            return Kept(keep_upload(data, target, max_bytes), None)
        if told["bytes"] > max_bytes:
            raise too_large(max_bytes)
        kept.chmod(0o600)
        with kept.open("rb") as file:
            os.fsync(file.fileno())
        os.link(kept, target)  # never over another file
        return Kept(told["sent"], told["kept"])
