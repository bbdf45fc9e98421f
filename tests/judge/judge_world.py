"""A world for judge runs as jobs: one published model, its key, a judge server."""

import gzip
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import psutil

from core.access.submission_keys import hash_key, make_key
from core.benchmark import JUDGE_KEYS, SCORED_KEYS
from core.changes import submitting
from core.files.hashes import sha256
from core.model.entries import Entry, Job
from core.settings import load
from core.usecases import judge_runs
from core.usecases.services import Services
from tests.core.job_world import World

KEY, SECRET = make_key(), "sk-canary-secret"


FEW_TASKS = ("video_summary", "region_caption")


def judge_settings(environ: dict[str, str]) -> dict[str, Any]:
    """The judge's settings from these environment variables."""
    found = asdict(load({}, environ))
    return {name: value for name, value in found.items() if name.startswith("judge_")}


class JudgeWorld(World):
    """A world with one published model, whose key is KEY, and a judge server.

    `few`: of its captions only the summaries and those of regions, to be quick.
    """

    def __init__(self, folder: Path, url: str, *, few: bool = False, **variables: str) -> None:
        own = {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": url, **variables}
        super().__init__(folder, **judge_settings(own))
        if few:
            self.predictions = [p for p in self.predictions if p["qa_type"].startswith(FEW_TASKS)]
        self.services = Services(self.settings, self.store, self.jobs)
        self.entry_id = self.publish()

    def publish(self, name: str = "Model A") -> str:
        """Publish a model like its evaluation."""
        job = self.submit(name)
        submission = self.submission(job)
        keyed = msgspec.structs.replace(submission, key_hash=hash_key(KEY))
        self.store.commit(submitting.release(job.submission_id, "not needed"))
        entry_id = job.submission_id + "-k"
        (self.settings.root / "results" / job.submission_id).rename(
            self.settings.root / "results" / entry_id
        )
        keyed = msgspec.structs.replace(keyed, submission_id=entry_id)
        row = Entry(
            entry_id=entry_id,
            model_name=name,
            organization="Lab",
            metrics=dict.fromkeys(SCORED_KEYS, 0.5) | dict.fromkeys(JUDGE_KEYS),
            predictions_sha256=keyed.predictions_sha256,
            ground_truth_sha256=sha256(self.settings.truth_path),
        )
        self.store.commit(submitting.submit(keyed, "participant"))
        self.store.commit(submitting.add(entry_id, row))
        self.jobs.cancel(job.job_id)
        return entry_id

    def start(self) -> Job:
        job = judge_runs.start(self.services, self.entry_id, KEY)
        self.jobs.start_waiting()
        return job

    def resume(self) -> Job:
        job = judge_runs.resume(self.services, self.entry_id, KEY)
        self.jobs.start_waiting()
        return self.finish(job)

    def entry(self) -> Entry:
        found = judge_runs.find(self.store.read(), self.entry_id)
        assert found is not None
        return found[1]

    def unpublished(self) -> bool:
        return not self.entry().judged and self.entry().judge is None

    def judge_process(self, job: Job) -> psutil.Process:
        found = [p for p in self.processes(job) if "evaluation.judge" in p.cmdline()[:3]]
        assert len(found) == 1
        return found[0]

    def written(self) -> str:
        """Everything in the data folder except the packed upload and the truth, as text."""
        parts = []
        for path in self.settings.root.rglob("*"):
            if path.is_file() and path.name != "input.json.gz":
                data = path.read_bytes()
                data = gzip.decompress(data) if path.suffix == ".gz" else data
                parts.append(data.decode("utf-8", "replace"))
        return "\n".join(parts)
