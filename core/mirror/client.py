"""The huggingface_hub library as this program uses it: quiet, limited in time, one attempt.

By default, the library retries some calls for 23 s and others never, sleeps as long as a
429 requests, waits forever for a response, uses older data from its cache after a failed
download, closes the connections of all threads when one of them cannot connect, asks the
public Hub who is calling, and prints signed URLs. All its requests go through one client
object, so `send` below prevents all of this. The mirror decides when to retry.

The library is imported on first use: it takes half a second that job processes and the
start of the server do not have.
"""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import MirrorProblem

if TYPE_CHECKING:
    import httpx2

DEFAULT_TIMEOUT_S = 20.0
# Read by the library when it is imported; set again below in case somebody imported it before.
_SWITCHES = (
    "HF_HUB_DISABLE_XET",
    "HF_HUB_DISABLE_TELEMETRY",
    "HF_HUB_DISABLE_PROGRESS_BARS",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    "HF_HUB_DISABLE_SYMLINKS_WARNING",
    "HF_HUB_DISABLE_UPDATE_CHECK",
)
_BUSY = re.compile(r";\s*r\s*=\s*0\s*;\s*t\s*=\s*(\d+)")  # RateLimit: "api";r=0;t=55
_KINDS: Mapping[int, MirrorProblem] = {
    401: "token",
    403: "forbidden",
    404: "missing",
    412: "moved",
    429: "busy",
}
_COMMIT_PATH = re.compile(r"/api/datasets/[^/]+/[^/]+/commit/[^/]+")

_prepared = False
_prepare_lock = threading.Lock()


@dataclass(slots=True)
class Call:
    """One call by this program: its time limit, and whether it has sent a commit."""

    timeout_s: float
    commit_sent: bool = False


current: ContextVar[Call | None] = ContextVar("hub_call", default=None)


class RequestFailedError(Exception):
    """A request failed. Has no text from the server, which may echo the request.

    `never_done`: it had no effect, because it was refused or never arrived.
    """

    def __init__(
        self,
        kind: MirrorProblem,
        reason: str,
        *,
        retry_after_s: float | None = None,
        never_done: bool = False,
    ) -> None:
        self.kind: MirrorProblem = kind
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.never_done = never_done
        super().__init__(reason)


def prepare(home: Path) -> None:
    """Import the library with this program's settings; later calls change nothing.

    `home` becomes HF_HOME of this process and of those it starts.
    """
    global _prepared  # noqa: PLW0603  # the library's own state is one per process, too
    with _prepare_lock:
        if _prepared:
            return
        os.environ.update(dict.fromkeys(_SWITCHES, "1"), HF_HOME=str(home))
        os.environ["HF_HUB_VERBOSITY"] = "error"  # warnings quote signed addresses
        logging.getLogger("httpx2").setLevel(logging.WARNING)  # so do its notes
        from huggingface_hub import constants, get_session, set_client_factory
        from huggingface_hub.utils import logging as library_logging
        from huggingface_hub.utils.tqdm import disable_progress_bars

        for switch in _SWITCHES:
            setattr(constants, switch, True)
        disable_progress_bars()
        library_logging.set_verbosity(logging.ERROR)
        hooks: Mapping[str, list[Callable[..., Any]]] = get_session().event_hooks
        set_client_factory(lambda: _make_client(hooks))
        _prepared = True


def _make_client(hooks: Mapping[str, list[Callable[..., Any]]]) -> "httpx2.Client":
    """The library's own client (proxies and certificates from the environment), guarded."""
    import httpx2
    from huggingface_hub.errors import OfflineModeIsEnabled

    never_sent = (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.PoolTimeout,
        httpx2.ProxyError,
        httpx2.UnsupportedProtocol,
        httpx2.LocalProtocolError,
    )

    class Client(httpx2.Client):
        """Sends every request: one attempt, limited in time, failures as RequestFailedError.

        The library neither retries nor hides this exception.
        """

        def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
            call = current.get()
            _limit(request, call.timeout_s if call else DEFAULT_TIMEOUT_S)
            if call and request.method == "POST" and _COMMIT_PATH.search(request.url.path):
                call.commit_sent = True
            try:
                response = super().send(request, **options)
            except OfflineModeIsEnabled:
                raise RequestFailedError(
                    "network", "HF_HUB_OFFLINE is set, which forbids every request", never_done=True
                ) from None
            except httpx2.TimeoutException as error:
                raise RequestFailedError(
                    "network", "no response in time", never_done=isinstance(error, never_sent)
                ) from None
            except (httpx2.RequestError, httpx2.InvalidURL) as error:
                raise RequestFailedError(
                    "network",
                    f"no connection ({type(error).__name__})",
                    never_done=isinstance(error, never_sent),
                ) from None
            failure = _failure(response)
            if failure:
                response.close()
                raise failure
            return response

    return Client(
        event_hooks=dict(hooks), follow_redirects=True, timeout=httpx2.Timeout(DEFAULT_TIMEOUT_S)
    )


def _limit(request: "httpx2.Request", most_s: float) -> None:
    """Cap the time limits of a request: repo_info sets none and wins over the client's."""
    asked: dict[str, float | None] = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {
        phase: min(asked.get(phase) or most_s, most_s)
        for phase in ("connect", "read", "write", "pool")
    }


def _failure(response: "httpx2.Response") -> RequestFailedError | None:
    """The meaning of a status; None for success and for statuses that the library handles."""
    status, code = response.status_code, response.headers.get("X-Error-Code")
    if status < 400 or (status == 404 and code == "EntryNotFound"):
        return None
    if "Authorization" not in response.request.headers:  # a signed address elsewhere
        return RequestFailedError("server", f"status {status} from the file storage")
    kind: MirrorProblem = "gone" if code == "RevisionNotFound" else _KINDS.get(status, "server")
    return RequestFailedError(
        kind,
        f"status {status}",
        retry_after_s=_wait_s(response.headers) if status == 429 else None,
        never_done=status < 500 and status != 408,
    )


def _wait_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from RateLimit or Retry-After (seconds or a date); None without either."""
    if match := _BUSY.search(headers.get("RateLimit", "")):
        return float(match[1])
    after = headers.get("Retry-After", "").strip()
    if after.isdigit():
        return float(after)
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - time.time())
    except ValueError:
        return None
