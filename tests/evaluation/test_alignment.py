"""Answers find their questions: by index, else by id and qa_type, else an error."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AlignmentError
from evaluation.upload.alignment import align
from evaluation.upload.records import Prediction

TRUTH = [("a", "tal"), ("a", "tal"), ("a", "stg"), ("b", "tal"), ("c", "dc"), ("d", "tal")]


def answers(pairs: list[tuple[str, str]]) -> list[Prediction]:
    return [
        Prediction(id=clip, qa_type=qa_type, text=f"answer {index}")
        for index, (clip, qa_type) in enumerate(pairs)
    ]


def test_same_order_is_aligned_by_index() -> None:
    found = align(TRUTH, answers(TRUTH))
    assert found.texts == [f"answer {index}" for index in range(6)]
    assert (found.method, found.warnings, found.unknown_ids, found.missing) == ("index", (), 0, 0)


def test_unknown_ids_up_to_half_are_placed_by_index_with_a_warning() -> None:
    given_ = [("x", "tal"), ("a", "tal"), ("y", "stg"), ("b", "tal"), ("z", "dc"), ("d", "tal")]
    found = align(TRUTH, answers(given_))
    assert found.texts == [f"answer {index}" for index in range(6)]
    assert found.method == "index"
    assert found.unknown_ids == 3
    assert found.warnings == (
        "3 of 6 ids are unknown to the test set; these answers were placed by their position in "
        "the file.",
    )


def test_more_than_half_unknown_is_refused() -> None:
    given_ = [("x\x1b[0m" + "9" * 99, qa_type) for _, qa_type in TRUTH[:4]] + TRUTH[4:]
    with pytest.raises(AlignmentError) as caught:
        align(TRUTH, answers(given_))
    assert "4 of 6 ids are unknown to the test set" in str(caught.value)
    assert "index 0 (id “x\\x1b[0m" in str(caught.value)
    assert "9" * 60 not in str(caught.value)


def test_a_known_id_in_another_place_is_matched_not_taken_by_index() -> None:
    swapped = [("a", "tal"), ("b", "tal"), ("a", "stg"), ("a", "tal"), ("c", "dc"), ("d", "tal")]
    found = align(TRUTH, answers(swapped))
    assert found.method == "matched"
    assert found.texts == [f"answer {index}" for index in (0, 3, 2, 1, 4, 5)]
    assert found.warnings == (
        "Answers were matched to questions by id and qa_type, not by their order.",
    )


def test_fewer_records_are_matched_and_the_missing_counted() -> None:
    found = align(TRUTH, answers([("d", "tal"), ("a", "tal")]))
    assert found.texts == ["answer 1", None, None, None, None, "answer 0"]
    assert found.missing == 4
    assert "4 of 6 questions have no answer" in found.warnings[1]


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (("z", "tal"), "unknown id"),
        (("b", "stg"), "this id has no question of this qa_type"),
        (("b", "video_summary"), "no question has this qa_type"),
        (("b", "tal"), "more answers than questions of this id and qa_type"),
    ],
)
def test_what_is_left_over_is_an_error(pair: tuple[str, str], reason: str) -> None:
    with pytest.raises(AlignmentError) as caught:
        align(TRUTH, answers([("b", "tal"), pair]))
    message = str(caught.value)
    assert message.startswith("1 of 2 records match no question.")
    assert f"index 1: id “{pair[0]}”, {pair[1]} ({reason})." in message


def test_more_records_than_questions_is_an_error_that_names_twenty() -> None:
    with pytest.raises(AlignmentError) as caught:
        align(TRUTH, answers(TRUTH + [("new", "tal")] * 30))
    message = str(caught.value)
    assert message.startswith("30 of 36 records match no question. The file has 36 records")
    assert message.count("(unknown id)") == 20
    assert "index 6:" in message


def test_an_error_names_no_id_but_the_uploads() -> None:
    secret = [("canary-in-the-truth", "tal"), ("b", "tal")]
    with pytest.raises(AlignmentError) as caught:
        align(secret, answers([("b", "stg"), ("b", "tal")]))
    assert "canary" not in str(caught.value)


def test_nothing_to_align() -> None:
    assert align([], []).texts == []
    assert align(TRUTH, []).texts == [None] * 6


PAIRS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["tal", "stg", "dc"])), max_size=15
)


@given(PAIRS, st.randoms(use_true_random=False))
def test_any_order_of_distinct_pairs_gives_the_same_texts(
    pairs: list[tuple[str, str]], rng: random.Random
) -> None:
    truth = list(dict.fromkeys(pairs))
    shuffled = answers(truth)
    rng.shuffle(shuffled)
    assert align(truth, shuffled).texts == align(truth, answers(truth)).texts


@given(PAIRS, PAIRS)
def test_every_text_is_placed_once_or_it_is_an_error(
    truth: list[tuple[str, str]], given_: list[tuple[str, str]]
) -> None:
    predictions = answers(given_)
    try:
        found = align(truth, predictions)
    except AlignmentError:
        assert given_ != truth
        return
    placed = [text for text in found.texts if text is not None]
    assert sorted(placed) == sorted(one.text for one in predictions)
    assert found.missing == found.texts.count(None) == len(truth) - len(given_)


@given(PAIRS, st.sets(st.integers(0, 14)))
def test_a_part_of_the_file_keeps_the_order_within_a_pair(
    truth: list[tuple[str, str]], dropped: set[int]
) -> None:
    kept = [one for index, one in enumerate(answers(truth)) if index not in dropped]
    found = align(truth, kept)
    for pair in set(truth):
        own = [text for known, text in zip(truth, found.texts, strict=True) if known == pair]
        in_file = [one.text for one in kept if (one.id, one.qa_type) == pair]
        assert own == in_file + [None] * (len(own) - len(in_file))
