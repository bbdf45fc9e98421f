"""Ladder mode shows a new value only when it is significantly better."""

import gzip
import random
from pathlib import Path

import pytest

from core.runs import ladder_files
from core.runs.ladder import SampleFile, SampleRow, better, climb, significant, t_quantile
from core.runs.records import result_files

KEY = "stg_miou"


def scores(values: list[float | None], per_video: int = 2, truth: str = "t") -> SampleFile:
    rows = [
        SampleRow(index, f"video {index // per_video}", {KEY: value})
        for index, value in enumerate(values)
    ]
    return SampleFile("1", truth, rows)


@pytest.mark.parametrize(
    ("freedom", "table"),
    [(1, 6.314), (2, 2.920), (3, 2.353), (5, 2.015), (10, 1.812), (30, 1.697), (1000, 1.646)],
)
def test_the_quantile_agrees_with_the_table(freedom: int, table: float) -> None:
    assert t_quantile(freedom) == pytest.approx(table, rel=0.005)


def test_a_clear_gain_climbs_and_a_lucky_one_does_not() -> None:
    draw = random.Random(7)
    old = [draw.random() for _ in range(200)]
    noise = [min(1.0, max(0.0, value + draw.gauss(0, 0.3))) for value in old]
    lucky = [n if n > o or draw.random() < 0.9 else o for n, o in zip(noise, old, strict=True)]
    clear = [min(1.0, value + 0.05 + draw.gauss(0, 0.02)) for value in old]
    assert sum(lucky) > sum(old)
    assert not better(scores(lucky), scores(old), KEY)
    assert better(scores(clear), scores(old), KEY)
    assert not better(scores(old), scores(clear), KEY)
    assert not better(scores(old), scores(old), KEY)


def test_many_noisy_tries_climb_hardly_ever() -> None:
    """What a probing attacker gets: without the ladder the best of 50 looks 0.04 better."""
    draw = random.Random(1)
    old = [float(draw.random() < 0.5) for _ in range(400)]
    tries = [[float(draw.random() < 0.5) for _ in old] for _ in range(50)]
    assert sum(better(scores(one, 1), scores(old, 1), KEY) for one in tries) <= 6


def test_leaving_out_hard_records_does_not_climb() -> None:
    old: list[float | None] = [0.9, 0.1] * 30
    easy_only: list[float | None] = [0.95, None] * 30
    assert not better(scores(easy_only), scores(old), KEY)


def test_one_video_proves_nothing_and_records_of_it_are_no_evidence_each() -> None:
    assert not better(scores([1.0] * 50, per_video=50), scores([0.0] * 50, per_video=50), KEY)
    assert not significant([0.1])
    assert not significant([])
    assert significant([0.1, 0.1])


WHOLE = gzip.compress(b'{"scorer_version":"1","ground_truth_sha256":"t","samples":[]}' * 500)


@pytest.mark.parametrize(
    "damaged",
    [
        WHOLE[:20] + b"\xff" * 10 + WHOLE[30:],
        WHOLE[: len(WHOLE) // 2],
        WHOLE[5:],
        WHOLE[:-8] + bytes(8),
        gzip.compress(b'{"scorer_version":"\xff"}'),
        gzip.compress(b"[" * 100_000),
        b"",
    ],
    ids=["flipped", "cut off", "beheaded", "checksum", "no UTF-8", "too deep", "empty"],
)
def test_damaged_sample_scores_are_none_and_no_crash(tmp_path: Path, damaged: bytes) -> None:
    files = result_files(tmp_path, "submission-1")
    files.folder.mkdir(parents=True)
    files.samples.write_bytes(damaged)
    assert ladder_files.samples(tmp_path, "submission-1") is None


@pytest.mark.parametrize("damaged", [b'{"schema":1,"rungs":{"stg_miou":"\xff"}}', b"{", b"\xff"])
def test_a_damaged_ladder_shows_nothing(tmp_path: Path, damaged: bytes) -> None:
    files = result_files(tmp_path, "submission-1")
    files.folder.mkdir(parents=True)
    files.ladder.write_bytes(damaged)
    assert ladder_files.rungs_of(tmp_path, "submission-1") == {}


def test_rungs_name_the_submission_whose_value_is_shown() -> None:
    old, new = scores([0.5, 0.6] * 20), scores([0.5, 0.59] * 20)
    metrics = {KEY: 0.545, "nap_acc": None}
    assert climb({}, "b", metrics, new, {}) == {KEY: "b"}
    assert climb({KEY: "a"}, "b", metrics, new, {"a": old}) == {KEY: "a"}
    assert climb({KEY: "a"}, "b", metrics, new, {}) == {KEY: "b"}
    other = scores([0.5, 0.6] * 20, truth="another")
    assert climb({KEY: "a"}, "b", metrics, new, {"a": other}) == {KEY: "b"}
