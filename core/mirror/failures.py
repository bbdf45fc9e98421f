"""Messages for failed Hub calls: what was done where, why it failed, what to do next.

They quote neither the response nor the request: no tokens and no contents.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from core.errors import HeadMovedError, MedVidBenchError, MirrorError, MirrorProblem
from core.files.atomic import store_error
from core.mirror.client import Call, RequestFailedError

_ADVICE: dict[MirrorProblem, str] = {
    "token": "The Hub does not accept the token. Check HF_TOKEN",
    "forbidden": "The token has no permission. Give HF_TOKEN write permission for the repo",
    "missing": "There is no such dataset repo, or the token may not see it. Check"
    " MEDVIDBENCH_HUB_REPO, and that HF_TOKEN may read it",
    "absent": "The file is not there. Look at the repo's files",
    "gone": "The repo no longer has this commit. Read its newest commit",
    "moved": "Somebody else committed first. Read the newest commit and try again",
    "busy": "Too many requests",
    "server": "The Hub has a problem, or HF_ENDPOINT is not a Hub. Try again in a few minutes",
    "network": "The Hub does not respond. Check the network and HF_ENDPOINT; try again in a minute",
    "public": "Strangers could read contacts, uploads and sample scores there, so nothing is sent."
    " Make the repo private on the Hub (its Settings, “Change visibility”) or name another in"
    " MEDVIDBENCH_HUB_REPO; its content may have been read while it was public",
    "unchanged": "The repo already has identical files, so nothing was compared"
    " or committed. Change the transaction id in them",
}
_UNKNOWN = " The commit may have succeeded nevertheless: check the newest commit first."


def explained(error: Exception, doing: str, call: Call) -> Exception:
    """The error for an exception of a call; the program's own errors are unchanged."""
    if isinstance(error, MedVidBenchError):
        return error
    if isinstance(error, RequestFailedError):
        return _mirror_error(error, doing, call)
    for cause in _causes(error):
        if isinstance(cause, RequestFailedError):
            return _mirror_error(cause, doing, call)
    if isinstance(error, OSError) and error.errno:
        where = Path(str(error.filename or "the data folder"))
        return store_error(error, f"{doing}: cannot use", where, "Nothing was sent.")
    return _mirror_error(_unforeseen(error), doing, call) if _is_foreign(error) else error


def _mirror_error(failed: RequestFailedError, doing: str, call: Call) -> MirrorError:
    advice = _ADVICE[failed.kind]
    if failed.kind == "busy":
        advice += f". {_wait(failed.retry_after_s)}"
    message = f"{doing}: {failed.reason}. {advice}."
    if failed.kind == "moved":
        return HeadMovedError(message)
    unknown = call.commit_sent and not failed.never_done
    return MirrorError(
        message + _UNKNOWN * unknown,
        failed.kind,
        retry_after_s=failed.retry_after_s,
        unknown_outcome=unknown,
    )


def _wait(seconds: float | None) -> str:
    if seconds is None:
        return "Wait a few minutes and try again"
    until = datetime.fromtimestamp(time.time() + seconds, UTC)
    return f"Wait until {until:%H:%M:%S} UTC ({seconds:.0f} s) and try again"


def _unforeseen(error: Exception) -> RequestFailedError:
    """A response that the library could not use, or a refusal reported only by the library."""
    import httpx2
    from huggingface_hub.errors import RemoteEntryNotFoundError

    if isinstance(error, RemoteEntryNotFoundError):
        return RequestFailedError("absent", "no such file", never_done=True)
    if isinstance(error, httpx2.RequestError):
        return RequestFailedError("network", f"the connection broke ({type(error).__name__})")
    return RequestFailedError("server", f"an unusable response ({type(error).__name__})")


def _is_foreign(error: Exception) -> bool:
    """Whether the library or a response caused it, not this program."""
    import httpx2

    return isinstance(error, (httpx2.HTTPError, OSError, ValueError, KeyError, RuntimeError))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The causes of an exception, nearest first: the library wraps errors of its threads."""
    while (cause := error.__cause__) is not None:
        yield cause
        error = cause
