"""Boards with sample scores, made without an evaluator, for the tests of the statistics."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from core.benchmark import METRIC_KEYS, SCORER_VERSION
from core.changes import submitting
from core.files.hashes import sha256
from core.model.contracts.samples import SampleFile, SampleRow
from core.model.entries import BoardName, Entry
from core.model.statistics import BoardStatistics
from core.ranking.board import shown_board
from core.ranking.columns import scored_columns
from core.ranking.stacks import stack, values
from core.runs.records import ResultFiles, result_files
from core.runs.statistics.folder import StatisticsFolder
from core.runs.statistics.update import update
from core.usecases.services import Services
from core.usecases.statistics import statistics_of
from tests.core.services_world import world
from tests.core.store_world import submission

ODD = 0.7318294  # a sample score that occurs nowhere else


def rows(seed: int, strength: float = 0.5, videos: int = 8, records: int = 13) -> list[SampleRow]:
    """Next actions of two sources, scored 0 or 1, and boxes of one, scored from 0 to 1."""
    chance = random.Random(seed)
    made: list[SampleRow] = []
    for task, key, source in (
        ("next_action", "nap_acc", "AVOS"),
        ("next_action", "nap_acc", "NurViD"),
        ("stg", "stg_miou", "CholecT50"),
    ):
        for video in range(videos):
            for _ in range(records):
                luck = chance.random()
                score = float(luck < strength) if task == "next_action" else luck * strength
                row = SampleRow(len(made), task, source, f"v{video}", {key: score}, None, {})
                made.append(row)
    made[-1] = msgspec.structs.replace(made[-1], scores={"stg_miou": ODD})
    return made


class StatisticsWorld:
    """A real benchmark's data folder whose entries have sample scores."""

    def __init__(self, folder: Path) -> None:
        self.services: Services = world(folder)
        self.settings, self.store = self.services.settings, self.services.store
        self.root = self.settings.root
        self.truth = sha256(self.settings.truth_path)
        self.folder = StatisticsFolder(self.root)

    def add(
        self,
        number: int,
        samples: list[SampleRow] | None = None,
        *,
        submitter: str | None = "",
        contact: str | None = None,
        **changes: Any,
    ) -> Entry:
        """Submit and publish a model with these sample scores; its metrics are theirs.

        `submitter`: by default another one for each model; None: unknown.
        """
        samples = rows(number, 0.3 + 0.1 * number) if samples is None else samples
        made = submission(
            number,
            organization=f"Lab {number}",
            submitter=f"submitter-{number}" if submitter == "" else submitter,
            contact_ref=self.store.add_personal({"contact": contact}) if contact else None,
        )
        found = scored_columns(samples)
        of = {key: float(values(one)[0, 0]) for key in found if (one := stack(key, [found]))}
        entry = Entry(
            entry_id=made.submission_id,
            model_name=made.model_name,
            organization=made.organization,
            metrics={key: round(of[key], 3) if key in of else None for key in METRIC_KEYS},
            scorer_version=SCORER_VERSION,
            ground_truth_sha256=self.truth,
        )
        entry = msgspec.structs.replace(entry, **changes)
        self.write(entry, samples)
        self.store.commit(submitting.submit(made, "participant"))
        self.store.commit(submitting.add(made.submission_id, entry))
        return entry

    def files(self, entry: Entry) -> ResultFiles:
        return result_files(self.root, entry.upload_id)

    def write(self, entry: Entry, samples: list[SampleRow], truth: str | None = None) -> None:
        """Give an entry sample scores."""
        files = self.files(entry)
        files.folder.mkdir(parents=True, exist_ok=True)
        content = SampleFile(SCORER_VERSION, truth or self.truth, "0" * 64, samples)
        files.samples.write_bytes(gzip.compress(msgspec.json.encode(content)))

    def update(self) -> None:
        update(self.settings, self.store)

    def shown(self, board: BoardName) -> BoardStatistics | None:
        """The figures of the current board; None until they are updated."""
        return statistics_of(self.root, shown_board(self.store.read(), board))

    def marks(self) -> dict[str, tuple[int, int]]:
        """The stored files, and when they were written."""
        files = [path for path in self.folder.path.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.folder.path)): (path.stat().st_mtime_ns, path.stat().st_ino)
            for path in files
        }


Make = Callable[[], StatisticsWorld]
