"""Streamlit's secrets from files that begin with a byte mark, which it cannot read itself."""

import codecs
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def read(paths: Iterable[Path]) -> dict[str, Any] | None:
    """The content of all these files, a later one wins, when one has a byte mark; else None.

    None also when a file is not TOML: Streamlit says so.
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
