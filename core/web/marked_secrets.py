"""Streamlit's secrets from files with a byte order mark, which Streamlit cannot read."""

import codecs
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def read(paths: Iterable[Path]) -> dict[str, Any] | None:
    """The merged content of these files, later ones winning, if any has a byte order mark.

    None otherwise, or if a file is not TOML, which Streamlit reports.
    """
    found: dict[str, Any] = {}
    marked = False
    for path in paths:
        try:
            data = path.read_bytes()
            marked = marked or data.startswith(codecs.BOM_UTF8)
            found |= tomllib.loads(data.decode("utf-8-sig"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError):
            return None
    return found if marked else None
