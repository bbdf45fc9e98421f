"""Creates uploads of eight synthetic models, the first entries of a demo board.

    python -m evaluation.demo.models FOLDER [--count N] [--seed N]

FOLDER gets a packed predictions file for each upload, and last `models.json`, which lists them.
The models have different strengths: two are nearly equal, one is strong in captions only, one
skips a task, one has two versions. As with real models, some questions are hard: on half of them
all models do equally well. Same seed: same bytes.
"""

import argparse
import gzip
import os
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from core.benchmark import task_of
from core.errors import MedVidBenchError, StoreError
from core.files import atomic
from core.model.contracts.demo import MODELS_FILE, DemoModel
from evaluation.demo import text
from evaluation.demo.benchmark import SEED
from evaluation.demo.records import SCENES, Item, make_items, write_events
from evaluation.demo.skills import Skill, answer, noisy
from evaluation.labels import label_sets

_NICE: Final = 10  # low priority: a first visitor may be waiting for the board
ALIKE: Final = 0.5  # share of questions with the same random draw for all models
# Shares of wrong parts in a caption. Models with the same share write the same caption, so that
# the judge grades it once for all of them.
_LEVELS: Final = (0.0, 0.4, 0.85)


class _Made(msgspec.Struct, frozen=True, kw_only=True):
    """A synthetic model: its skill, the share of captions without a wrong part, the tasks that it
    skips, and its submission form."""

    name: str
    version: int = 1
    date: str
    lab: str
    skill: Skill
    right: float
    without: tuple[str, ...] = ()
    declared: dict[str, str]
    off_the_shelf: bool = False
    judged: bool = True

    def submission_id(self, version: int) -> str:
        return f"demo-{self.name.lower()}-{version}"

    def listed(self, records: int) -> DemoModel:
        """The item of `models.json` for its upload."""
        own = self.submission_id(self.version)
        return DemoModel(
            submission_id=own,
            model_name=self.name,
            organization=f"Demo Lab {self.lab}",
            date=self.date,
            file=f"{own}.json.gz",
            records=records,
            declared={"parameters": self.name.rpartition("-")[2], **self.declared},
            replaces=self.submission_id(self.version - 1) if self.version > 1 else "",
            off_the_shelf=self.off_the_shelf,
            judged=self.judged,
        )


_TWIN = Skill(tal=0.34, dvc=0.48, spread=0.22, stg=0.26, nap=0.55, sa=0.34, cvs=0.83)
_OPEN = {"weights": "open", "trained_on_sources": "no"}
_OPEN_SOURCES = {"weights": "open", "trained_on_sources": "yes"}
_MODELS: Final = (
    _Made(
        name="Aster-72B", date="2026-05-06", lab="North", right=0.66,
        skill=Skill(tal=0.44, dvc=0.57, spread=0.2, stg=0.36, nap=0.63, sa=0.41, cvs=0.88),
        declared={"weights": "closed", "trained_on_sources": "no", "frames": "128"},
    ),
    _Made(
        name="Borage-34B", date="2026-03-17", lab="East", right=0.5, skill=_TWIN,
        declared={**_OPEN_SOURCES, "frames": "64"},
    ),
    _Made(
        name="Clover-34B", date="2026-04-02", lab="West", right=0.5, skill=_TWIN,
        declared={**_OPEN_SOURCES, "frames": "64"},
    ),
    _Made(
        name="Dahlia-Caption-13B", date="2026-02-24", lab="South", right=0.8,
        skill=Skill(tal=0.14, dvc=0.5, spread=0.3, stg=0.1, nap=0.37, sa=0.23, cvs=0.7),
        declared={**_OPEN, "frames": "32"},
    ),
    _Made(
        name="Elder-7B", date="2026-01-20", lab="North", right=0.25, judged=False,
        skill=Skill(tal=0.12, dvc=0.3, spread=0.32, stg=0.1, nap=0.36, sa=0.24, cvs=0.72),
        declared={**_OPEN, "frames": "32"},
    ),
    _Made(
        name="Elder-7B", version=2, date="2026-04-21", lab="North", right=0.45,
        skill=Skill(tal=0.29, dvc=0.42, spread=0.25, stg=0.2, nap=0.5, sa=0.31, cvs=0.8),
        declared={**_OPEN, "frames": "32"},
    ),
    _Made(
        name="Fennel-8B", date="2026-03-05", lab="East", right=0.42, without=("stg",),
        skill=Skill(tal=0.31, dvc=0.44, spread=0.24, nap=0.52, sa=0.3, cvs=0.81),
        declared={"weights": "open", "trained_on_sources": "unknown"},
    ),
    _Made(
        name="Ginger-3B", date="2026-02-10", lab="West", right=0.3, judged=False,
        skill=Skill(tal=0.2, dvc=0.34, spread=0.28, stg=0.14, nap=0.66, sa=0.27, cvs=0.77),
        declared=_OPEN_SOURCES,
    ),
    _Made(
        name="Heather-2B", date="2026-01-28", lab="South", right=0.15, judged=False,
        off_the_shelf=True,
        skill=Skill(tal=0.08, dvc=0.2, spread=0.36, stg=0.06, nap=0.29, sa=0.21, cvs=0.6),
        declared={"weights": "open", "trained_on_sources": "unknown"},
    ),
)  # fmt: skip
NAMES: Final = tuple(dict.fromkeys(made.name for made in _MODELS))


