"""Each metric on cases worked out by hand: empty, single, tie, all wrong, missing parts."""

import math

import pytest

from evaluation import labels
from evaluation.tasks import cvs_assessment, dvc, next_action, skill_assessment, stg, tal
from evaluation.tasks.sample import (
    EMPTY,
    NO_REFERENCE,
    NOT_IN_LABEL_SET,
    NOTHING_TO_MATCH,
    UNPARSED,
)
from tests.evaluation.scoring_data import record, samples_of


def tal_record(*spans, fps="1.0"):
    listed = [{"start": start, "end": end} for start, end in spans]
    return record("tal", [{"spans": listed}], metadata={"video_id": "v", "fps": fps})


@pytest.mark.parametrize(
    ("spans", "text", "at_03", "at_05"),
    [
        pytest.param([(0, 10)], "", 0, 0, id="empty answer"),
        pytest.param([(0, 10)], "0-10", 1, 1, id="exact"),
        pytest.param([(0, 10)], "20-30", 0, 0, id="all wrong"),
        pytest.param([(0, 10)], "0-4", 0.4, 0, id="between the thresholds"),
        pytest.param([(0, 10)], "0-3", 0.3, 0, id="exactly at the threshold"),
        pytest.param([(0, 10)], "10-0", 0, 0, id="reversed answer"),
        pytest.param([(0, 10), (20, 30)], "0-10", 1, 1, id="an unmatched truth costs nothing"),
        pytest.param([(0, 10), (0, 10)], "0-8", 0.8, 0.8, id="a prediction is used once"),
        pytest.param([(0, 10), (5, 10)], "0-5, 5-10", 0.75, 0.75, id="first of a tie is taken"),
        pytest.param([], "0-10", 0, 0, id="no truth"),
    ],
)
def test_tal(spans, text, at_03, at_05):
    sample = tal.sample(0, tal_record(*spans), text)
    assert sample.scores == {
        "tag_miou_03": pytest.approx(at_03),
        "tag_miou_05": pytest.approx(at_05),
    }


def test_tal_counts_every_record():
    samples = samples_of(tal, [(tal_record((0, 10)), "0-10"), (tal_record((0, 10)), "none")])
    assert tal.aggregate(samples) == {"tag_miou_03": 0.5, "tag_miou_05": 0.5}
    assert math.isnan(tal.aggregate([])["tag_miou_03"])


@pytest.mark.parametrize(
    ("spans", "text", "at_03", "at_05"),
    [
        pytest.param([(0, 10)], "0-10", 1, 1, id="as many as there are"),
        pytest.param([(0, 10), (20, 30)], "0-10", 0.5, 0.5, id="a truth missed"),
        pytest.param([(0, 10)], "0-10, 20-30, 40-50, 60-70", 0.25, 0.25, id="surplus segments"),
        pytest.param([(0, 10), (20, 30)], "0-4, 20-28, 50-60", 1.2 / 3, 0.8 / 3, id="both"),
        pytest.param([], "0-10", 0, 0, id="no truth"),
        pytest.param([(0, 10)], "", 0, 0, id="no answer"),
        pytest.param([], "", 0, 0, id="neither"),
    ],
)
def test_tal_strict_counts_missed_and_surplus_segments(spans, text, at_03, at_05):
    samples = samples_of(tal, [(tal_record(*spans), text)])
    assert tal.aggregate(samples, strict=True) == {
        "tag_miou_03": pytest.approx(at_03),
        "tag_miou_05": pytest.approx(at_05),
    }


def test_a_blind_grid_of_segments_gains_nothing_in_the_strict_figure():
    grid = ", ".join(
        f"{start}-{start + length}" for length in (5, 10, 20, 40) for start in range(0, 100, 2)
    )
    samples = samples_of(tal, [(tal_record((11, 21), (50, 88)), grid)])
    assert tal.aggregate(samples)["tag_miou_05"] > 0.8
    assert tal.aggregate(samples, strict=True)["tag_miou_05"] < 0.01


BOX = [0, 0, 10, 10]


