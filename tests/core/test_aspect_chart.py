"""The chart of a judge run's aspects: which marks, in which colours and shapes."""

from core.benchmark import JUDGE_ASPECTS, JUDGE_KEYS, METRIC_BY_KEY
from core.model.entries import Judgement
from core.publish.aspect_chart import aspect_chart

FIRST, *_REST = JUDGE_ASPECTS


def judged(**aspects: dict[str, float]) -> Judgement:
    return Judgement(run_id="r", date="2026-01-02", model="m", metrics={}, aspects=aspects)


def test_each_mean_is_a_mark_and_a_metric_keeps_its_colour_and_shape() -> None:
    whole = aspect_chart(judged(**{key: dict.fromkeys(JUDGE_ASPECTS, 2.5) for key in JUDGE_KEYS}))
    some = aspect_chart(judged(rc_llm={FIRST: 4.0}, unknown={FIRST: 1.0}))
    assert whole is not None
    assert some is not None
    (marks,), (few,) = whole["layer"], some["layer"]
    assert len(marks["data"]["values"]) == len(JUDGE_KEYS) * len(JUDGE_ASPECTS)
    assert few["data"]["values"] == [
        {"metric": METRIC_BY_KEY["rc_llm"].name, "aspect": JUDGE_ASPECTS[FIRST], "value": 4.0}
    ]
    for channel in ("color", "shape"):
        all_of, one = (each["encoding"][channel]["scale"] for each in (marks, few))
        at = all_of["domain"].index(METRIC_BY_KEY["rc_llm"].name)
        assert (one["domain"], one["range"]) == ([all_of["domain"][at]], [all_of["range"][at]])
        assert len(set(all_of["range"])) == len(JUDGE_KEYS)
    assert marks["encoding"]["x"]["scale"]["domain"] == [1, 5]


def test_without_a_mean_there_is_no_chart() -> None:
    assert aspect_chart(judged()) is None
    assert aspect_chart(judged(vs_llm={})) is None
