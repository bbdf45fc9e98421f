"""Reading and writing board rows, including those of the older application."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark import JUDGE_KEYS, METRIC_KEYS
from core.errors import EntryError
from core.model.entries import Declared, Entry, Job, entry_from_row, entry_to_row, rounded
from tests.core.store_world import entry, old_rows

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def row(**changes: Any) -> dict[str, Any]:
    return {"model_name": "Falke", **changes}


def test_a_row_of_the_older_application_is_read_as_it_is() -> None:
    community, official = old_rows()
    found = entry_from_row(community[0], "community")
    assert found.model_name == "Grüner Falke 7B"
    assert found.metrics["cvs_acc"] == 0.813
    assert found.metrics["sa_acc"] is None
    assert [found.metrics[key] for key in JUDGE_KEYS] == [None] * 3
    assert not found.judged
    assert found.status == "self_reported"
    assert found.contact == "falke@example.org"
    assert found.extra == {}

    half = entry_from_row(community[1], "community")
    assert half.organization == "Lab"
    assert entry_from_row(row(), "community").organization == ""
    assert set(half.metrics) == set(METRIC_KEYS)
    assert half.extra == {"badge": {"colour": "red"}}

    verified = entry_from_row(official[0], "official")
    assert verified.status == "api_verified"
    assert verified.judged


def test_old_rows_without_an_id_get_the_same_one_every_time() -> None:
    first = entry_from_row(row(), "community").entry_id
    assert first == entry_from_row(row(cvs_acc=0.5), "community").entry_id
    assert first != entry_from_row(row(), "official").entry_id
    assert first != entry_from_row(row(model_name="Adler"), "community").entry_id


def test_one_caption_score_of_zero_is_a_score() -> None:
    found = entry_from_row(row(dvc_llm=0.0, vs_llm=0.0, rc_llm=2.5), "community")
    assert [found.metrics[key] for key in JUDGE_KEYS] == [0.0, 0.0, 2.5]


@pytest.mark.parametrize("value", [None, "", "N/A", "-", "—", math.nan])
def test_what_older_files_write_for_a_missing_value(value: Any) -> None:
    assert entry_from_row(row(cvs_acc=value), "community").metrics["cvs_acc"] is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"model_name": "  "}, "no model_name", id="blank name"),
        pytest.param({"model_name": 7}, "no model_name", id="name is a number"),
        pytest.param({"cvs_acc": "good"}, "cvs_acc must be a number", id="text"),
        pytest.param({"cvs_acc": True}, "cvs_acc must be a number", id="boolean"),
        pytest.param({"cvs_acc": [0.5]}, "cvs_acc must be a number", id="list"),
        pytest.param({"cvs_acc": math.inf}, "cvs_acc must be finite", id="infinite"),
        pytest.param({"cvs_acc": 10**400}, "cvs_acc must be finite", id="huge"),
        pytest.param({"date": 20260131}, "date", id="date is a number"),
        pytest.param({"declared": "all"}, "declared", id="declared is text"),
    ],
)
def test_a_row_of_a_wrong_form_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(EntryError, match=message) as raised:
        entry_from_row(row(**changes), "community")
    assert len(str(raised.value)) < 400


def test_a_long_name_does_not_fill_the_error() -> None:
    with pytest.raises(EntryError) as raised:
        entry_from_row(row(model_name="x" * 5000, cvs_acc="y" * 5000), "community")
    assert len(str(raised.value)) < 400


def test_a_row_starts_with_what_a_human_looks_for() -> None:
    made = entry_to_row(entry(1), rank=3)
    assert list(made)[:3] == ["rank", "model_name", "organization"]
    assert list(made)[3 : 3 + len(METRIC_KEYS)] == list(METRIC_KEYS)
    assert made["rank"] == 3
    assert "average" not in made


def test_unknown_keys_never_hide_known_ones() -> None:
    made = entry_to_row(entry(1, extra={"model_name": "other", "rank": 0, "note": "n"}), rank=3)
    assert (made["model_name"], made["rank"], made["note"]) == ("Model 1", 3, "n")


@given(
    st.dictionaries(st.text(), JSON_VALUES, max_size=4),
    st.fixed_dictionaries(
        dict.fromkeys(METRIC_KEYS, st.none() | st.integers(1, 5000).map(lambda n: n / 1000))
    ),
    st.text(max_size=30),
)
def test_a_row_comes_back_as_it_went(
    unknown: dict[str, Any], values: dict[str, float | None], team: str
) -> None:
    fields = set(Entry.__struct_fields__) | set(METRIC_KEYS) | {"rank", "average", "average_rank"}
    extra = {key: value for key, value in unknown.items() if key not in fields}
    made = entry(
        1,
        metrics=values,
        declared=Declared(team=team, trained_on_sources="unknown"),
        contact="someone",
        extra=extra,
    )
    assert entry_from_row(entry_to_row(made, rank=1), "community") == made


@pytest.mark.parametrize(
    ("value", "published"), [(0.12345, 0.123), (0.0, 0.0), (math.nan, None), (None, None)]
)
def test_values_are_published_with_three_decimals(
    value: float | None, published: float | None
) -> None:
    assert rounded(value) == published


def test_a_job_is_done_in_its_terminal_states_only() -> None:
    states = ("queued", "running", "completed", "failed", "cancelled", "interrupted")
    jobs = [
        Job(job_id="j", kind="evaluation", submission_id="s", state=state, created="")
        for state in states
    ]
    assert [job.done for job in jobs] == [False, False, True, True, True, True]
