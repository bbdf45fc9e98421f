"""A blind grid of segments scores high without a model: held until an admin's review."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, METRIC_KEYS, SCORED_KEYS
from core.changes import submitting, surplus
from core.changes.undoing import undo
from core.changes.versions import as_version
from core.errors import RefusedError
from core.model.contracts.evaluation import Surplus
from core.model.entries import Entry, Job, Judgement
from core.model.state import made_state
from core.model.surplus import held, ignored, strict_shown, surplus_of, withheld
from core.publish import api
from core.publish.board.table import badges, missing_reason
from core.publish.moment import Moment
from core.publish.result import entry_result
from core.ranking.board import shown_board
from core.usecases import held_surplus
from core.usecases.services import Services
from tests.core.job_world import World

TAG = ("tag_miou_03", "tag_miou_05")
DAY = Moment("2026-11-26", "")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def grid(key: str = "tag_miou_03", answers: int = 90, largest: int = 1400, **fields: Any) -> Entry:
    """An entry with surplus answers for one metric, out of 100 records."""
    metrics = dict.fromkeys(SCORED_KEYS, 0.5) | dict.fromkeys(JUDGE_KEYS)
    values: dict[str, Any] = {
        "entry_id": "grid-entry-1",
        "model_name": "Grid",
        "organization": "Lab",
        "metrics": {**metrics, key: 0.81},
        "strict": {key: 0.001},
        "by_dataset": {key: {"AVOS": {"value": 0.81, "n": 100, "records": 100}}},
        "coverage": {key: {"records": 100, "answered": 100, "scored": 100}},
        "surplus": {key: {"answers": answers, "largest": largest}},
    }
    return Entry(**{**values, **fields})


def published(world: World, entry: Entry) -> tuple[Job, Entry]:
    job = world.submit(entry.model_name)
    made = msgspec.structs.replace(entry, entry_id=job.submission_id)
    world.store.commit(submitting.add(job.submission_id, made))
    return job, made


def test_a_held_value_is_on_no_board_in_no_rank_and_in_no_public_file_until_reviewed(
    world: World,
) -> None:
    published(
        world,
        grid(
            model_name="Honest", surplus={}, by_dataset={}, metrics=dict.fromkeys(METRIC_KEYS, 0.6)
        ),
    )
    published(world, grid())
    file = world.settings.root / "leaderboard.json"

    def seen() -> list[float | None]:
        state = world.store.read()
        found = [e for e in state.shown("community") if e.model_name == "Grid"]
        row = next(r for r in json.loads(file.read_text()) if r["model_name"] == "Grid")
        result = entry_result(state, next(e for e in state.community if e.model_name == "Grid"))
        board = shown_board(state, "community")
        at = [e.model_name for e in board.entries].index("Grid")
        rank = board.standings[at].metric_ranks["tag_miou_03"]
        values = [found[0].metrics["tag_miou_03"], row["tag_miou_03"]]
        strict = result.strict.get("tag_miou_03")
        told = api.model({"community": board}, board.entries[at].entry_id, DAY, {})
        assert told and told["strict"]["tag_miou_03"] == strict
        assert (strict is None) == (rank is None)
        return [*values, result.metrics["tag_miou_03"], rank]

    assert seen() == [None, None, None, None]
    assert "0.81" not in json.dumps(json.loads(file.read_text()))
    (waiting,) = held_surplus.waiting(world.store.read())
    assert waiting.metrics["tag_miou_03"] == 0.81  # the official value stays
    services = Services(world.settings, world.store, world.jobs)
    change_id = held_surplus.looked_at(services, waiting, "admin")
    assert seen() == [0.81, 0.81, 0.81, 1]
    assert held_surplus.waiting(world.store.read()) == []
    world.store.commit(undo(change_id, "admin"))
    assert seen() == [None, None, None, None]
    assert world.store.verify() == []
    with pytest.raises(RefusedError, match="answers are out of date"):
        other = msgspec.structs.replace(waiting, submission_id="another-upload-1")
        world.store.commit(surplus.seen(other, "admin"))


def test_a_new_version_is_held_again_and_the_held_one_stays_out_of_the_history() -> None:
    entry = grid()
    looked_at = msgspec.structs.replace(entry, surplus_seen=entry.upload_id)
    assert held(looked_at) == {}
    newer = msgspec.structs.replace(looked_at, submission_id="another-upload-1")
    assert set(held(newer)) == {"tag_miou_03"}
    assert as_version(newer, "new version", "2026-01-01").metrics["tag_miou_03"] is None
    assert as_version(looked_at, "new version", "2026-01-01").metrics["tag_miou_03"] == 0.81


@pytest.mark.parametrize(
    ("key", "answers", "largest", "expected"),
    [
        pytest.param("tag_miou_05", 1, 21, {"tag_miou_05"}, id="one answer with over 20"),
        pytest.param("tag_miou_05", 6, 2, {"tag_miou_05"}, id="two guesses in many answers"),
        pytest.param("tag_miou_05", 5, 3, set(), id="now and then one too many"),
        pytest.param("dvc_f1", 90, 1400, {"dvc_llm"}, id="captions of the best segments"),
        pytest.param("stg_miou", 90, 1400, set(), id="boxes of other times change nothing"),
        pytest.param("tag_miou_05", 0, 0, set(), id="none"),
    ],
)
def test_what_ignores_many_surplus_segments_is_held(
    key: str, answers: int, largest: int, expected: set[str]
) -> None:
    entry = grid(key, answers, largest)
    assert set(held(entry)) == expected
    assert {k for k, v in withheld(entry).metrics.items() if v != entry.metrics[k]} == (
        expected & set(TAG)
    )
    assert set(strict_shown(withheld(entry))) == {key} - expected
    assert withheld(entry).strict == entry.strict  # board files of older versions stay valid
    assert surplus_of(entry, key) == (Surplus(answers, largest) if answers else None)


def test_grades_of_captions_of_surplus_segments_are_held_with_their_aspects() -> None:
    run = Judgement(run_id="run-1", date="2026-01-01", model="m", share={"dvc_llm": 1.0},
                    metrics={"dvc_llm": 4.5, "vs_llm": 3.0},
                    aspects={"dvc_llm": {"R1": 4.5}, "vs_llm": {"R1": 3.0}})  # fmt: skip
    entry = grid("dvc_f1", judge=run)
    entry = msgspec.structs.replace(entry, metrics={**entry.metrics, **run.metrics})
    shown = withheld(entry)
    assert shown.judge is not None
    assert (shown.metrics["dvc_llm"], shown.metrics["vs_llm"]) == (None, 3.0)
    assert shown.judge.metrics == {"dvc_llm": None, "vs_llm": 3.0}
    assert (shown.judge.aspects, shown.judge.share) == ({"vs_llm": {"R1": 3.0}}, {})


@pytest.mark.parametrize("damaged", [None, 5, {"answers": "9"}, {"answers": 9}, []])
def test_a_surplus_that_cannot_be_read_holds_nothing(damaged: object) -> None:
    assert ignored(grid(surplus={"tag_miou_03": damaged})) == {}


def test_readers_see_the_mark_and_why_there_is_no_value() -> None:
    entry = grid()
    state = made_state(community=[entry])
    (shown,) = state.shown("community")
    metric = METRIC_BY_KEY["tag_miou_03"]
    why = "90 answers have more segments or boxes than requested, up to 1,400"
    assert missing_reason(shown, metric) == (
        f"Held until the maintainers have reviewed the answers: {why}."
    )
    assert dict(badges(shown, demo=False))["surplus segments"].startswith(f"{why}. Held")
    (looked_at,) = made_state(
        community=[msgspec.structs.replace(entry, surplus_seen=entry.upload_id)]
    ).shown("community")
    assert dict(badges(looked_at, demo=False))["surplus segments"] == f"{why}."


def blind(number: int) -> str:
    """Segments of every length at every place, regardless of the question."""
    steps = range(0, 100, 4)
    return ", ".join(f"{a}-{a + n}.0" for a in steps for n in (2, 4, 8, 16, 32)) + f" ({number})"


@pytest.mark.slow
def test_a_blind_grid_is_scored_as_ever_marked_and_held_by_the_run_itself(world: World) -> None:
    answers = [
        {**one, "prediction": blind(number)} if one["qa_type"] == "tal" else one
        for number, one in enumerate(world.predictions)
    ]
    job = world.submit("Blind", answers)
    world.jobs.start_waiting()
    assert world.finish(job).state == "completed"
    (entry,) = world.store.read().community
    found = surplus_of(entry, "tag_miou_03")
    assert found is not None
    assert found.answers == sum(one["qa_type"] == "tal" for one in answers)
    assert found.largest > 100
    assert entry.metrics["tag_miou_03"] and entry.strict["tag_miou_03"] is not None
    assert entry.strict["tag_miou_03"] < entry.metrics["tag_miou_03"] / 10
    assert set(held(entry)) == set(TAG)
    (shown,) = world.store.read().shown("community")
    assert [shown.metrics[key] for key in TAG] == [None, None]
    assert shown.metrics["stg_miou"] == entry.metrics["stg_miou"]
