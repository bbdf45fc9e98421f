"""`make mutation`: would the tests notice if the code were wrong? Shares of killed mutants.

mutmut changes one expression at a time in a copy of the repository and runs the tests of that
part. Of each part a seeded sample of mutants is tried (MUTANTS, 60; 0 tries all), by tests without
a server, a browser or processes. Survivors are listed as differences: read them, and either add
the test that would have failed or note in docs/testing.md why none can.

Usage: python scripts/mutation.py [PART …]
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".venv-mutation"
SEED = 1
# mutmut hands tests on by their ids, which it cannot with a second [ in them.
UNNAMED = "not hostile_text and not no_text_breaks_a_line"
SPINNER = re.compile(r"[\u2800-\u28ff][^\r\n]*[\r\n]*")  # mutmut's, a line for each turn
LEAST = 85  # per cent of each part's sample


@dataclass(frozen=True, slots=True)
class Part:
    """What is changed and which tests must notice, as paths and globs from the root."""

    code: tuple[str, ...]
    tests: tuple[str, ...]
    marks: str = "not slow and not browser"


def _ranking(*modules: str) -> tuple[str, ...]:
    return tuple(f"core/ranking/{module}.py" for module in modules)


PARTS = {
    "ranking": Part(
        _ranking(
            "average_rank", "board", "coverage", "again", "schemes", "weights", "left_out",
            "what_if", "why",
        ),
        (
            "tests/core/test_ranking.py", "tests/core/test_what_if.py",
            "tests/core/test_order_*.py",
            "tests/core/test_model_text.py", "tests/core/test_what_helps.py",
        ),
    ),
    "statistics": Part(
        _ranking(
            "columns", "differences", "draws", "figures", "intervals", "jackknife", "judge_noise",
            "leader", "metric_figures", "stacks", "step_down", "units",
        ),
        (
            "tests/core/test_uncertainty.py", "tests/core/test_judge_noise.py",
            "tests/core/test_board_statistics.py", "tests/evaluation/test_columns.py",
            "tests/core/test_statistics_by_hand.py", "tests/evaluation/test_compare.py",
        ),
        marks="not browser",
    ),
    "scoring": Part(
        ("evaluation/scoring.py", "evaluation/tasks/*.py"),
        (
            "tests/evaluation/test_answer_*.py", "tests/evaluation/test_metrics_by_hand.py",
            "tests/evaluation/test_scoring_parity.py", "tests/evaluation/test_surplus_answers.py",
            "tests/evaluation/test_tasks.py", "tests/evaluation/test_check_parts.py",
            "tests/evaluation/test_file_forms.py", "tests/evaluation/test_columns.py",
            "tests/evaluation/test_truth.py",
        ),
    ),
    "metric log": Part(
        ("core/metric_log.py",),
        ("tests/core/test_metric_log.py", "tests/core/test_log_scores.py"),
    ),
    "changes": Part(
        ("core/changes/*.py",),
        (
            "tests/core/test_admin*.py", "tests/core/test_audit.py", "tests/core/test_golden.py",
            "tests/core/test_held_surplus.py", "tests/core/test_join.py",
            "tests/core/test_journal.py", "tests/core/test_judge_changes.py",
            "tests/core/test_keeping.py", "tests/core/test_quota.py",
            "tests/core/test_rules_*.py", "tests/core/test_state.py",
            "tests/core/test_entries.py", "tests/core/test_store_legacy.py",
            "tests/core/test_submitting.py", "tests/core/test_own_entries.py",
            "tests/core/test_taken_names.py", "tests/core/test_tracks.py",
        ),
    ),
    "judge parsing": Part(
        ("evaluation/judge/reply.py", "evaluation/judge/fence.py"),
        ("tests/judge/test_hostile.py", "tests/judge/test_pairs.py"),
    ),
}  # fmt: skip

# mutmut has a command for everything but this: the names of all mutants, before any is tried.
_NAMES = """
import os
os.environ["MUTANT_UNDER_TEST"] = "mutant_generation"
from mutmut import __main__ as made
made.Path("mutants").mkdir()
made.copy_src_dir()
made.copy_also_copy_files()
made.setup_source_paths()
made.store_lines_covered_by_tests()
made.create_mutants(1)
"""


def settings(part: Part, folder: Path) -> str:
    """mutmut's setup.cfg for a part of the copy in `folder`."""
    tests = sorted(str(p.relative_to(folder)) for one in part.tests for p in folder.glob(one))
    lists = {
        "source_paths": ("core", "evaluation"),
        "only_mutate": part.code,
        "also_copy": ("pages", "Home.py", "scripts", "docs", "CITATION.cff"),
        "pytest_add_cli_args": ("-p", "no:cacheprovider", "-m", part.marks, "-k", UNNAMED),
        "pytest_add_cli_args_test_selection": tests,
    }
    text = "".join(f"{name}=\n    " + "\n    ".join(of) + "\n" for name, of in lists.items())
    # Tests may leave processes of their own behind, which mutmut would take for its workers.
    more = (
        "process_isolation=forkserver\ntrack_dependencies=false\nuse_git_change_detection=false\n"
    )
    return f"[mutmut]\n{text}{more}"


def tried(part: Part, most: int) -> tuple[int, dict[str, str]]:
    """How many mutants of a part were tried, and its survivors: name -> difference."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = folder / "head.tar"
        command = ["git", "archive", "--output", str(archive), "HEAD"]
        subprocess.run(command, cwd=ROOT, check=True)
        shutil.unpack_archive(archive, folder)
        (folder / "setup.cfg").write_text(settings(part, folder), encoding="utf-8")
        path = os.pathsep.join((str(TOOLS), os.environ.get("PYTHONPATH", "")))

        def mutmut(*command: str) -> str:
            done = subprocess.run(
                [sys.executable, *command],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": path},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode:
                said = SPINNER.sub("", done.stdout)
                raise SystemExit(f"mutmut stopped:\n{said[-3000:]}")
            return done.stdout

        def results() -> dict[str, int | None]:
            found: dict[str, int | None] = {}
            for meta in sorted((folder / "mutants").rglob("*.meta")):
                found |= json.loads(meta.read_bytes())["exit_code_by_key"]
            return found

        mutmut("-c", _NAMES)
        names = sorted(results())
        chosen = random.Random(SEED).sample(names, most) if 0 < most < len(names) else names
        mutmut("-m", "mutmut", "run", *chosen)
        ended = results()
        alive = [one for one in chosen if ended[one] in (0, 33)]  # 33: no test comes there
        return len(chosen), {one: mutmut("-m", "mutmut", "show", one) for one in alive}


def main() -> int:
    """1 when a part has a smaller share than LEAST."""
    most = int(os.environ.get("MUTANTS", "60"))
    wanted = sys.argv[1:] or list(PARTS)
    os.nice(10)
    rows, poor = [], False
    for name in wanted:
        count, survivors = tried(PARTS[name], most)
        killed = count - len(survivors)
        poor |= 100 * killed < LEAST * count
        rows.append(f"| {name} | {count} | {killed} | {100 * killed / count:.0f} % |")
        for one, difference in survivors.items():
            sys.stdout.write(f"\n{one}\n{difference}\n")
        sys.stdout.write(f"{rows[-1]}\n")
        sys.stdout.flush()
    head = "\n| part | mutants | killed | share |\n| --- | ---: | ---: | ---: |\n"
    sys.stdout.write(head + "\n".join(rows) + "\n")
    return int(poor)


if __name__ == "__main__":
    sys.exit(main())
