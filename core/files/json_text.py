"""JSON as this program writes it: text that every UTF-8 file can hold."""

import json
import re
from typing import Any

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def dumps(value: Any, *, canonical: bool = False) -> str:
    """One line of JSON; half characters (lone surrogates) become U+FFFD.

    `canonical` sorts keys and leaves out blanks, for hashing. Raises ValueError,
    TypeError or RecursionError for what JSON cannot hold, NaN among it.
    """
    text = json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=canonical,
        separators=(",", ":") if canonical else None,
    )
    return _LONE_SURROGATE.sub("\ufffd", text)
