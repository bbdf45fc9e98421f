"""The judge's noise: estimated from models graded twice, included in caption intervals."""

import math
from pathlib import Path
from statistics import variance

import msgspec
import numpy as np
import pytest

from core.benchmark import METRIC_KEYS
from core.model.contracts.samples import SampleRow
from core.model.entries import Entry, Job, Judgement
from core.ranking.columns import scored_columns
from core.ranking.figures import figures
from core.ranking.judge_noise import JudgeNoise, pooled, with_noise
from core.runs.records import JobFiles
from core.runs.statistics.judges import noise_of
from tests.core.store_world import entry


def test_the_variance_between_runs_is_pooled_over_models() -> None:
    runs = [[3.0, 3.4], [4.0], [2.0, 2.1, 2.5], []]
    found = pooled(runs)
    assert found is not None
    assert found.variance == pytest.approx(
        (variance([3.0, 3.4]) + 2 * variance([2.0, 2.1, 2.5])) / 3
    )
    assert (found.freedom, found.models) == (3, 2)
    assert pooled([[3.0], []]) is None


def test_noise_adds_to_the_variance_with_satterthwaite_s_degrees_of_freedom() -> None:
    from scipy import stats  # half a second in every worker, of which one runs this test

    luck = np.random.default_rng(1).random(80)
    rows = [
        SampleRow(n, "stg", "AVOS", f"v{n // 4}", {"stg_miou": float(one)}, None, {})
        for n, one in enumerate(luck)
    ]
    board = np.full((1, len(METRIC_KEYS)), np.nan)
    board[0, METRIC_KEYS.index("stg_miou")] = round(float(luck.mean()), 3)
    plain = figures([scored_columns(rows)], board, seed=0, draws=10).metrics["stg_miou"]
    noise = JudgeNoise(float(plain.error[0]) ** 2, 4, 2)  # as large as that of the recordings
    found = with_noise(plain, noise)
    assert found.error[0] == pytest.approx(plain.error[0] * math.sqrt(2))
    assert found.freedom[0] == pytest.approx(4 / (1 / plain.freedom[0] + 1 / 4))
    value = found.value[0]
    half = stats.t.ppf(0.975, found.freedom[0]) * found.error[0] / (value * (1 - value))
    logit = math.log(value / (1 - value))
    ends = [1 / (1 + math.exp(-end)) for end in (logit - half, logit + half)]
    assert [found.low[0], found.high[0]] == pytest.approx(ends)


def judged(root: Path, number: int, *runs: tuple[str, float, str]) -> Entry:
    """An entry graded by these runs, the last one current: model, VS_llm, submission."""
    made = []
    for place, (model, value, submission) in enumerate(runs):
        run_id = f"run-{number}-{place}-0123456789ab"
        made.append(
            Judgement(
                run_id=run_id,
                date="2026-01-02",
                model=model,
                metrics={"vs_llm": value},
                rubric_version="1",
            )
        )
        job = Job(
            job_id=run_id,
            kind="judge",
            submission_id=submission,
            state="completed",
            created="2026-01-02T03:04:05.678Z",
        )
        JobFiles(root).create(job)
    one = entry(number, judge=made[-1], judge_history=tuple(made[:-1]))
    return msgspec.structs.replace(one, submission_id=f"upload-{number}")


def test_only_other_gradings_of_the_same_answers_count(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    twice = judged(tmp_path, 1, ("a", 3.0, "upload-1"), ("b", 3.4, "upload-1"))
    cached = judged(tmp_path, 2, ("a", 3.0, "upload-2"), ("a", 3.0, "upload-2"))
    older = judged(tmp_path, 3, ("a", 2.0, "upload-old"), ("b", 4.0, "upload-3"))
    found = noise_of(tmp_path, [twice, cached, older])
    assert set(found) == {"vs_llm"}
    assert found["vs_llm"] == JudgeNoise(pytest.approx(variance([3.0, 3.4])), 1, 1)
    assert noise_of(tmp_path, [cached, older]) == {}
