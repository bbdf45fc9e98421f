"""Keeps only the part of an upload that its evaluation reads, so that padding cannot fill the disk.

A process with limits reads it, like the check (core.runs.uploads.check).
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

# Compression takes additional time after the check.
_CPU_S: Final = 4 * CPU_S


@dataclass(frozen=True, slots=True)
class Kept:
    """Digests of decompressed bytes: of the upload as `sent`, and of the `kept` part (None: all
    of it)."""

    sent: str
    kept: str | None


def keep_trimmed(data: bytes, target: Path, max_bytes: int) -> Kept:
    """Write the part of an upload that the evaluation reads to `target`, as gzip.

    If this exceeds the limits, the whole upload is kept. Raises like `keep_upload`.
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
        os.link(kept, target)  # never overwrite another file
        return Kept(told["sent"], told["kept"])
