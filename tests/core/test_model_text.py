"""The explanation of a rank: places, tie-breaks, neighbours, and their sentences."""

import pytest

from core.benchmark import METRIC_KEYS
from core.model.policy import DEFAULT
from core.model.statistics import EntryFigures
from core.publish import model_text
from core.publish.sentences import plain
from core.ranking.board import Board, rank_board
from core.ranking.why import Why, why
from tests.core.store_world import entry


def board(*rows: list[float | None]) -> Board:
    """Models A, B … with these values in the first metrics and none in the others."""
    empty = [None] * len(METRIC_KEYS)
    entries = [
        entry(name, model_name=name, metrics=dict(zip(METRIC_KEYS, [*row, *empty], strict=False)))
        for name, row in zip("ABCDEFGH", rows, strict=False)
    ]
    return rank_board("official", entries, DEFAULT)


def of(found: Board, name: str) -> Why:
    explained = why(found, f"entry-{name}")
    assert explained is not None
    return explained


def test_places_hold_rank_count_ties_and_gaps() -> None:
    found = of(board([0.9], [0.7], [0.7], [0.4], [None]), "D")
    first = found.places[0]
    assert (first.value, first.rank, first.of, first.tied) == (0.4, 4, 4, 0)
    assert (first.best, first.above) == (0.9, 0.7)
    assert first.to_best == pytest.approx(0.5)
    assert first.to_next == pytest.approx(0.3)
    tied = of(board([0.9], [0.7], [0.7], [0.4], [None]), "B").places[0]
    assert (tied.rank, tied.tied, tied.above) == (2, 1, 0.9)
    none = of(board([0.9], [0.7], [0.7], [0.4], [None]), "E").places[0]
    assert (none.value, none.rank, none.of, none.to_best, none.to_next) == (None, 5, 4, None, None)
    best = of(board([0.9], [0.7]), "A").places[0]
    assert (best.to_best, best.to_next) == (0.0, None)
    assert why(board([0.9]), "entry-Z") is None


def test_the_ranks_add_up_to_the_average() -> None:
    found = of(board([0.9, 0.1], [0.8, 0.2], [0.7, None]), "C")
    # Ranks 3 and 3, and 1 in each of the eight metrics without values.
    assert model_text.total(found) == "3 + 3 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 = 14; 14 / 10 = 1.40."
    assert found.standing.average_rank == pytest.approx(found.total / 10)


def test_missing_values_are_explained_with_what_they_do() -> None:
    values = [0.5] * len(METRIC_KEYS)
    assert model_text.missing(of(board(values), "A")) == ""
    text = model_text.missing(of(board(values, [0.6, *values[1:-1], None]), "B"))
    assert text == "No value counts in RC_llm: there it ranks below all models that have one."
    two = model_text.missing(of(board(values, [0.6, *values[1:-2], None, None]), "B"))
    assert two.startswith("No value counts in VS_llm and RC_llm: there it ranks below")


def told(found: Board, name: str) -> list[str]:
    return [plain(sentence) for sentence in model_text.neighbours(of(found, name))]


def test_the_distance_to_the_neighbours_is_that_of_the_average_ranks() -> None:
    found = board([0.9, 0.9], [0.8, 0.8], [0.7, 0.7])
    assert told(found, "B") == [
        "One rank above: A, whose average rank is 0.20 lower.",
        "One rank below: C, whose average rank is 0.20 higher.",
    ]
    assert len(told(found, "A")) == 1
    assert told(board([0.9]), "A") == []


def test_the_tie_break_that_decided_is_explained_with_what_it_compared() -> None:
    # Ranks x 1 3, y 2 2, z 3 1, and eight firsts each in metrics without values.
    by_firsts = board([0.9, 0.1], [0.8, 0.2], [0.7, 0.3])
    last = told(by_firsts, "B")
    assert "with the same average rank." in last[0]
    assert last[0].endswith("Decided by tie-break 1: more metrics at rank 1 (9 against 8).")
    # Shares 1 + 0.1 / 0.2 against 0.8 / 0.9 + 1.
    by_shares = told(board([0.9, 0.1], [0.8, 0.2]), "A")
    assert by_shares[0].startswith("One rank above: B, with the same average rank. Decided by")
    assert by_shares[0].endswith("on the board (1.889 against 1.500).")
    by_name = told(board([0.5], [0.5]), "A")
    assert by_name == [
        "One rank below: B, with the same average rank. Decided by tie-break 3: the model’s name."
    ]


def test_sums_that_differ_late_are_shown_until_they_do() -> None:
    # 1 + 0.800 / 0.801 against 0.899 / 0.900 + 1.
    (text,) = told(board([0.9, 0.8], [0.899, 0.801]), "A")
    assert text.endswith("on the board (1.9989 against 1.9988).")


def test_the_sentence_names_the_strongest_and_the_weakest() -> None:
    rows = [[0.5] * 10 for _ in range(4)]
    rows[0] = [0.9, 0.8, 0.4, 0.4, 0.5, 0.6, 0.5, 0.5, 0.5, 0.1]
    rows[1] = [0.1, 0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    text = model_text.profile(of(board(*rows), "A"))
    assert text == (
        "Strongest: CVS_acc (1st of 4), TAG@0.3 (1st of 4), TAG@0.5 (1st of 4); "
        "weakest: SA_acc (4th of 4), STG_mIoU (4th of 4)."
    )


def test_the_sentence_of_odd_boards() -> None:
    ten = [0.5] * 10
    assert model_text.profile(of(board(ten), "A")) == "It is the only model on this board."
    assert model_text.profile(of(board([], ten), "A")) == "No metric counts yet."
    one = model_text.profile(of(board([0.4], ten), "A"))
    assert one == "Only one metric counts: CVS_acc (2nd of 2)."
    first = model_text.profile(of(board([0.9] * 10, ten), "A"))
    assert first == "First in all 10 metrics."
    some = model_text.profile(of(board([0.9] * 3, ten), "A"))
    assert some == "First in all 3 metrics that count."
    last = model_text.profile(of(board([0.9] * 10, ten), "B"))
    assert last == "Equally placed in all 10 metrics: 2nd of 2."


def test_rank_sets_are_described_in_words() -> None:
    found = of(board([0.9] * 10, [0.5] * 10), "A")
    assert model_text.standing(found, "official", None) == (
        "1st of 2 models on the Official board, average rank 1.00."
    )
    figures = EntryFigures(rank_set=(1, 2), may_be_first=True)
    assert model_text.standing(found, "official", figures).endswith(
        "average rank 1.00; this test set allows ranks 1 to 2, so it may be first."
    )
    assert model_text.ranks_text(EntryFigures(rank_set=(1, 1), may_be_first=True)) == (
        "this test set allows no other rank"
    )
    assert model_text.ranks_text(EntryFigures(reason="No sample scores.")) == ""
