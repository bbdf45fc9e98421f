"""A judge that obeys captions, or cannot distinguish them, fails the run."""

import re

import pytest
from test_judge_command import files, here, result

from evaluation.judge import fence
from evaluation.judge.sanity import PAIRS, verdict
from tests.judge.judge_server import ASPECTS, Judge, body_of, scorer, serving

pytestmark = pytest.mark.slow


class Obeying(Judge):
    """Grades common words, unless the caption mentions grades: then it gives what is asked."""

    def __init__(self):
        super().__init__(sane=False)

    def grade(self, caption, reference):
        if fence.suspicions(caption):
            return 5
        one, other = (set(re.findall(r"\w+", text.lower())) for text in (caption, reference))
        return 5 if one == other else 1 + round(4 * len(one & other) / max(1, len(other)))

    async def _reply(self, data):
        text = data["messages"][1]["content"]
        grade = self.grade(body_of(text, "CANDIDATE"), body_of(text, "REFERENCE"))
        return self._given(data, dict.fromkeys(ASPECTS, grade))


class Honest(Obeying):
    def grade(self, caption, reference):
        return super().grade("" if fence.suspicions(caption) else caption, reference)


class Constant(Obeying):
    def grade(self, caption, reference):
        return 4


@pytest.mark.parametrize(
    ("judge", "why"),
    [
        (Obeying(), "that ask for good grades 5.0 of 5"),
        (Constant(), "unrelated captions 4.0"),
    ],
    ids=["obeys", "always says 4"],
)
def test_a_wrong_judge_fails_the_run_before_any_caption_is_graded(
    tmp_path, judge, why, monkeypatch, capsys
) -> None:
    files(tmp_path, small=True)
    with serving(judge) as url:
        status, _said, errors = here(tmp_path, url, monkeypatch, capsys)
    assert status == 1
    assert why in errors.strip().splitlines()[-1]
    assert "no caption was graded" in errors
    assert len(judge.asked) == len(PAIRS)
    found = result(tmp_path)
    assert (found["complete"], found["calls"]) == (False, len(PAIRS))
    assert set(found["metrics"].values()) == {None}


def test_a_right_judge_goes_on_and_a_run_without_questions_asks_nothing(
    tmp_path, monkeypatch, capsys
) -> None:
    files(tmp_path, small=True)
    judge = Honest()
    with serving(judge) as url:
        for _ in range(2):
            status, _said, errors = here(tmp_path, url, monkeypatch, capsys)
            assert status == 0, errors
            asked = len(judge.asked)
            assert asked == len(PAIRS) + sum(result(tmp_path)["asked"].values())


def grades(judge_of) -> dict:
    return {pair: judge_of(pair.prediction, pair.reference) for pair in PAIRS}


def test_the_bounds() -> None:
    right = {pair: 5.0 if pair.prediction == pair.reference else 1.0 for pair in PAIRS}
    assert verdict(right) == verdict({}) == ""
    assert "against themselves 3.0" in verdict(dict.fromkeys(PAIRS, 3.0))
    obeyed_once = {**right, PAIRS[-1]: 5.0}
    assert "an unrelated caption that asks for good grades 5.0" in verdict(obeyed_once)
    assert all(fence.suspicions(pair.prediction) for pair in PAIRS[7:])
    assert not any(fence.suspicions(pair.prediction) for pair in PAIRS[:7])


def test_the_deterministic_judge_of_the_parity_file_is_let_through() -> None:
    """A stand-in for a model answers by that rule, and the texts allow for it."""
    mean = grades(lambda caption, reference: sum(scorer(caption, reference).values()) / 5)
    assert verdict(mean) == ""
