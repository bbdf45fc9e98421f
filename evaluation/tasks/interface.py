"""What a task with metrics of its own declares to the evaluation."""

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
    """Metric key -> value of sample scores; `strict` counts an unscored sample as 0."""

    def __call__(self, samples: Sequence[Sample], strict: bool = False) -> dict[str, float]: ...


class RecordError(Exception):
    """A record could not be scored; `index` is its own, `__cause__` why."""

    def __init__(self, index: int) -> None:
        super().__init__(f"record {index}")
        self.index = index


@dataclass(frozen=True, slots=True)
class Task:
    """How one task is read and scored.

    metrics: the keys that `aggregate` gives, as in core.benchmark.
    score: the sample scores of all rows, in their order; it tells its progress as it goes.
    form: what its answers look like.
    extra_work: what scoring takes beyond a step per record, in records, for the progress bar.
    off_label: of a task with labels, how many answers are none of them.
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
    """The `score` of a task whose records are scored one by one. Raises RecordError.

    A reference that cannot be read leaves its own record unscored and nothing else.
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
