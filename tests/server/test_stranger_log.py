"""Broken messages of strangers are one line a minute of each kind, however long and many."""

import io
import logging

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