def stg_record(boxes):
    return record("stg", [{"bbox_dict": boxes}])


@pytest.mark.parametrize(
    ("boxes", "text", "score"),
    [
        pytest.param({"1.0": BOX}, "", 0, id="empty answer"),
        pytest.param({"1.0": BOX}, "1 seconds: [0, 0, 10, 10]", 1, id="exact"),
        pytest.param({"1.0": BOX}, "1.0 seconds: [20, 20, 30, 30]", 0, id="all wrong"),
        pytest.param({"1.0": BOX}, "1.0 seconds: [0, 0, 10, 5]", 0.5, id="half"),
        pytest.param({"1": BOX, "2": BOX}, "1 seconds: [0,0,10,10]", 1, id="the last box stays"),
        pytest.param({"1": BOX, "2": BOX}, "2 seconds: [0,0,10,10]", 0.5, id="zeros at first"),
        pytest.param({"1.0": BOX, "2.0": BOX}, "[[0, 0, 10, 10]]", 1, id="bare box"),
        pytest.param({"1": BOX}, "[[0, 0, 10, 10]]", 0, id="a bare box's time as the truth has it"),
        pytest.param({"1.0": BOX}, "1.04 seconds: [0, 0, 10, 10]", 0, id="another time"),
        pytest.param({"1.0": BOX}, "1.00 seconds: [0, 0, 10, 10]", 1, id="the same time"),
        pytest.param({"1": [0, 0, 0, 0]}, "", 0, id="zeros on both sides"),
        pytest.param({"1": BOX, "2": None}, "1 seconds: [0,0,10,10]", 1, id="an invalid truth"),
    ],
)
def test_stg(boxes, text, score):
    assert stg.sample(0, stg_record(boxes), text).scores == {"stg_miou": pytest.approx(score)}


def test_stg_is_unscored_only_without_a_reference_box():
    good = (stg_record({"1": BOX}), "1 seconds: [0,0,10,10]")
    samples = samples_of(stg, [good, (stg_record({"1": [1, 2, 3]}), "1 seconds: [0,0,10,10]")])
    assert samples[1].reason == NOTHING_TO_MATCH
    assert stg.aggregate(samples)["stg_miou"] == 1
    assert stg.aggregate(samples, strict=True)["stg_miou"] == 0.5


@pytest.mark.parametrize(
    "struc_info",
    [{"bbox_dict": {"1.0": BOX}}, {"1.0": BOX}, [{"1.0": BOX}]],
    ids=["an object", "times without bbox_dict", "an item without bbox_dict"],
)
def test_stg_truth_has_several_forms(struc_info):
    truth = record("stg", struc_info)
    assert stg.sample(0, truth, "[[0, 0, 10, 10]]").scores["stg_miou"] == 1


def dvc_record(*segments, dataset="AVOS"):
    listed = [{"start": start, "end": end, "caption": "x"} for start, end in segments]
    return record("dense_captioning_gpt", [{"dc_segments": listed}], dataset=dataset)


@pytest.mark.parametrize(
    ("segments", "text", "f1"),
    [
        pytest.param([(0, 10)], "0-10 seconds: a", 1, id="exact"),
        pytest.param([(0, 10)], "20-30 seconds: a", 0, id="all wrong"),
        pytest.param([(0, 10)], "0-6 seconds: a", 2 / 3, id="above two thresholds of three"),
        # precision 1, recall 1/2 at every threshold
        pytest.param([(0, 10), (20, 30)], "0-10 seconds: a", 2 / 3, id="half of the truths"),
        # at 0.5 the IoU is 5 / (10 + 1e-8), not above the threshold
        pytest.param([(0, 10)], "0-5 seconds: a", 1 / 3, id="at a threshold is not above it"),
        pytest.param([(0, 10)], "10-0 seconds: a", 1, id="a segment is turned round"),
    ],
)
def test_dvc(segments, text, f1):
    assert dvc.sample(0, dvc_record(*segments), text).scores == {"dvc_f1": pytest.approx(f1)}


