"""Measures a judge run against the minimum time of its calls, and Cancel.

    python scripts/bench_judge.py [--cancel]

500 distinct calls at concurrency 20 against a server (a separate process) that takes
400 ms for each: at least 10 s. Target: at most 1.15 times that, from the first call to the
last reply. Then prints how many pairs of the synthetic benchmark's good sample are distinct.
Finally (with --cancel: only this) measures how long Cancel takes until all processes have ended and
the record says so; target: at most 5 s.
"""

import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SERVER = REPOSITORY / "tests" / "judge" / "judge_server.py"
sys.path.insert(0, str(REPOSITORY))
from core.usecases import judge_runs  # noqa: E402
from evaluation.demo import benchmark  # noqa: E402
from scripts.figures import note  # noqa: E402
from tests.core.job_world import wait_for  # noqa: E402
from tests.judge.judge_server import Judge, serving  # noqa: E402
from tests.judge.judge_world import KEY, JudgeWorld  # noqa: E402

CANCELS, CANCEL_LIMIT_S = 7, 5.0
CALLS, LATENCY_S, CONCURRENCY, LIMIT = 500, 0.4, 20, 1.15


def captions(folder: Path) -> tuple[Path, Path]:
    """Predictions and truth of CALLS video summaries, all different."""
    truth = [
        {
            "id": f"v{n}&&0&&9&&1.0", "qa_type": "video_summary", "data_source": "AVOS",
            "metadata": {"video_id": f"v{n}", "fps": "1.0"}, "struc_info": [],
            "conversations": [{"from": "human", "value": "Summarise."},
                              {"from": "gpt", "value": f"Step {n}: the wound is closed. " * 8}],
        }
        for n in range(CALLS)
    ]  # fmt: skip
    given = [
        {"id": one["id"], "qa_type": one["qa_type"], "prediction": f"Closing wound {n}. " * 10}
        for n, one in enumerate(truth)
    ]
    paths = folder / "predictions.json", folder / "truth.json"
    for path, content in zip(paths, (given, truth), strict=True):
        path.write_text(json.dumps(content))
    return paths


def judge(predictions: Path, truth: Path, out: Path, url: str, *flags: str) -> str:
    """What the command printed."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEDVID", "OPENAI"))}
    command = [sys.executable, "-m", "evaluation.judge", "run", str(predictions)]
    command += ["--ground-truth", str(truth), "--out", str(out), *flags]
    environment = kept | {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": url}
    done = subprocess.run(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def speed(folder: Path) -> bool:
    """The run's time and its minimum."""
    command = [sys.executable, str(SERVER), str(LATENCY_S)]
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        url = server.stdout.readline().strip()
        before, begun = used(), time.perf_counter()
        judge(*captions(folder), folder / "out", url, "--concurrency", str(CONCURRENCY))
        whole, processor = time.perf_counter() - begun, used() - before
        seconds = float(server.communicate("")[0])
    least = CALLS * LATENCY_S / CONCURRENCY
    what = f"{CALLS} calls of {LATENCY_S * 1000:.0f} ms, {CONCURRENCY} at once"
    how = (
        f"of calls × latency / concurrency, {least:g} s, from the first request to the last reply; "
        f"whole command {whole:.1f} s, {processor:.1f} s of a processor"
    )
    return note(what, seconds / least, "×", LIMIT, how)


def used() -> float:
    """Processor seconds used by ended children."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def pairs(folder: Path) -> bool:
    """Pairs and distinct pairs of the good sample."""
    benchmark.generate(folder / "demo")
    said = judge(
        folder / "demo" / "sample_good.json",
        folder / "demo" / "ground_truth.json",
        folder / "plan",
        "http://127.0.0.1:9/v1",
        "--plan",
    )
    found = re.search(r"^\[plan\] (.*)$", said, re.M)
    assert found, said
    plan = json.loads(found[1])
    how = f"{plan['distinct']:,} of {plan['pairs']:,}, about {plan['tokens']:,} tokens"
    share = 100 * plan["distinct"] / plan["pairs"]
    return note("caption pairs of the good sample that are distinct", share, "%", how=how)


def cancels(folder: Path) -> Iterator[bool]:
    """Each way in which a run may be busy when cancelled."""
    hang, seconds = ["hang"] * 1000, LATENCY_S
    for what, judge, stopped in (
        ("every request hangs", Judge(faults=hang), False),
        (
            f"{CONCURRENCY} calls of {seconds * 1000:.0f} ms in flight",
            Judge(latency=seconds),
            False,
        ),
        ("every request hangs, and the run's process does not react", Judge(faults=hang), True),
    ):
        took = []
        for number in range(CANCELS):
            place = folder / f"{len(what)}-{number}"
            place.mkdir()
            took.append(cancel(place, judge, stopped=stopped))
        how = f"the slowest of {CANCELS}; median {statistics.median(took):.2f} s"
        yield note(f"Cancel while {what}", max(took), "s", CANCEL_LIMIT_S, how)


def cancel(folder: Path, judge: Judge, *, stopped: bool) -> float:
    """Seconds from Cancel until no process of the run is alive and its record says cancelled."""
    before = len(judge.asked)
    with serving(judge) as url:
        world = JudgeWorld(folder, url)
        try:
            job = world.start()
            begun_with = CONCURRENCY if judge.faults else 2 * CONCURRENCY  # while it is working
            wait_for(lambda: len(judge.asked) >= before + begun_with, "calls in flight")
            if stopped:
                os.kill(world.get(job).pid or 0, signal.SIGSTOP)
            begun = time.perf_counter()
            ended = judge_runs.cancel(world.services, world.entry_id, KEY)
            wait_for(lambda: not world.processes(job), "the end of all")
            seconds = time.perf_counter() - begun
            if ended.state != "cancelled" or world.get(job).state != "cancelled":
                raise SystemExit(f"The run ended as {ended.state}, not as cancelled.")
            return seconds
        finally:
            world.close()


def noted(folder: Path, only_cancel: bool) -> Iterator[bool]:
    if not only_cancel:
        yield speed(folder)
        yield pairs(folder)
    yield from cancels(folder)


def main() -> int:
    """Note the measurements; 1 if a target was missed."""
    with tempfile.TemporaryDirectory() as name:
        good = list(noted(Path(name), sys.argv[1:] == ["--cancel"]))
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
