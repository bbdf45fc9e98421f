"""The program that sets limits before it becomes another one (core.runs.confine)."""

import json
import os
import resource
import subprocess
import sys

from core.runs import child
from core.settings import REPOSITORY

GB = 1 << 30
LOOK = """
import json, resource
kinds = (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_CORE)
print(json.dumps([resource.getrlimit(kind) for kind in kinds]))
"""


def confine(parent: int, limits: child.Limits) -> "subprocess.CompletedProcess[str]":
    """Run as a module, which coverage can measure; otherwise with the arguments of `confined`."""
    program, _isolated, _bare, _file, _parent, *rest = child.confined(
        [sys.executable, "-c", LOOK], limits
    )
    return subprocess.run(
        [program, "-m", "core.runs.confine", str(parent), *rest],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_has_the_limits_and_no_core_file() -> None:
    done = confine(os.getpid(), child.Limits(60, memory_bytes=8 * GB, file_bytes=GB, cpu_s=50))
    assert (done.returncode, done.stderr) == (0, "")
    memory, size, cpu, core = json.loads(done.stdout)
    assert (memory[0], size[0], core[0]) == (8 * GB, GB, 0)
    assert cpu == [50, 51]  # SIGXCPU first, which the process can report


def test_zero_is_no_limit() -> None:
    done = confine(os.getpid(), child.Limits(60, memory_bytes=0, file_bytes=0))
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU)
    assert json.loads(done.stdout)[:3] == [list(resource.getrlimit(kind)) for kind in kinds]


def test_it_ends_at_once_if_the_process_that_started_it_is_gone() -> None:
    done = confine(1, child.Limits(60, memory_bytes=0, file_bytes=0))  # this process's pid is not 1
    assert (done.returncode, done.stdout) == (1, "")