def generate(folder: Path, count: int = len(NAMES), seed: int = SEED) -> None:
    """Create the uploads of the first `count` models, unless they exist.

    Raises StoreError when the folder cannot be written.
    """
    if (folder / MODELS_FILE).exists():
        return
    items = make_items(label_sets(), random.Random(f"{seed} truth"))
    written: dict[str, str] = {}
    try:
        atomic.make_folder(folder)
        models = []
        for made in _MODELS:
            if made.name in NAMES[:count]:
                records = list(_records(items, made, seed, written))
                models.append(made.listed(len(records)))
                data = gzip.compress(msgspec.json.encode(records), mtime=0)
                atomic.write(folder / models[-1].file, data)
        atomic.write(folder / MODELS_FILE, msgspec.json.encode(models))
    except OSError as error:
        raise StoreError(f"Demo models: cannot write {folder}: {error.strerror}.") from error


def _records(
    items: Sequence[Item], made: _Made, seed: int, written: dict[str, str]
) -> Iterator[dict[str, str]]:
    """A model's upload, prediction-only form. `written` keeps captions for the next models."""
    name = made.submission_id(made.version)
    for index, item in enumerate(items):
        if task_of(item.qa_type) in made.without:
            continue
        rng = random.Random(f"{seed} {name} {index}")
        if rng.random() < ALIKE:
            rng = random.Random(f"{seed} all {index}")
        yield {
            "id": item.clip.id,
            "qa_type": item.qa_type,
            "prediction": _answer(item, made, rng, f"{seed} {index}", written),
        }


def _answer(
    item: Item, made: _Made, rng: random.Random, place: str, written: dict[str, str]
) -> str:
    if not item.events:
        return answer(item, made.skill, rng)
    found = noisy(item, made.skill.dvc, made.skill.spread, rng)
    levels = (_level(made.right, rng) for _ in item.events)
    captions = [_caption(item, n, level, place, written) for n, level in enumerate(levels)]
    return write_events(found, captions) if item.spans else " ".join(captions)


def _level(right: float, rng: random.Random) -> int:
    drawn = rng.random()
    return 0 if drawn < right else 1 if drawn < (1 + right) / 2 else 2


def _caption(item: Item, number: int, level: int, place: str, written: dict[str, str]) -> str:
    """One event of an item as every model of this level describes it."""
    seed = f"{place} {number} {level}"
    if seed not in written:
        own = random.Random(seed)
        event = text.blurred(item.events[number], SCENES[item.clip.source], own, _LEVELS[level])
        written[seed] = text.short_caption(event, own)
    return written[seed]


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line. Exit status 0, or 1 with a one-line error."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.demo.models",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=len(NAMES))
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    os.nice(_NICE)
    try:
        generate(options.folder, options.count, options.seed)
    except MedVidBenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
