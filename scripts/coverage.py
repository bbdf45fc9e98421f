"""`make coverage`: branch coverage of core and evaluation, by folder and as a whole.

Runs the tests in the arguments, by default all. Processes that tests start are measured too, even
those that the program starts with a separate environment (the evaluator, the judge).
"""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Python loads this in every process. It passes what coverage needs to children that get a new
# environment. Tests that remove COVERAGE_… from theirs keep the path to this file: not measured.
HOOK = """
import os, subprocess

_here = os.path.dirname(__file__)


def _start(self, *arguments, env=None, _start=subprocess.Popen.__init__, **more):
    path = "" if env is None else env.get("PYTHONPATH", "")
    if env is not None and _here not in path.split(os.pathsep):
        measured = {name: text for name, text in os.environ.items() if name.startswith("COVERAGE_")}
        env = {**env, **measured, "PYTHONPATH": os.pathsep.join(filter(None, (_here, path)))}
    _start(self, *arguments, env=env, **more)


subprocess.Popen.__init__ = _start
"""
# xdist kills workers that take more than 10 s to save their data, as on a busy machine.
PATIENT = """
from xdist.workermanage import NodeManager

NodeManager.EXIT_TIMEOUT = 600
"""
COUNTED = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def folders(files: dict[str, Any]) -> dict[str, Counter[str]]:
    """Folder -> the coverage of its files; then that of all of core and of all of evaluation."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    whole: dict[str, Counter[str]] = defaultdict(Counter)
    for path, file in sorted(files.items()):
        part = Counter({name: file["summary"][name] for name in COUNTED})
        found[str(PurePath(path).parent)] += part
        whole[f"{PurePath(path).parts[0]}, all of it"] += part
    return found | whole


def share(covered: int, of: int) -> str:
    return f"{100 * covered / of:.1f} %" if of else "—"


def table(found: dict[str, Counter[str]]) -> str:
    lines = [
        "| folder | statements | covered | branches | covered |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, n in found.items():
        cells = (
            name,
            f"{n['num_statements']:,}",
            share(n["covered_lines"], n["num_statements"]),
            f"{n['num_branches']:,}",
            share(n["covered_branches"], n["num_branches"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """The tests' exit status; the table is printed even if some failed."""
    workers = os.environ.get("TEST_WORKERS", str((os.cpu_count() or 2) + 1))
    with TemporaryDirectory() as folder:
        hook = Path(folder, "hook")
        hook.mkdir()
        (hook / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
        (hook / "patient_workers.py").write_text(PATIENT, encoding="utf-8")
        path = os.pathsep.join(filter(None, (str(hook), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "COVERAGE_FILE": f"{folder}/data", "PYTHONPATH": path}

        def coverage(*arguments: str) -> int:
            command = [sys.executable, "-m", "coverage", *arguments]
            # Killed processes leave incomplete files, each of which would be a warning.
            silent = subprocess.DEVNULL if arguments[0] == "combine" else None
            done = subprocess.run(command, cwd=ROOT, env=environment, stderr=silent, check=False)
            return done.returncode

        tests = [
            "-p",
            "patient_workers",
            "-n",
            workers,
            "--dist",
            "loadfile",
            "--no-loadscope-reorder",
            *sys.argv[1:],
        ]
        status = coverage("run", "-m", "pytest", *tests)
        coverage("combine", "--quiet")
        coverage("json", "--quiet", "-o", f"{folder}/report.json")
        files = json.loads(Path(folder, "report.json").read_bytes())["files"]
    sys.stdout.write(f"{table(folders(files))}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
