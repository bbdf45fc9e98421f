"""Answers find their questions: by index, else by id and qa_type, else an error."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.errors import AlignmentError
from evaluation.upload import alignment
from evaluation.upload.alignment import Alignment
from evaluation.upload.placing import BY_ID, BY_INDEX, BY_ORDER, BY_POSITION, BY_QUESTION, Place
from evaluation.upload.records import Prediction

TRUTH = [("a", "tal"), ("a", "tal"), ("a", "stg"), ("b", "tal"), ("c", "dc"), ("d", "tal")]


def align(truth: list[tuple[str, str]], predictions: list[Prediction]) -> Alignment:
    return alignment.align([Place(*pair) for pair in truth], predictions)


def answers(pairs: list[tuple[str, str]]) -> list[Prediction]:
    return [
        Prediction(id=clip, qa_type=qa_type, text=f"answer {index}")
        for index, (clip, qa_type) in enumerate(pairs)
    ]


def test_same_order_is_aligned_by_index() -> None:
    found = align(TRUTH, answers(TRUTH))
    assert found.texts == [f"answer {index}" for index in range(6)]
    assert found.rules == {BY_INDEX: 6}
    assert (found.warnings, found.unknown_ids, found.missing) == ((), 0, 0)


def test_unknown_ids_up_to_half_are_placed_by_index_with_a_warning() -> None:
    given_ = [("x", "tal"), ("a", "tal"), ("y", "stg"), ("b", "tal"), ("z", "dc"), ("d", "tal")]
    found = align(TRUTH, answers(given_))
    assert found.texts == [f"answer {index}" for index in range(6)]
    assert found.rules == {BY_INDEX: 6}
    assert found.unknown_ids == 3
    assert found.warnings == (
        "3 of 6 ids are unknown to the test set; these answers were matched by their position in "
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
    assert found.rules == {BY_ID: 6}
    assert found.texts == [f"answer {index}" for index in (0, 3, 2, 1, 4, 5)]
    assert found.warnings == (
        "Answers were matched to questions by id and qa_type, not by their order. For 2 of 6, "
        "several questions have that id and qa_type, so only the order in the file tells which "
        "one is answered: unless it is the questions' order, give each record its “question” as "
        "the test set words it.",
    )


def test_an_answer_with_one_question_left_for_it_is_not_called_undecided() -> None:
    truth = [("a", "tal"), ("b", "dense_captioning_gpt"), ("b", "dense_captioning_gemini")]
    found = align(truth, answers(truth[::-1]))
    assert found.texts == ["answer 2", "answer 1", "answer 0"]
    assert found.warnings == (
        "Answers were matched to questions by id and qa_type, not by their order.",
    )
    found = align(truth, answers([("b", "dc"), ("a", "tal")]))
    assert "For 1 of 2, several questions" in found.warnings[0]


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


def test_more_records_than_questions_is_an_error_that_names_the_first_of_each_reason() -> None:
    with pytest.raises(AlignmentError) as caught:
        align(TRUTH, answers(TRUTH + [("new", "tal")] * 30 + [("b", "stg")]))
    message = str(caught.value)
    assert message.startswith("31 of 37 records match no question. The file has 37 records")
    assert message.endswith(
        "Not matched: index 6, 7, 8, …: 30 records, the first with id “new”, tal (unknown id); "
        "index 36: id “b”, stg (this id has no question of this qa_type)."
    )
    assert "copy id and qa_type unchanged" in message


def test_records_that_are_in_a_file_twice_are_to_be_deleted() -> None:
    """As of a run that was appended to itself, or resumed too early."""
    once = answers(TRUTH)
    with pytest.raises(AlignmentError) as caught:
        align(TRUTH, [*once, *once[2:]])
    message = str(caught.value)
    assert "Delete the records that are in the file twice." in message
    assert "copy id" not in message
    assert message.count("the same as another record") == 1
    other = [replace(one, text=f"another {one.text}") for one in once[2:]]
    with pytest.raises(AlignmentError, match="more answers than questions") as caught:
        align(TRUTH, [*once, *other])
    assert "twice" not in str(caught.value)


def test_an_error_names_no_id_but_the_uploads() -> None:
    secret = [("canary-in-the-truth", "tal"), ("b", "tal")]
    with pytest.raises(AlignmentError) as caught:
        align(secret, answers([("b", "stg"), ("b", "tal")]))
    assert "canary" not in str(caught.value)


def test_nothing_to_align() -> None:
    assert align([], []).texts == []
    assert align(TRUTH, []).texts == [None] * 6


WORDS = {
    "first": "When does the hook dissect the omentum?",
    "second": "When do the forceps dissect the omentum?",
    "which": "Which step follows this clip?",
}
CLIP = "video41&&2864&&5514&&1.0"
LATER = "video41&&7000&&7500&&1.0"
ASKED = [
    Place(CLIP, "tal", WORDS["first"]),
    Place(CLIP, "tal", WORDS["second"]),
    Place(CLIP, "next_action", WORDS["which"]),
    Place(LATER, "next_action", WORDS["which"], ("video41&&233.33s&&250s&&",)),
    Place("other&&1&&9&&1.0", "next_action", WORDS["which"]),
]


def answer(place: Place, text: str, **changes: object) -> Prediction:
    fields = {"id": place.id, "qa_type": place.qa_type, "question": place.question} | changes
    return Prediction(text=text, **fields)  # type: ignore[arg-type]


def test_the_question_decides_where_answers_of_one_clip_are_swapped() -> None:
    given_ = [answer(place, str(index)) for index, place in enumerate(ASKED)]
    given_[0], given_[1] = given_[1], given_[0]
    found = alignment.align(ASKED, given_)
    assert found.texts == ["0", "1", "2", "3", "4"]
    assert (found.rules, found.contradictions) == ({BY_QUESTION: 5}, (0, 1))
    assert found.warnings == (
        "2 of 5 answers are out of place: the record's question disagrees with its "
        "id and position in the file; the question decided (index 0, 1).",
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_shuffled_file_with_questions_is_right_whatever_its_ids(seed: int) -> None:
    """Bounds missing, as text or in seconds, with the video's mark, without suffix."""
    given_ = [
        answer(ASKED[0], "0", question=f"<video>\n{WORDS['first'].upper()}  "),
        answer(ASKED[1], "1", id="video41&&&&&&1.0"),
        answer(ASKED[2], "2", id="1.0$video41$2864$5514"),
        answer(ASKED[3], "3", id="video41&&&&&&1.0", names=("video41&&233.330s&&250.0s&&",)),
        answer(ASKED[4], "4", id="17", names=("other&&1.0&&9&&",)),
    ]
    random.Random(seed).shuffle(given_)
    found = alignment.align(ASKED, given_)
    assert found.texts == ["0", "1", "2", "3", "4"]
    assert found.rules == {BY_QUESTION: 5}


