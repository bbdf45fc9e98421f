"""Scoring entries again from their kept uploads: which are stale, what would change, apply.

A re-scoring is a job of kind "rescore"; it publishes nothing. Its result is kept beside the
entry's until it is applied, by one change per entry that can be undone. Caption scores
stay: grading them again takes a judge run.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from core.benchmark import SCORED_KEYS, SCORER_VERSION
from core.changes import auditing, rescoring
from core.changes.act import At, Change
from core.changes.acts import canonical
from core.changes.versions import stale_reason
from core.errors import MedVidBenchError, PartlyDoneError, RefusedError
from core.files import atomic
from core.files.hashes import cached_sha256
from core.files.ids import is_id
from core.model.contracts.evaluation import Results
from core.model.entries import BOARD_NAMES, BoardName, Entry, Job, rounded
from core.model.state import State
from core.publish.cells import stored_cells
from core.ranking.board import shown_board
from core.ranking.what_if import RankOf, ranks_with
from core.runs.evaluation.outcome import read_if_whole
from core.runs.records import ResultFiles, result_files
from core.usecases.services import Services

FIELD: Final = "entries"


@dataclass(frozen=True, slots=True)
class Stale:
    """An entry whose scores are from another scorer or truth. `blocked`: why it cannot be
    scored again, "" if it can; `job`: its latest re-scoring, if any."""

    board: BoardName
    entry: Entry
    reason: str
    blocked: str
    job: Job | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The effect of applying a re-scoring: `changes` maps a metric to before and after.

    Ranks are on the entry's board with all previewed entries applied; None if hidden.
    """

    board: BoardName
    entry: Entry
    scores: dict[str, Any]
    changes: dict[str, tuple[float | None, float | None]]
    rank_before: int | None
    rank_after: int | None


def truth_sha256(services: Services) -> str | None:
    """The digest of the current ground truth; None if there is none here."""
    return cached_sha256(services.settings.truth_path)


def stale_entries(services: Services) -> list[Stale]:
    """All stale entries, the Official board's first, in order of arrival."""
    state, truth = services.store.read(), truth_sha256(services)
    jobs = _latest(services)
    return [
        Stale(board, entry, reason, _blocked(services, state, entry), jobs.get(entry.upload_id))
        for board in reversed(BOARD_NAMES)
        for entry in state.board(board)
        if (reason := stale_reason(entry, truth))
    ]


def start(services: Services, entry_ids: Collection[str], actor: str) -> list[Job]:
    """Queue a re-scoring for each entry, unless one is already queued or running.

    Raises RefusedError, with nothing queued, if an entry cannot be scored again.
    """
    state, jobs = services.store.read(), _latest(services)
    found = [_entry(state, entry_id) for entry_id in entry_ids]
    blocked = [
        f"{e.model_name}: {problem}" for _b, e in found if (problem := _blocked(services, state, e))
    ]
    if blocked:
        raise RefusedError({FIELD: " ".join(blocked)})
    queued = []
    for _board, entry in found:
        job = jobs.get(entry.upload_id)
        if job is None or job.done:
            job = services.jobs.enqueue("rescore", entry.upload_id)
            services.store.commit(
                auditing.acted("re-score", entry.model_name, actor, job=job.job_id)
            )
        queued.append(job)
    return queued


def previews(services: Services, entry_ids: Iterable[str]) -> list[Preview]:
    """The changes to entries whose re-scoring is complete; others are left out."""
    state, truth = services.store.read(), truth_sha256(services)
    ready = []
    for board, entry in (_entry(state, entry_id) for entry_id in entry_ids):
        found = _outcome(services, entry)
        if found is not None and _of_today(found, truth):
            ready.append((board, entry, scores_of(entry, found)))
    return compare(state, ready)


def compare(
    state: State, chosen: Sequence[tuple[BoardName, Entry, dict[str, Any]]]
) -> list[Preview]:
    """Scores and ranks before and after, with all chosen entries' new scores together. Pure."""
    before: dict[str, RankOf] = {}
    after: dict[str, RankOf] = {}
    for board in BOARD_NAMES:
        ranked = shown_board(state, board)
        shown = [one for one in chosen if one[0] == board and not one[1].hidden]
        before |= ranks_with(ranked, [entry for _board, entry, _scores in shown])
        new = [msgspec.structs.replace(entry, **scores) for _board, entry, scores in shown]
        after |= ranks_with(ranked, new)
    return [
        Preview(
            board,
            entry,
            scores,
            {
                key: (entry.metrics.get(key), value)
                for key, value in scores["metrics"].items()
                if value != entry.metrics.get(key)
            },
            _rank(before, entry),
            _rank(after, entry),
        )
        for board, entry, scores in chosen
    ]


