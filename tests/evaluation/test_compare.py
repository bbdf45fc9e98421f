"""`evaluation.compare`: two models on a validation split, against scipy; refusals."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scipy import stats

from core.files.hashes import sha256
from evaluation.compare import main
from evaluation.paired import Comparison

Records = list[dict[str, Any]]
VIDEOS, EACH = 12, 3
# For each video, how many of its three questions the two models answer correctly.
RIGHT_A = (3, 3, 2, 3, 2, 3, 3, 1, 3, 2, 3, 3)
RIGHT_B = (1, 2, 1, 2, 2, 1, 0, 1, 2, 1, 2, 3)


def truth() -> Records:
    made = []
    for video in range(VIDEOS):
        for clip in range(EACH):
            name, begin = f"video{video:02}", clip * 100
            made.append(
                {
                    "id": f"{name}&&{begin}&&{begin + 50}&&1.0",
                    "qa_type": "next_action",
                    "data_source": "AVOS",
                    "metadata": {
                        "video_id": name,
                        "fps": "1.0",
                        "input_video_start_frame": str(begin),
                        "input_video_end_frame": str(begin + 50),
                    },
                    "struc_info": [{"next_action": "suturing"}],
                    "conversations": [
                        {"from": "human", "value": f"<video>\nQuestion {len(made)}"},
                        {"from": "gpt", "value": "suturing"},
                    ],
                }
            )
    return made


def answers(right: tuple[int, ...]) -> Records:
    return [
        {
            "id": record["id"],
            "qa_type": record["qa_type"],
            "prediction": "suturing" if index % EACH < right[index // EACH] else "cutting",
        }
        for index, record in enumerate(truth())
    ]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """a.json, b.json, truth.json."""
    content = {"a": answers(RIGHT_A), "b": answers(RIGHT_B), "truth": truth()}
    for name, records in content.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(records))
    return {name: str(tmp_path / f"{name}.json") for name in content}


def run(files: dict[str, str], *more: str, a: str = "a", b: str = "b") -> int:
    given = [files.get(a, a), files.get(b, b), "--ground-truth", files["truth"], *more]
    return main(given)


def test_with_videos_of_one_size_it_is_the_paired_t_test_over_videos(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files, "--json", str(tmp_path / "out.json")) == 0
    found = msgspec.json.decode((tmp_path / "out.json").read_bytes(), type=Comparison)
    (metric,) = found.metrics.values()
    shares = [[right / EACH for right in model] for model in (RIGHT_A, RIGHT_B)]
    expected = stats.ttest_rel(*shares)
    assert metric.p == pytest.approx(expected.pvalue)
    assert metric.interval == pytest.approx(tuple(expected.confidence_interval()))
    assert metric.difference == pytest.approx((sum(RIGHT_A) - sum(RIGHT_B)) / (VIDEOS * EACH))
    gaps = [a - b for a, b in zip(RIGHT_A, RIGHT_B, strict=True)]
    assert (metric.wins, metric.losses) == (sum(gap for gap in gaps if gap > 0), 0)
    assert metric.ties == VIDEOS * EACH - sum(gaps)
    assert (metric.verdict, metric.units) == ("better", VIDEOS)
    said = capsys.readouterr()
    assert "A is better on 1 metric." in said.out
    assert said.err == ""


def test_a_model_against_itself_is_not_distinguishable(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files, b="a") == 0
    assert "No difference between A and B is distinguishable" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("a", "more", "said"),
    [
        ("missing.json", [], "missing.json cannot be read: No such file or directory."),
        ("truth", [], "truth.json"),
        ("a", ["--tasks", "tal"], "a.json and b.json have no task in common"),
        ("a", ["--judge", "nowhere", "nowhere"], "nowhere: not the folder of a judge run."),
    ],
)
def test_each_error_is_one_line(
    files: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    a: str,
    more: list[str],
    said: str,
) -> None:
    assert run(files, *more, a=a) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(said)
    assert printed.err.count("\n") == 1


def test_too_few_recordings_give_no_interval(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    few = [record for record in truth() if record["metadata"]["video_id"] < "video05"]
    for name, records in {"truth": few, "a": answers(RIGHT_A)[: len(few)]}.items():
        Path(files[name]).write_text(json.dumps(records))
    Path(files["b"]).write_text(json.dumps(answers(RIGHT_B)[: len(few)]))
    assert run(files) == 0
    assert "NAP_acc: No interval" in capsys.readouterr().out


def judge_run(folder: Path, files: dict[str, str], model: str, grade: int) -> None:
    """A finished judge run: one caption of each of 8 videos, all graded alike except the first."""
    folder.mkdir()
    result = {
        "complete": True,
        "state": "complete",
        "metrics": {"dvc_llm": None, "vs_llm": grade - 0.125, "rc_llm": None},
        "aspects": {},
        "share": {},
        "calls": 8,
        "cost_usd": 0.0,
        "model": "j",
        "models_named": ["j"],
        "rubric_version": "1",
        "prompt_hash": {},
        "date": "2026-01-02",
        "predictions_sha256": sha256(Path(files[model])),
        "ground_truth_sha256": sha256(Path(files["truth"])),
    }
    grades = [grade - 1, *[grade] * 7]
    scores = [{"pair": f"{model}{n}", "scores": {"R2": one}} for n, one in enumerate(grades)]
    records = [
        {
            "index": n,
            "task": "vs",
            "dataset": "AVOS",
            "video": f"v{n}",
            "uses": [(f"{model}{n}", None)],
        }
        for n in range(8)
    ]
    (folder / "judge.json").write_text(json.dumps(result))
    (folder / "scores.jsonl").write_text("\n".join(map(json.dumps, scores)))
    (folder / "records.jsonl").write_text("\n".join(map(json.dumps, records)))


def test_captions_are_compared_where_both_were_judged(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model, grade in (("a", 4), ("b", 3)):
        judge_run(tmp_path / model, files, model, grade)
    judge = ["--judge", str(tmp_path / "a"), str(tmp_path / "b")]
    assert run(files, *judge) == 0
    assert "VS_llm   3.875  2.875  +1.000" in capsys.readouterr().out
    assert run(files, *judge[:1], *judge[:0:-1]) == 1
    assert "the judge run is of other files than a.json" in capsys.readouterr().err
