"""JSON as this program writes it: text that can always be encoded as UTF-8."""

import json
import re
from typing import Any

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def dumps(value: Any, *, canonical: bool = False) -> str:
    """One line of JSON; half characters (lone surrogates) become U+FFFD.

    `canonical` sorts keys and omits whitespace, for hashing. Raises ValueError, TypeError or
    RecursionError for values that JSON cannot represent, such as NaN.
    """
    text = json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=canonical,
        separators=(",", ":") if canonical else None,
    )
    return _LONE_SURROGATE.sub("\ufffd", text)
