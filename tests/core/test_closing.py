"""The server's last step on a signal, in the process of the test."""

import signal
import threading
from collections.abc import Iterator

import pytest

from core.web.closing import Closing


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_last_step_is_done_once() -> None:
    done: list[str] = []
    closing = Closing(lambda: done.append(threading.current_thread().name), grace_s=600)
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    closing.listen()
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)
    closing.close()
    closing.close()
    assert heard == [signal.SIGTERM, signal.SIGTERM]  # the web server receives each as well
    assert done == [threading.current_thread().name]


def test_a_signal_whose_default_was_to_end_still_closes_in_good_order() -> None:
    closed: list[bool] = []
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    closing = Closing(lambda: closed.append(True), grace_s=600)
    closing.listen()
    signal.raise_signal(signal.SIGTERM)  # no handler before: only noted
    assert closing.asked
    closing.close()
    assert closed == [True]
