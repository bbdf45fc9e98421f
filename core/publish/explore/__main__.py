"""Draws a chart in a separate process: `python -m core.publish.explore JOB PICTURE`.

JOB is a JSON file with `spec`, `title`, `subtitle`, `scale`; PICTURE is written as PNG.
"""

import json
import sys
from pathlib import Path

from core.publish.explore import files


def main(job: str, picture: str) -> None:
    """Read the job, write the picture."""
    asked = json.loads(Path(job).read_text(encoding="utf-8"))
    found = files.png(asked["spec"], asked["title"], asked["subtitle"], asked["scale"])
    Path(picture).write_bytes(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
