"""What the admin's lists say of submissions and entries, without drawing them."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from core.access.session import Door
from core.changes import placing, submitting
from core.changes.versions import NEW_VERSION, TAKEN_BACK
from core.model.entries import Job, Version
from core.model.state import EMPTY, made_state
from core.runs.records import JobFiles
from core.ui.admin import entries, rescore, submissions
from core.ui.admin.session import Context
from core.usecases.rescore import Preview
from tests.core.services_world import world
from tests.core.store_world import entry, submission
from tests.core.test_judge_changes import judgement


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """A board with one entry."""
    services = world(tmp_path)
    services.store.commit(submitting.submit(submission(1), "participant"))
    services.store.commit(submitting.add("submission-1", entry(1, entry_id="submission-1")))
    return Context(services, Door(services.settings), services.store.read(), "admin")


def test_where_the_scores_of_a_submission_are_is_said_in_words(context: Context) -> None:
    made = context.state.submissions["submission-1"]
    found = context.state.entries["submission-1"]

    def since(why: str) -> Context:
        old = Version(
            replaced="2026-02-01", why=why, submission_id="submission-1", metrics=found.metrics
        )
        newer = msgspec.structs.replace(found, submission_id="submission-2", history=(old,))
        return replace(context, state=made_state(community=(newer,)))

    deleted = context.services.store.commit(placing.delete(found, "admin"))
    where = submissions._state
    assert where(context, made) == "on a board"
    assert where(replace(context, state=deleted), made) == "in the trash"
    assert where(since(NEW_VERSION), made) == "older version"
    assert where(since(TAKEN_BACK), made) == "taken back"
    assert where(replace(context, state=EMPTY), made) == "no longer on a board"
    assert where(context, submission(2, state="released")) != "no longer on a board"


def test_a_job_of_an_erased_submission_is_not_listed(context: Context) -> None:
    files = JobFiles(context.services.settings.root)
    for number in (1, 2):
        files.create(
            Job(
                job_id=f"job-{number:018}",
                kind="evaluation",
                submission_id=f"submission-{number}",
                state="completed",
                created="2026-11-24T12:00:00Z",
            )
        )
    (run,) = submissions.runs(context)
    assert run.job is not None
    assert run.job.submission_id == "submission-1"


def test_a_hidden_entry_has_its_tries(context: Context) -> None:
    hidden = msgspec.structs.replace(context.state.entries["submission-1"], hidden=True)
    assert entries._line(context, None, hidden).tries == "1 try"


def test_held_grades_are_named_before_those_that_count(context: Context) -> None:
    found = context.state.entries["submission-1"]
    judged = msgspec.structs.replace(found, judge=judgement())
    assert entries._judge(context, found) == "not judged"
    assert entries._judge(context, judged) == "judged"
    assert entries._judge(context, msgspec.structs.replace(judged, held=judgement())) == "held"


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        (
            {"scorer_version": "1", "ground_truth_sha256": "b" * 64},
            [
                ("Ground truth (SHA-256)", "a" * 16, "b" * 16),
            ],
        ),
        (
            {"scorer_version": "2", "ground_truth_sha256": "a" * 64},
            [("Scorer version", "1", "2")],
        ),
    ],
    ids=["another truth", "another scorer"],
)
def test_a_re_scoring_says_what_the_scores_are_made_with_now(
    scores: dict[str, str], told: list[tuple[str, str, str]]
) -> None:
    found = entry(1, scorer_version="1", ground_truth_sha256="a" * 64)
    preview = Preview("community", found, scores, {}, 1, 2)
    same = ("Metrics", "as they are", "the same")
    assert list(rescore.lines(preview)) == [("Rank", "1", "2"), *told, same]
