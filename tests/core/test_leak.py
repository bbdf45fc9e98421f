"""What published figures reveal about 20 yes/no records, by enumerating all possible truths.

A team knows its own answers, and reads what is published about its submissions. A truth is possible
if it gives everything that was read; a record is certain if all possible truths agree on it.
"""

import itertools

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from core.benchmark import METRIC_KEYS, SCORER_VERSION
from core.model.contracts.samples import SampleRow
from core.model.entries import Entry
from core.model.policy import DEFAULT
from core.publish import figures as published
from core.ranking.board import rank_board
from core.ranking.columns import Columns, scored_columns
from core.ranking.differences import compare
from core.ranking.figures import figures

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("imports_frozen")]
Bits = npt.NDArray[np.int8]
RECORDS, TRIES = 20, 5
# Records of each video.
VIDEOS = np.repeat(range(8), (3, 2, 3, 2, 3, 2, 3, 2))
SEED = 22
EVERY: Bits = ((np.arange(1 << RECORDS)[:, None] >> np.arange(RECORDS)) & 1).astype(np.int8)


def columns(right: Bits) -> Columns:
    return published.enough(
        scored_columns(
            SampleRow(n, "next_action", "AVOS", f"v{video}", {"nap_acc": float(one)}, None, {})
            for n, (video, one) in enumerate(zip(VIDEOS, right, strict=True))
        )
    )


def told(truth: Bits, answers: Bits) -> bytes:
    """Everything published about the submissions, if this is the truth."""
    models = {f"m{n}": columns(mine == truth) for n, mine in enumerate(answers)}
    none = dict.fromkeys(METRIC_KEYS)
    entries = [
        Entry(
            entry_id=name,
            model_name=name,
            organization="One",
            metrics={**none, "nap_acc": round(float((mine == truth).mean()), 3)},
            scorer_version=SCORER_VERSION,
        )
        for name, mine in zip(models, answers, strict=True)
    ]
    board = rank_board("community", entries, DEFAULT)
    rows = [models[entry.entry_id] for entry in board.entries]
    found = figures(rows, board.values, seed=0, draws=20)
    values = {entry.entry_id: board.values[row].tolist() for row, entry in enumerate(board.entries)}
    pairs = {
        f"{a} {b}": {
            key: published.without_counts(one)
            for key, one in published.pair_metrics(
                compare(models[a], models[b]), values[a], values[b]
            ).items()
        }
        for a, b in itertools.combinations(models, 2)
    }
    fields = published.board_fields(board, found, [""] * len(rows), [()] * len(rows), {})
    return msgspec.json.encode([fields, pairs], order="deterministic")


def certain(truths: Bits) -> int:
    return int((truths == truths[0]).all(axis=0).sum())


@pytest.fixture(scope="module")
def case() -> tuple[Bits, Bits, Bits]:
    """The truth, the answers, and the truths that are possible given the values."""
    chance = np.random.default_rng(SEED)
    truth, *answers = chance.integers(0, 2, (1 + TRIES, RECORDS), dtype=np.int8)
    possible = np.ones(len(EVERY), dtype=bool)
    for mine in answers:
        possible &= (mine == EVERY).sum(axis=1) == (mine == truth).sum()
    return truth, np.array(answers), EVERY[possible]


def left(case: tuple[Bits, Bits, Bits]) -> Bits:
    """The truths that are possible given all published figures."""
    truth, answers, possible = case
    said = told(truth, answers)
    return np.array([one for one in possible if told(one, answers) == said])


def test_statistics_make_no_more_records_certain_than_the_values_alone(
    case: tuple[Bits, Bits, Bits],
) -> None:
    by_values, by_all = case[2], left(case)
    assert certain(by_values) < RECORDS / 4
    assert certain(by_all) == certain(by_values)


def test_without_the_rule_for_few_records_they_would(
    case: tuple[Bits, Bits, Bits], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "LEAST_RECORDS", 0)
    assert certain(left(case)) > RECORDS / 2
