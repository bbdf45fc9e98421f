"""Measures the caption judge's run against the time that its calls take at least.

    python scripts/bench_judge.py

500 distinct calls at concurrency 20 against a server (a process of its own) that takes
400 ms for each: at least 10 s. Target: at most 1.15 times that, from the first call to the
last score. Then tells how many pairs of the synthetic benchmark's good sample are distinct.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SERVER = REPOSITORY / "tests" / "judge" / "judge_server.py"
sys.path.insert(0, str(REPOSITORY))
from evaluation import demo  # noqa: E402

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


def judge(predictions: Path, truth: Path, out: Path, url: str, *flags: str) -> tuple[str, float]:
    """What the command printed, and the seconds from its plan to its end."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEDVID", "OPENAI"))}
    command = [sys.executable, "-m", "evaluation.judge", "run", str(predictions)]
    command += ["--ground-truth", str(truth), "--out", str(out), *flags]
    child = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=kept | {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
    )
    first = child.stdout.readline()
    begun = time.perf_counter()
    rest, _ = child.communicate(timeout=120)
    if child.returncode:
        raise SystemExit(f"the judge's run ended with status {child.returncode}")
    return first + rest, time.perf_counter() - begun


def speed(folder: Path) -> str:
    """One line: the run's time beside the least it can be."""
    command = [sys.executable, str(SERVER), str(LATENCY_S)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        url = server.stdout.readline().strip()
        begun = time.perf_counter()
        _, seconds = judge(
            *captions(folder), folder / "out", url, "--concurrency", str(CONCURRENCY)
        )
        whole = time.perf_counter() - begun
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        server.communicate("")
    least = CALLS * LATENCY_S / CONCURRENCY
    ratio = seconds / least
    verdict = "met" if ratio <= LIMIT else "MISSED"
    return (
        f"caption judge, {CALLS} calls of {LATENCY_S * 1000:.0f} ms, {CONCURRENCY} at once: "
        f"{seconds:.2f} s, {ratio:.3f} × the least ({least:g} s)  target {LIMIT:g}: {verdict}; "
        f"with the program's start {whole:.2f} s, {whole / least:.3f} ×; "
        f"{used.ru_utime + used.ru_stime:.2f} s of a processor"
    )


def pairs(folder: Path) -> str:
    """One line: pairs and distinct pairs of the good sample."""
    demo.generate(folder / "demo")
    said, _ = judge(
        folder / "demo" / "sample_good.json",
        folder / "demo" / "ground_truth.json",
        folder / "plan",
        "http://127.0.0.1:9/v1",
        "--plan",
    )
    found = re.search(r"^\[plan\] (.*)$", said, re.M)
    plan = json.loads(found[1])
    return (
        f"caption pairs of the good sample: {plan['pairs']:,}, {plan['distinct']:,} distinct; "
        f"about {plan['tokens']:,} tokens, {plan['cost_usd']:.2f} USD"
    )


def main() -> int:
    """Prints what was measured; a missed target is told, not an error, since machines differ."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sys.stdout.write(f"{speed(folder)}\n{pairs(folder)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
