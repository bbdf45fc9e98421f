"""Starts the demo's judge with the server: only on demo data, and only without another judge.

`evaluation.demo.judge` serves on a loopback socket that is opened before it is announced in the
settings, so that a run that starts early waits instead of failing. Judge runs, pages and commands
then use it like any other judge, through the settings in the environment.
"""

import logging
import os
import secrets
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from core.benchmark import DEMO_JUDGE
from core.errors import MedVidBenchError
from core.files.scratch import scratch
from core.runs import child
from core.settings import REPOSITORY, Settings

LOG = logging.getLogger("medvidbench")
_HOST: Final = "127.0.0.1"
_WAITING: Final = 256  # connections before the judge is up
_NO_LIMIT: Final = float("inf")
_MEMORY_BYTES: Final = 4 << 30
_LATER_S: Final = 5.0  # the first board has priority; until then callers wait
_AGAIN_S: Final = 5.0
_CALLS: Final = 10**9  # calls are free


class _StoppedError(Exception):
    """The server stops."""


def offered(found: Settings) -> "DemoJudge | None":
    """The judge for a demo without another judge; None if it is not needed."""
    if not found.demo or not found.demo_models or found.judge_key or found.judge_address:
        return None
    try:
        return DemoJudge(socket.create_server((_HOST, 0), backlog=_WAITING))
    except OSError as error:
        LOG.warning("The demo has no judge: no loopback port can be opened (%s).", error.strerror)
        return None


class DemoJudge:
    """The judge's process and socket."""

    def __init__(self, listening: socket.socket) -> None:
        self._socket = listening
        self._key = secrets.token_urlsafe(16)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo judge", daemon=True)

    def announce(self, found: Settings) -> None:
        """Set it as the judge for this process and its jobs."""
        address = f"http://{_HOST}:{self._socket.getsockname()[1]}/v1"
        chosen = replace(
            found,
            judge_key=self._key,
            judge_address=address,
            judge_model=DEMO_JUDGE,
            judge_budget=_CALLS,
            judge_price_input=0,
            judge_price_output=0,
        )
        os.environ.update(chosen.judge_environment)
        for name in ("NO_PROXY", "no_proxy"):  # a proxy cannot reach this machine's loopback
            os.environ[name] = ",".join(filter(None, (os.environ.get(name), _HOST)))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the judge; runs in progress can be resumed."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(_AGAIN_S)

    def _run(self) -> None:
        self._stop.wait(_LATER_S)
        while not self._stop.is_set():
            try:
                self._serve()
            except _StoppedError:
                return
            except (MedVidBenchError, OSError) as error:
                LOG.warning("The demo's judge could not be started: %s", error)
            self._stop.wait(_AGAIN_S)

    def _serve(self) -> None:
        descriptor = self._socket.fileno()
        command = child.Command(
            [sys.executable, "-m", "evaluation.demo.judge", str(descriptor)],
            REPOSITORY,
            child.environment(OPENAI_API_KEY=self._key),
            (descriptor,),
        )
        with scratch("demo-judge-") as folder:
            errors = folder / "errors"
            limits = child.Limits(_NO_LIMIT, _MEMORY_BYTES)
            ended = child.run(command, folder / "output", errors, limits, self._end_if_stopped)
            said = child.last_words(errors).lines
        why = said[-1] if said else f"exit status {ended.status}"
        LOG.warning("The demo's judge ended and is started again: %s", why)

    def _end_if_stopped(self, _lines: Sequence[str]) -> None:
        if self._stop.is_set():
            raise _StoppedError
