"""A type that two threads use for the first time at once must not end the server."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRST = "import core.web.server\nfrom core.web import struct_types\nstruct_types.describe_all()\n"
LATER = """
import importlib
from pathlib import Path
known = set(struct_types.defined())
assert len(known) > 50
for path in Path("core").rglob("*.py"):
    if path.stem != "__main__":
        importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
print(sorted(f"{one.__module__}.{one.__name__}" for one in set(struct_types.defined()) - known))
"""
AT_ONCE = """
import contextlib, msgspec, sys, threading
sys.setswitchinterval(1e-6)
THREADS = 8
for kind in struct_types.defined():
    together = threading.Barrier(THREADS)
    def convert():
        together.wait()
        with contextlib.suppress(msgspec.ValidationError):
            msgspec.convert(dict.fromkeys(kind.__struct_fields__), kind)
    threads = [threading.Thread(target=convert) for _ in range(THREADS)]
    for one in threads: one.start()
    for one in threads: one.join()
print("all converted")
"""


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_a_server_describes_every_type_before_it_starts_threads() -> None:
    """Otherwise name the module in core/web/struct_types.py, or use a dataclass."""
    assert run(FIRST + LATER) == "[]"


@pytest.mark.slow
def test_eight_threads_convert_to_each_type_at_once() -> None:
    assert run(FIRST + AT_ONCE) == "all converted"
