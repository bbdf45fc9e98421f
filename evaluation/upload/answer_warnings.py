"""What the check says about the answers, for the command that scores them.

A score of 0 does not tell whether the model was wrong or its answers were in another form.
"""

from collections.abc import Collection, Sequence

from evaluation.clips import names_of
from evaluation.truth import TruthRecord
from evaluation.upload.questions import Question
from evaluation.upload.records import Prediction
from evaluation.upload.review import review

# The matching of answers to questions tells the first ones, the table of metrics the last.
_TOLD = frozenset({"alignment", "order", "contradiction", "missing", "no_records", "empty"})


def answer_warnings(
    records: Sequence[TruthRecord], given: Sequence[Prediction], tasks: Collection[str]
) -> list[str]:
    """One sentence per problem or warning of the check about the answers of these tasks.

    Of the truth only ids, qa_types, questions and clips are used, never a reference. The
    sentences quote the answers.
    """
    questions = [
        Question(one.id, one.qa_type, one.question or None, names_of(one.metadata, one.id))
        for one in records
    ]
    found = review(given, questions)
    return [
        one.text
        for one in (*found.problems, *found.warnings)
        if one.code not in _TOLD and (one.task is None or one.task in tasks)
    ]
