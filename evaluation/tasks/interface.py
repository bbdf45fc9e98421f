"""What a scored task declares to the evaluation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.errors import GroundTruthError
from evaluation.progress import Progress
from evaluation.tasks.answer_form import AnswerForm
from evaluation.tasks.sample import UNREADABLE_REFERENCE, Sample
from evaluation.truth import TruthRecord

Row = tuple[int, TruthRecord, str]
"""Index in the truth, reference, answer."""


class Aggregate(Protocol):
    """Aggregates sample scores to metric key -> value; `strict` counts an unscored sample as 0."""

    def __call__(self, samples: Sequence[Sample], strict: bool = False) -> dict[str, float]: ...


class RecordError(Exception):
    """A record could not be scored: its `index`, and the reason as `__cause__`."""

    def __init__(self, index: int) -> None:
        super().__init__(f"record {index}")
        self.index = index


@dataclass(frozen=True, slots=True)
class Task:
    """How one task is read and scored.

    metrics: the keys that `aggregate` gives, as in core.benchmark.
    score: computes the sample scores of all rows in order, and reports progress.
    form: the format of its answers.
    extra_work: work beyond one step per record, in records, for the progress bar.
    off_label: for a task with labels, counts answers that are not labels.
    """

    metrics: tuple[str, ...]
    score: Callable[[Sequence[Row], Progress], list[Sample]]
    aggregate: Aggregate
    form: AnswerForm
    extra_work: Callable[[Sequence[Row]], int] = lambda _rows: 0
    off_label: Callable[[Sequence[Row]], int] | None = None


def by_record(
    sample: Callable[[int, TruthRecord, str], Sample],
) -> Callable[[Sequence[Row], Progress], list[Sample]]:
    """The `score` of a task that scores records one by one. Raises RecordError.

    An unreadable reference leaves only its own record unscored.
    """

    def score(rows: Sequence[Row], progress: Progress) -> list[Sample]:
        samples = []
        for index, record, text in rows:
            try:
                samples.append(sample(index, record, text))
            except GroundTruthError:
                samples.append(Sample(index, record.dataset, {}, UNREADABLE_REFERENCE))
            except Exception as error:
                raise RecordError(index) from error
            progress.step()
        return samples

    return score