def test_answers_to_one_question_about_several_clips_of_a_video_keep_their_order() -> None:
    """Only the video identifies the clips, and the file is out of order."""
    same = ASKED[2:4]
    given_ = [answer(place, str(index), id="video41&&&&&&1.0") for index, place in enumerate(same)]
    found = alignment.align(ASKED, [answer(ASKED[1], "x"), *given_])
    assert found.texts == [None, "x", "0", "1", None]
    assert found.rules == {BY_QUESTION: 1, BY_ORDER: 2}
    assert found.warnings[1].startswith("2 of 3 answers have no clip bounds and the same question")


def test_a_reworded_question_leaves_the_place_to_id_and_order() -> None:
    given_ = [answer(place, str(i), question="Prompt.") for i, place in enumerate(ASKED)]
    found = alignment.align(ASKED, given_)
    assert (found.texts, found.rules) == (["0", "1", "2", "3", "4"], {BY_INDEX: 5})


def test_whole_tasks_left_out_are_no_obstacle_to_unknown_ids() -> None:
    truth = [*TRUTH, ("e", "stg"), ("f", "stg")]
    given_ = [("x", "stg"), ("e", "stg"), ("f", "stg"), ("c", "dc")]
    found = align(truth, answers(given_))
    assert found.texts == [None, None, "answer 0", None, "answer 3", None, "answer 1", "answer 2"]
    assert (found.rules, found.unknown_ids) == ({BY_POSITION: 3, BY_ID: 1}, 1)


def test_unknown_ids_of_a_qa_type_that_is_there_in_part_are_refused() -> None:
    with pytest.raises(AlignmentError, match="1 of 4 records match no question"):
        align(TRUTH, answers([("x", "tal"), ("b", "tal"), ("d", "tal"), ("a", "stg")]))


def test_too_many_unknown_ids_are_refused_for_a_part_too() -> None:
    truth = [*TRUTH, ("e", "stg"), ("f", "stg")]
    with pytest.raises(AlignmentError, match="2 of 3 ids are unknown to the test set"):
        align(truth, answers([("x", "stg"), ("y", "stg"), ("f", "stg")]))


@pytest.mark.parametrize("swapped", [False, True])
def test_a_qa_type_without_suffix_matches_any_of_its_kind(swapped: bool) -> None:
    kinds = ["region_caption_gpt", "region_caption_gemini", "dense_captioning_gpt"]
    truth = [(clip, kind) for clip in "abc" for kind in kinds]
    bare = [(clip, kind.rpartition("_")[0]) for clip, kind in truth]
    if swapped:
        truth, bare = bare, truth
    assert align(truth, answers(bare)).texts == [f"answer {index}" for index in range(9)]
    shuffled = [6, 7, 8, 0, 1, 2, 3, 4, 5]
    moved = align(truth, answers([bare[index] for index in shuffled]))
    assert moved.order == [shuffled.index(index) for index in range(9)]
    part = align(truth, answers(bare[3:5]))
    assert part.order == [None, None, None, 0, 1, None, None, None, None]


def test_dc_matches_any_dense_captioning() -> None:
    found = align([("a", "tal"), ("b", "dense_captioning_gemini")], answers([("b", "dc")]))
    assert found.texts == [None, "answer 0"]


def test_kinds_with_different_suffixes_are_not_mixed_up() -> None:
    with pytest.raises(AlignmentError, match="no question has this qa_type"):
        align([("a", "region_caption_gpt")], answers([("a", "region_caption_gemini")]))


@pytest.mark.parametrize(
    ("known", "written"),
    [
        ("1.0$014014_part0$184$324", "014014_part0&&184&&324&&1.0"),
        ("014014_part0&&184&&324&&1.0", "1.0$014014_part0$184$324"),
        ("a$b&&184&&324&&1.0", "30$a$b$184.0$324.00"),
        ("v&&184&&324&&1.0", "v&&184&&324&&1"),
        ("v&&184&&324&&1.0", "v&&184&&324"),
    ],
)
def test_other_writings_of_an_id_name_the_same_clip(known: str, written: str) -> None:
    truth = [("other", "tal"), (known, "tal")]
    found = align(truth, answers([(written, "tal")]))
    assert (found.texts, found.unknown_ids) == ([None, "answer 0"], 0)


def test_an_id_that_could_be_two_clips_is_unknown() -> None:
    truth = [("v&&1&&9&&1.0", "tal"), ("v&&1&&9&&2.0", "tal")]
    with pytest.raises(AlignmentError, match="unknown id"):
        align(truth, answers([("v&&1&&9", "tal")]))


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
def test_every_text_is_matched_once_or_it_is_an_error(
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