def scores_of(entry: Entry, found: Results) -> dict[str, Any]:
    """The new scores of an entry in the form of core.changes.rescoring. Pure."""
    metrics = {**entry.metrics, **{key: rounded(found.metrics[key]) for key in SCORED_KEYS}}
    strict = {**entry.strict, **{key: rounded(found.strict.get(key)) for key in SCORED_KEYS}}
    return {
        "metrics": metrics,
        "strict": strict,
        "coverage": {**entry.coverage, **msgspec.to_builtins(found.coverage)},
        "by_dataset": {**entry.by_dataset, **stored_cells(found)},
        "surplus": msgspec.to_builtins(found.surplus),
        "scorer_version": found.scorer_version,
        "ground_truth_sha256": found.ground_truth_sha256,
    }


def apply(services: Services, chosen: Sequence[Preview], actor: str) -> list[str]:
    """Apply the previewed entries' new scores; one change each, which can be undone.

    Raises RefusedError, with nothing done, if one was changed since its preview: the resulting
    ranks would differ from those reviewed. PartlyDoneError if it fails part way.
    """
    changes = [rescoring.rescore(one.board, one.entry, one.scores, actor) for one in chosen]
    _refuse_changed(services.store.read(), changes)
    done: list[str] = []
    for preview, change in zip(chosen, changes, strict=True):
        try:
            state = services.store.commit(change)
            done.append(change.id)
            align_files(services, state, preview.entry.entry_id)
        except (MedVidBenchError, OSError) as error:
            if not done:
                raise
            names = ", ".join(f"“{one.entry.model_name}”" for one in chosen[: len(done)])
            raise PartlyDoneError(
                f"It stopped at “{preview.entry.model_name}”: {error} {len(done)} of {len(chosen)} "
                "have their new scores. Check before and after again for the others.",
                f"New scores for {names}.",
                tuple(done),
            ) from error
    return done


def _refuse_changed(state: State, changes: Sequence[Change]) -> None:
    problems = []
    for change in changes:
        at = At(change.id, change.actor, change.time, lambda _id: None)
        try:
            state = canonical(change).act.apply(state, at)
        except RefusedError as error:
            problems.append(str(error))
    if problems:
        raise RefusedError({FIELD: " ".join((*problems, "Nothing was applied: check again."))})


def align_files(services: Services, state: State, entry_id: str) -> None:
    """Make the result in the entry's folder the one that its scores came from.

    The other one is kept beside it, so that undoing a re-scoring restores it.
    """
    found = state.find(entry_id)
    if found is None or not is_id(found[1].upload_id):
        return
    entry = found[1]
    files = result_files(services.settings.root, entry.upload_id)
    here, there = read_if_whole(files.evaluation), read_if_whole(files.rescored.evaluation)
    if there is not None and not _made(here, entry) and _made(there, entry):
        _swap(files)


def _swap(files: ResultFiles) -> None:
    kept = ResultFiles(files.folder, "replaced")
    atomic.make_folder(kept.outcome_folder)
    for source, target in ((files, kept), (files.rescored, files), (kept, files.rescored)):
        for old, new in zip(source.outcome, target.outcome, strict=True):
            if old.exists():
                old.replace(new)
    kept.outcome_folder.rmdir()


def _made(found: Results | None, entry: Entry) -> bool:
    return (
        found is not None
        and found.scorer_version == entry.scorer_version
        and found.ground_truth_sha256 == entry.ground_truth_sha256
        and all(rounded(found.metrics.get(key)) == entry.metrics.get(key) for key in SCORED_KEYS)
    )


def _of_today(found: Results, truth: str | None) -> bool:
    return found.scorer_version == SCORER_VERSION and found.ground_truth_sha256 == truth


def _outcome(services: Services, entry: Entry) -> Results | None:
    """The result of a completed re-scoring of the entry's upload."""
    job = _latest(services).get(entry.upload_id)
    if job is None or job.state != "completed":
        return None
    return read_if_whole(result_files(services.settings.root, entry.upload_id).rescored.evaluation)


def _latest(services: Services) -> dict[str, Job]:
    """The newest re-scoring of each upload."""
    return {job.submission_id: job for job in services.jobs.list() if job.kind == "rescore"}


def _blocked(services: Services, state: State, entry: Entry) -> str:
    if not is_id(entry.upload_id) or entry.upload_id not in state.submissions:
        return "it has no submission."
    if not result_files(services.settings.root, entry.upload_id).upload.is_file():
        return "its upload is not kept here."
    return ""


def _entry(state: State, entry_id: str) -> tuple[BoardName, Entry]:
    found = state.find(entry_id)
    if found is None:
        raise RefusedError({FIELD: "An entry is no longer on the boards. Reload the page."})
    return found


def _rank(ranks: dict[str, RankOf], entry: Entry) -> int | None:
    found = ranks.get(entry.entry_id)
    return found.rank if found else None
