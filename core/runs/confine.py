"""Sets limits, then executes a command: `confine.py PARENT MEMORY FILE CPU COMMAND [ARGUMENT ...]`.

PARENT is the pid of the starting process, MEMORY and FILE are bytes, CPU is seconds; 0 is no limit.
It is a separate program because code between fork and exec is not safe in a threaded server. On
Linux it dies with the thread that started it, and so does the command.
"""

import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _limit(kind: int, value: int) -> None:
    """Lower a limit, unless it is already lower.

    CPU time ends with SIGXCPU, and a second later with a kill: a kill alone would look like one
    from outside.
    """
    soft, hard = resource.getrlimit(kind)
    known = [bound for bound in (value, soft, hard) if bound != resource.RLIM_INFINITY]
    if kind == resource.RLIMIT_CPU:
        hard = value + 1 if hard == resource.RLIM_INFINITY else min(hard, value + 1)
    resource.setrlimit(kind, (min(known), hard))


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it died before the signal was requested
        os._exit(1)


def main(arguments: list[str]) -> None:
    """Never returns. Raises OSError when there is no such command."""
    parent, memory, size, cpu = map(int, arguments[:4])
    _die_with(parent)
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU)
    for kind, value in zip(kinds, (memory, size, cpu), strict=True):
        if value:
            _limit(kind, value)
    _limit(resource.RLIMIT_CORE, 0)
    os.execvp(arguments[4], arguments[4:])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