@pytest.mark.parametrize(
    ("segments", "text", "reason"),
    [
        pytest.param([(0, 10)], "  ", EMPTY, id="empty"),
        pytest.param([(0, 10)], "a nurse", UNPARSED, id="unparsed"),
        pytest.param([], "0-5 seconds: a", NOTHING_TO_MATCH, id="no truth"),
    ],
)
def test_dvc_unscored(segments, text, reason):
    assert dvc.sample(0, dvc_record(*segments), text).reason == reason


def test_dvc_weights_datasets_by_all_their_records():
    right, wrong = "0-10 seconds: a", "50-60 seconds: a"
    samples = samples_of(
        dvc,
        [
            (dvc_record((0, 10)), right),
            (dvc_record((0, 10)), ""),
            (dvc_record((0, 10), dataset="NurViD"), wrong),
            (dvc_record((0, 10), dataset="CoPESD"), "unreadable"),
        ],
    )
    # AVOS 1.0 with weight 2, NurViD and CoPESD 0.0 with weight 1 each
    assert dvc.aggregate(samples)["dvc_f1"] == pytest.approx(2 / 4)
    # strict: AVOS 0.5 with weight 2, the others 0 with weight 1 each
    assert dvc.aggregate(samples, strict=True)["dvc_f1"] == pytest.approx(1 / 4)


@pytest.mark.parametrize(
    "struc_info",
    [
        pytest.param([[{"start": 1, "end": 2, "caption": "x"}]], id="a list in the list"),
        pytest.param([{"dc_segments": [{"start": "1", "end": 2, "caption": "x"}]}], id="key"),
        pytest.param([{"start": 1, "end": 2, "caption": "x"}, {"start": 1}], id="bare items"),
        pytest.param({"dc_segments": [{"start": 1, "end": 2, "caption": "x"}]}, id="object"),
    ],
)
def test_dvc_truth_has_several_forms(struc_info):
    assert dvc.truth_segments(record("dc", struc_info)) == [(1, 2, "x")]


def skill(scores, dataset="JIGSAWS"):
    info = [{"skill_level": "N", "skill_scores": scores}]
    return record("skill_assessment", info, dataset=dataset)


def test_skill_is_balanced_over_aspects_then_datasets():
    samples = samples_of(
        skill_assessment,
        [
            (skill({"a": 1, "b": 2}), "a: 1/5, b: 3/5"),
            (skill({"a": 1, "b": 2}), "a: 1/5"),
            (skill({"a": 4}, "AVOS"), "a: 3/5"),
            (skill({"a": 4}, "AVOS"), "Overall 4/5"),
        ],
    )
    # JIGSAWS: a 2/2, b 0/1; AVOS: a 0/1
    assert skill_assessment.aggregate(samples)["sa_acc"] == pytest.approx((1 / 2 + 0) / 2)
    # strict JIGSAWS: a 2/2, b 0/2; AVOS: a 0/2
    strict = skill_assessment.aggregate(samples, strict=True)
    assert strict["sa_acc"] == pytest.approx((1 / 2 + 0) / 2)
    assert [sample.reason for sample in samples] == [None, None, None, UNPARSED]
    assert samples[1].parts == {"a": 1, "b": None}


def test_skill_names_count_as_written():
    sample = skill_assessment.sample(0, skill({"Flow": 1}), "flow: 1/5")
    assert sample.reason == NOTHING_TO_MATCH


def test_skill_truth_is_read_from_the_answer_otherwise():
    truth = record("skill_assessment", [{"skill_level": "N"}], answer="Flow: 2/5")
    assert skill_assessment.sample(0, truth, "Flow: 2/5").scores == {"sa_acc": 1}


def test_cvs_strict_counts_missing_components_as_wrong():
    scores = {"two_structures": 1, "cystic_plate": 0, "hepatocystic_triangle": 2, "total": 3}
    truth = record("cvs_assessment", [{"cvs_scores": scores}])
    samples = samples_of(
        cvs_assessment, [(truth, "Two structures: 1, Cystic plate: 1"), (truth, "")]
    )
    assert cvs_assessment.aggregate(samples)["cvs_acc"] == pytest.approx((1 + 0) / 2)
    assert cvs_assessment.aggregate(samples, strict=True)["cvs_acc"] == pytest.approx(1 / 6)
    assert samples[1].reason == EMPTY


