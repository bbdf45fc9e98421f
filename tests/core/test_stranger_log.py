"""Strangers' broken messages are one line per minute and kind, however long and many."""

import io
import logging

import pytest
from google.protobuf.message import DecodeError
from websockets.exceptions import InvalidHandshake

from core.web.stranger_log import OnceAMinute


def test_one_line_a_minute_of_each_kind_cut_and_without_a_traceback() -> None:
    now = [0.0]
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    logger = logging.Logger("strangers")
    logger.addHandler(handler)
    logger.addFilter(OnceAMinute(lambda: now[0]))
    for _ in range(1000):
        try:
            raise ValueError("x" * 100_000)
        except ValueError as error:
            logger.warning("broken: %s", "y" * 100_000, exc_info=error)
    logger.error("another kind\n")
    logger.info("told as ever")
    now[0] = 61.0
    logger.warning("broken: %s", "z")
    lines = out.getvalue().splitlines()
    assert [line[:8] for line in lines] == ["broken: ", "another ", "told as ", "broken: "]
    assert len(lines[0]) < 1100
    assert "Traceback" not in out.getvalue()
    assert lines[3] == "broken: z (999 more like it within a minute)"


def logged(*errors: Exception) -> str:
    """The log of these errors, each raised by a different part, within a minute."""
    out = io.StringIO()
    logger = logging.Logger("server")
    logger.addHandler(logging.StreamHandler(out))
    logger.addFilter(OnceAMinute(lambda: 0.0))
    for error in errors:
        try:
            raise error
        except Exception:
            logger.exception("Exception in ASGI application\n")
    return out.getvalue()


def test_a_bug_keeps_its_traceback_once_a_minute_shortened() -> None:
    said = logged(KeyError("ours"), KeyError("ours"), AttributeError("x" * 100_000))
    assert said.count("Traceback") == 2
    assert "KeyError: 'ours'" in said
    assert "test_stranger_log.py" in said
    assert said.count("Exception in ASGI application") == 2
    assert len(said) < 12_000


@pytest.mark.parametrize(
    "error",
    [DecodeError("x"), InvalidHandshake("x"), ConnectionResetError(), TimeoutError(),
     UnicodeDecodeError("utf-8", b"x", 0, 1, "x")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_broken_messages_of_strangers_are_one_line(error: Exception) -> None:
    assert logged(error).count("\n") == 1


def test_the_oldest_of_many_kinds_are_forgotten() -> None:
    once = OnceAMinute(lambda: 0.0)

    def passes(number: int) -> bool:
        text = f"kind {number}"
        return once.filter(logging.LogRecord("x", logging.WARNING, "x", 1, text, (), None))

    assert all(passes(number) for number in range(150))
    assert not any(passes(number) for number in range(50, 150))
    assert passes(49)
