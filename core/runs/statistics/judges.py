"""Entries that were graded more than once on the same answers, and how much the grades varied."""

from collections.abc import Iterable
from pathlib import Path

from core.benchmark import JUDGE_KEYS
from core.errors import JobError
from core.model.entries import Entry, Judgement
from core.ranking.judge_noise import JudgeNoise, pooled
from core.runs.records import JobFiles


def noise_of(root: Path, entries: Iterable[Entry]) -> dict[str, JudgeNoise]:
    """The judge's noise by metric key; empty if no model of a board was graded twice."""
    jobs = JobFiles(root)
    runs = [independent_runs(jobs, entry) for entry in entries if entry.judge_history]
    found = {key: pooled(_values(each, key) for each in runs) for key in JUDGE_KEYS}
    return {key: noise for key, noise in found.items() if noise}


def _values(runs: Iterable[Judgement], key: str) -> list[float]:
    return [value for run in runs if (value := run.metrics.get(key)) is not None]


def independent_runs(jobs: JobFiles, entry: Entry) -> list[Judgement]:
    """The runs that graded the entry's current answers with its current rubric, each once.

    A repeated run takes earlier grades from its cache: the same model with the same metrics is the
    same run.
    """
    found: dict[tuple[str, str], Judgement] = {}
    for run in (entry.judge, *entry.judge_history):
        if run is None or entry.judge is None or run.rubric_version != entry.judge.rubric_version:
            continue
        if run is entry.judge or _upload(jobs, run) == entry.upload_id:
            found.setdefault((run.model, str(sorted(run.metrics.items(), key=str))), run)
    return list(found.values())


def _upload(jobs: JobFiles, run: Judgement) -> str | None:
    """The submission that a run graded; None if its record is missing."""
    try:
        job = jobs.read(run.run_id)
    except JobError:  # values without a recorded run
        return None
    return job.submission_id if job else None
