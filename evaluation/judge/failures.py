"""Failures that end a whole run, and how long an endpoint asks to wait. Pure.

Messages say what to fix; they never quote the key or the endpoint's response.
"""

import email.utils
import math
import time
from collections import Counter
from typing import TYPE_CHECKING

from core.errors import MedVidBenchError

if TYPE_CHECKING:
    import openai  # takes a second; `agree` does not need it

UNREADABLE = "unreadable"  # the reason for replies that cannot be read
FOREIGN = ("no choice in the reply", "no reply of the API")  # details of it: not this API at all
MAX_PAUSE_S = 120.0
"""A longer requested wait ends the run; it can be resumed later."""

_CREDIT = {
    "insufficient_quota",
    "insufficient_balance",
    "billing_hard_limit_reached",
    "billing_not_active",
}
_ADVICE = {
    401: "does not accept the key (401). Set OPENAI_API_KEY to a valid key, then resume.",
    403: "does not let this key use the model (403). Change the key's rights or the model, "
    "then resume.",
    404: "does not know the model or the address (404). Check MEDVIDBENCH_JUDGE_MODEL and "
    "OPENAI_BASE_URL, then resume.",
}


class JudgeStoppedError(MedVidBenchError):
    """The run cannot go on; the message says what to fix."""


class BudgetSpentError(JudgeStoppedError):
    """No further call may be sent; replies to running calls may still be read."""


def stop_for(error: "openai.APIStatusError") -> None:
    """Raises JudgeStoppedError when every other request would fail too."""
    status = error.status_code
    if status == 402 or _CREDIT & {str(error.code), str(error.type)}:
        raise JudgeStoppedError(
            f"The judge's account has no credit left ({status}, insufficient_quota). Add credit, "
            "then resume."
        ) from None
    if status in _ADVICE:
        raise JudgeStoppedError(f"The judge's endpoint {_ADVICE[status]}") from None
    wait = retry_after(error)
    if wait is not None and wait > MAX_PAUSE_S:
        raise JudgeStoppedError(
            f"The judge's endpoint asks to wait {math.ceil(wait):,} seconds ({status}). Resume "
            "after that, or raise the limits of its account."
        ) from None


def out_of_reach(reasons: Counter[str]) -> JudgeStoppedError:
    """Many pairs in a row got no verdict: continuing would only cost money."""
    kinds: Counter[str] = Counter()
    for reason, count in reasons.items():
        kinds[reason.partition(":")[0]] += count
    kind, _ = kinds.most_common(1)[0]
    most = max((r for r in reasons if r.partition(":")[0] == kind), key=reasons.__getitem__)
    told = f"{reasons.total():,} pairs in a row got no verdict, most for this reason: {most}."
    if kind == UNREADABLE and most.endswith(FOREIGN):
        return JudgeStoppedError(
            f"{told} The address answers, but not as a chat completions API. Check "
            "OPENAI_BASE_URL, which usually ends with /v1, then resume."
        )
    if kind == UNREADABLE:
        return JudgeStoppedError(
            f"{told} The endpoint and the key work, but the replies have the wrong format "
            "(expected: whole grades for all five aspects). Set MEDVIDBENCH_JUDGE_MODEL to a "
            "model that follows formats, then resume."
        )
    return JudgeStoppedError(
        f"{told} Check OPENAI_BASE_URL, MEDVIDBENCH_JUDGE_MODEL and the key, then resume."
    )


def retry_after(error: "openai.APIStatusError") -> float | None:
    """Seconds that the server asks to wait: retry-after-ms, or retry-after in seconds or as a date.

    None when it does not ask, or in an unknown format.
    """
    headers = error.response.headers
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        return seconds if seconds > 0 and math.isfinite(seconds) else None
    date = email.utils.parsedate_tz(headers.get("retry-after", ""))
    if date is None:
        return None
    try:
        seconds = email.utils.mktime_tz(date) - time.time()
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None
