"""Agreement of two runs, computed by hand, and the command that prints it."""

import json
import math

import msgspec
import pytest

from core.benchmark import JUDGE_ASPECTS
from core.publish import agreement as judge_agreement
from evaluation.judge.__main__ import main
from evaluation.judge.agree import agreement, by_task
from evaluation.judge.scores import Score


def test_by_hand() -> None:
    # Differences 0, 1, 0, -2: their squares mean 1.25. Ranks (1, 2, 3, 4) and (1, 2.5, 4, 2.5).
    found = agreement([1, 2, 4, 5], [1, 3, 4, 3])
    assert (found.n, found.mean_difference, found.exact, found.within_one) == (4, -0.25, 0.5, 0.75)
    assert found.kappa == pytest.approx(1 - 1.25 / _chance())
    assert found.spearman == pytest.approx(_spearman())


def _chance() -> float:
    a, b = [1, 2, 4, 5], [1, 3, 4, 3]
    return sum((x - y) ** 2 for x in a for y in b) / 16


def _spearman() -> float:
    a, b = [1, 2, 3, 4], [1, 2.5, 4, 2.5]
    cov = sum((x - 2.5) * (y - 2.5) for x, y in zip(a, b, strict=True))
    return cov / math.sqrt(5 * 4.5)


def test_the_same_run_twice_and_nothing() -> None:
    assert agreement([1, 3, 5], [1, 3, 5]).kappa == 1
    assert agreement([3, 3], [3, 3]).spearman is None
    assert agreement([], []).kappa is None


def score(pair, task, *values):
    return Score(pair, dict(zip(JUDGE_ASPECTS, values, strict=True)), "m", "1", "p", "t", task)


A = [score("1", "vs", 1, 2, 3, 4, 5), score("2", "rc", 3, 3, 3, 3, 3), score("3", "vs", *[1] * 5)]
B = [score("1", "vs", 2, 2, 3, 4, 2), score("2", "rc", 3, 3, 3, 3, 3), score("4", "vs", *[5] * 5)]


def test_only_pairs_of_both_runs_count_each_in_its_task() -> None:
    found = by_task({one.pair: one for one in A}, {one.pair: one for one in B})
    assert list(found) == ["vs", "rc", "all"]
    assert (found["vs"].n, found["vs"].mean_difference, found["vs"].exact) == (5, -0.4, 0.6)
    assert found["rc"].exact == 1
    assert found["rc"].kappa is None
    assert found["all"].n == 10


def write(path, scores):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in scores) + b'{"torn')
    return path


def test_the_command_prints_a_table_and_writes_it(tmp_path, capsys) -> None:
    write(tmp_path / "a" / "scores.jsonl", A)
    b = write(tmp_path / "b.jsonl", B)
    told = tmp_path / judge_agreement.FILE
    status = main(["agree", str(tmp_path / "a"), str(b), "--json", str(told)])
    assert status == 0
    said = capsys.readouterr().out
    assert "-0.40     60.0%     80.0%" in said
    assert "—" in said
    found = json.loads(told.read_text())
    assert found["pairs_in_both"] == 2
    assert found["tasks"]["rc"]["kappa"] is None
    assert found["a"] == {"models": ["m"], "rubrics": ["1"], "pairs": 3}
    shown = judge_agreement.read(tmp_path)  # as on the About page
    assert shown is not None
    assert (shown.a.text, shown.pairs_in_both, shown.tasks["vs"].exact) == ("m (rubric 1)", 2, 0.6)


def test_two_runs_without_a_common_pair_are_refused(tmp_path, capsys) -> None:
    a, b = write(tmp_path / "a.jsonl", A[:1]), write(tmp_path / "b.jsonl", B[1:])
    assert main(["agree", str(a), str(b)]) == 1
    assert "no pair in common" in capsys.readouterr().err
    assert main(["agree", str(a), str(tmp_path / "missing")]) == 1
    assert "scores.jsonl" in capsys.readouterr().err
