"""The ladder on disk: no order, no crash and no other machine lets two tries both reveal."""

import gzip
import shutil
import threading
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock
from services_world import world
from store_world import submission

from core.benchmark import METRIC_KEYS, SCORED_KEYS
from core.changes import admin_operations as acts
from core.changes import operations
from core.mirror.paths import to_fetch
from core.model.entries import Submission
from core.model.policy import Policy
from core.runs import ladder_files
from core.runs.evaluation_outcome import Outcome
from core.runs.ladder import SampleFile, SampleRow
from core.runs.records import result_files
from core.usecases.services import Services

KEY = "stg_miou"


@pytest.fixture
def place(tmp_path: Path) -> Services:
    made = world(tmp_path)
    made.store.commit(acts.set_policy(Policy(), Policy(ladder=True), "admin"))
    return made


def tried(place: Services, number: int, value: float) -> Outcome:
    """An evaluate-only submission with what its evaluation wrote; it is not decided yet."""
    when = f"2026-01-01T00:0{number}:00.000Z"
    made = submission(number, evaluate_only=True, submitter="browser-a", created=when)
    place.store.commit(operations.submit(made, "participant"))
    return written(place, number, value)


def written(place: Services, number: int, value: float) -> Outcome:
    files = result_files(place.settings.root, f"submission-{number}")
    files.folder.mkdir(parents=True)
    metrics = {key: value if key in SCORED_KEYS else None for key in METRIC_KEYS}
    found = Outcome(metrics=metrics, scorer_version="1", ground_truth_sha256="t",
                    predictions_sha256="p")  # fmt: skip
    files.evaluation.write_bytes(msgspec.json.encode(found))
    rows = [
        SampleRow(index, f"video {index % 7}", dict.fromkeys(SCORED_KEYS, value))
        for index in range(70)
    ]
    files.samples.write_bytes(gzip.compress(msgspec.json.encode(SampleFile("1", "t", rows))))
    return found


def made_of(place: Services, number: int) -> Submission:
    return place.store.read().submissions[f"submission-{number}"]


def decided(place: Services, number: int, found: Outcome, *, mirrored: bool = False) -> None:
    ladder_files.decide(
        place.settings.root, place.store, made_of(place, number), found, mirrored=mirrored
    )


def seen(place: Services, number: int) -> float | None:
    """What the owner sees of one metric."""
    root = place.settings.root
    files = result_files(root, f"submission-{number}")
    own = ladder_files.outcome_of(root, f"submission-{number}")
    rungs = ladder_files.rungs_of(root, f"submission-{number}")
    assert own is not None and rungs is not None
    return ladder_files.shown(root, place.store.read(), files, own, rungs).metrics[KEY]


def test_of_two_at_once_the_second_sees_what_the_first_shows(place: Services) -> None:
    first, second = tried(place, 1, 0.500), tried(place, 2, 0.499)
    thread = threading.Thread(target=decided, args=(place, 2, second))
    with FileLock(place.settings.root / "ladder.lock"):
        thread.start()
        thread.join(0.3)
        assert made_of(place, 2).state == "open"  # it waits until the first is known
        ladder_files.hold(place.settings.root, place.store.read(), made_of(place, 1), first)
        place.store.commit(operations.evaluated("submission-1"))
    thread.join()
    assert made_of(place, 2).state == "evaluated"
    assert (seen(place, 1), seen(place, 2)) == (0.500, 0.500)


@pytest.mark.parametrize("value", [0.4, 0.9])
def test_without_an_earlier_result_nothing_new_is_revealed(place: Services, value: float) -> None:
    """Better or worse: here nobody can tell, so neither is the difference."""
    decided(place, 1, tried(place, 1, 0.5))
    folder = result_files(place.settings.root, "submission-1").folder
    away = folder.rename(place.settings.root / "away")
    decided(place, 2, tried(place, 2, value))
    assert seen(place, 2) is None
    shutil.move(away, folder)  # as the mirror brings it
    assert seen(place, 2) == 0.5
    decided(place, 3, tried(place, 3, 0.95))
    assert seen(place, 3) == 0.95


def test_a_missing_result_keeps_the_best_that_is_known(place: Services) -> None:
    decided(place, 1, tried(place, 1, 0.5))
    decided(place, 2, tried(place, 2, 0.3))
    shutil.rmtree(result_files(place.settings.root, "submission-2").folder)
    decided(place, 3, tried(place, 3, 0.9))
    assert seen(place, 3) == 0.5


def test_what_an_earlier_try_held_back_does_not_show_through_a_later_one(place: Services) -> None:
    decided(place, 1, tried(place, 1, 0.5))
    decided(place, 2, tried(place, 2, 0.3))
    for number in (1, 2):
        result_files(place.settings.root, f"submission-{number}").folder.rename(
            place.settings.root / f"away-{number}"
        )
    decided(place, 3, tried(place, 3, 0.9))
    for number in (2, 1):
        assert seen(place, 3) is None
        away = place.settings.root / f"away-{number}"
        away.rename(result_files(place.settings.root, f"submission-{number}").folder)
    assert seen(place, 3) == 0.5


def test_tries_that_name_each_other_show_nothing(place: Services) -> None:
    for number, other in ((1, 2), (2, 1)):
        tried(place, number, 0.5)
        told = ladder_files.Ladder(1, {KEY: f"submission-{other}"})
        files = result_files(place.settings.root, f"submission-{number}")
        files.ladder.write_bytes(msgspec.json.encode(told))
        place.store.commit(operations.evaluated(f"submission-{number}"))
    assert (seen(place, 1), seen(place, 2)) == (None, None)


@pytest.mark.parametrize(
    ("mirrored", "here", "shows"),
    [
        pytest.param(False, False, 0.9, id="every job is of this folder"),
        pytest.param(True, True, 0.9, id="it runs in this folder and comes after"),
        pytest.param(True, False, None, id="it may be running in another folder"),
    ],
)
def test_an_earlier_try_that_is_still_open(
    place: Services, mirrored: bool, here: bool, shows: float | None
) -> None:
    tried(place, 1, 0.5)
    if here:
        place.jobs.enqueue("evaluation", "submission-1")
    decided(place, 2, tried(place, 2, 0.9), mirrored=mirrored)
    assert seen(place, 2) == shows
    found = ladder_files.outcome_of(place.settings.root, "submission-1")
    assert found is not None
    decided(place, 1, found, mirrored=mirrored)
    # The earlier one never waits for a later one that is open, and compares with an ended one.
    assert seen(place, 1) == (0.9 if shows else 0.5)
    assert seen(place, 2) == (shows or 0.5)


def test_what_a_worker_needs_and_in_which_order_it_arrives(place: Services) -> None:
    decided(place, 1, tried(place, 1, 0.5))
    tried(place, 2, 0.6)
    state, root = place.store.read(), place.settings.root
    assert ladder_files.needed(root, state, made_of(place, 2)) == []
    shutil.rmtree(result_files(root, "submission-1").folder)
    paths = ladder_files.needed(root, state, made_of(place, 2))
    names = ["ladder.json", "evaluation.json", "samples.json.gz"]
    assert paths == [f"results/submission-1/{name}" for name in names]
    assert to_fetch(dict.fromkeys(sorted(paths), ""), ())[0] == paths[0]
    place.store.commit(acts.set_policy(Policy(ladder=True), Policy(), "admin"))
    assert ladder_files.needed(root, place.store.read(), made_of(place, 2)) == []