def test_cvs_truth_is_read_from_the_answer_otherwise():
    truth = record("cvs_assessment", [], answer="Cystic plate: 1")
    assert cvs_assessment.sample(0, truth, "cystic plate: 1").scores == {"cvs_acc": 1}


def test_a_dataset_in_which_nothing_is_compared_counts_as_0():
    samples = samples_of(
        skill_assessment, [(skill({"a": 1}), "a: 1/5"), (skill({"a": 1}, "AVOS"), "unreadable")]
    )
    assert skill_assessment.aggregate(samples)["sa_acc"] == 1 / 2


def test_balanced_accuracy_of_nothing_is_undefined():
    assert math.isnan(skill_assessment.aggregate([])["sa_acc"])
    assert math.isnan(cvs_assessment.aggregate([])["cvs_acc"])


def action(answer, dataset="AVOS", question="What?"):
    return record("next_action", answer=answer, dataset=dataset, question=question)


def scored(rows, nearest):
    triples = [(index, truth, text) for index, (truth, text) in enumerate(rows)]
    return next_action.samples(next_action.cases(triples), nearest)


def never(_pairs):
    raise AssertionError("every answer is a label")


def test_next_action_needs_no_embedding_for_labels():
    rows = [
        (action("cutting"), " cutting\n"),
        (action("cutting"), "tying"),
        (action("irrigation", "EgoSurgery"), "irrigation"),
        (action("dissect flap with knife", "CoPESD"), "dissect flap tissue with knife"),
        (action("no such label"), "cutting"),
    ]
    samples = scored(rows, never)
    assert [sample.scores.get("nap_acc") for sample in samples] == [1, 0, 1, 1, None]
    assert samples[4].reason == NOT_IN_LABEL_SET
    assert next_action.aggregate(samples)["nap_acc"] == 3 / 4
    assert next_action.aggregate(samples, strict=True)["nap_acc"] == 3 / 5


def test_next_action_maps_other_answers_also_empty_ones():
    asked = []

    def first(pairs):
        asked.extend(pairs)
        return [classes[0] for _, classes in pairs]

    rows = [(action("cutting"), "to cut"), (action("tying"), ""), (action("odd"), "to tie")]
    samples = scored(rows, first)
    classes = ("cutting", "tying", "suturing")
    assert asked == [("to cut", classes), ("", classes)]
    assert [sample.scores.get("nap_acc") for sample in samples] == [1, 0, None]


def test_classes_of_a_dataset_without_a_list_come_from_all_its_truths():
    rows = [(action(name, "EgoSurgery"), "x") for name in ("b", " a ", "b")]
    asked = []
    scored(rows, lambda pairs: asked.extend(pairs) or ["a"] * len(pairs))
    assert {classes for _, classes in asked} == {("a", "b")}


def test_nurvid_classes_are_those_of_the_procedure_in_the_question():
    procedures = labels.label_sets().nurvid_procedures
    first = "During BED RUBBING, and not aseptic technique, what is next?"
    assert labels.classes_of("NurViD", first, {}) == procedures["Aseptic Technique"]
    every = labels.classes_of("NurViD", "What is next?", {})
    assert list(every) == sorted({name for names in procedures.values() for name in names})


@pytest.mark.parametrize("dataset", ["AVOS", "EgoSurgery"], ids=["with a list", "without"])
def test_a_truth_without_an_answer_is_unscored_and_no_class(dataset):
    turns = [{"from": "human", "value": "What?"}]
    silent = record("next_action", conversations=turns, dataset=dataset)
    rows = [
        (action("cutting", dataset), "cutting"),
        (silent, "cutting"),
        (action(" ", dataset), ""),
    ]
    samples = scored(rows, never)
    assert [sample.reason for sample in samples] == [None, NO_REFERENCE, NO_REFERENCE]
