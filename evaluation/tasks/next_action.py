"""Next-action prediction: NAP_acc."""

from collections.abc import Callable, Sequence

import msgspec

from evaluation import labels
from evaluation.progress import Progress
from evaluation.tasks.answer_form import AnswerForm
from evaluation.tasks.interface import Row, Task
from evaluation.tasks.sample import NO_REFERENCE, NOT_IN_LABEL_SET, Sample, mean_score

KEY = "nap_acc"
# Cost of embedding, in scored records: per token, and the minimum of a text. For the progress
# bar only.
_MAX_TOKENS = 256
_TOKEN_COST, _TEXT_COST, _CHARACTERS_PER_TOKEN = 7, 20, 4

# (answer, its classes), and the function that maps each to the class nearest in meaning.
Pairs = Sequence[tuple[str, labels.Classes]]
Nearest = Callable[[Pairs], list[str]]


class Case(msgspec.Struct, frozen=True):
    """One record ready to be scored: reference, classes and answer, all normalised."""

    index: int
    dataset: str
    truth: str
    classes: labels.Classes
    answer: str

    @property
    def known(self) -> bool:
        """Whether the reference is one of the classes; otherwise the record is unscored."""
        return self.truth != "" and self.truth in self.classes

    @property
    def off_label(self) -> bool:
        """Whether the answer must be mapped to the class nearest in meaning."""
        return self.known and self.answer not in self.classes


def cases(records: Sequence[Row]) -> list[Case]:
    """Prepares (index, record, answer) triples. The classes come from all references."""
    truths = [labels.canonical(record.dataset, record.answer) for _, record, _ in records]
    seen: dict[str, set[str]] = {}
    for (_, record, _), truth in zip(records, truths, strict=True):
        if truth:
            seen.setdefault(record.dataset, set()).add(truth)
    classes = {dataset: tuple(sorted(found)) for dataset, found in seen.items()}
    return [
        Case(
            index,
            record.dataset,
            truth,
            labels.classes_of(record.dataset, record.question, classes),
            labels.canonical(record.dataset, text),
        )
        for (index, record, text), truth in zip(records, truths, strict=True)
    ]


def samples(prepared: Sequence[Case], nearest: Nearest) -> list[Sample]:
    """Scores every case: 1 if the answer's class is the reference, else 0.

    `nearest` is called once, and only if an answer is not a class.
    """
    pending = [case for case in prepared if case.off_label]
    found = nearest([(case.answer, case.classes) for case in pending]) if pending else []
    mapped = {case.index: label for case, label in zip(pending, found, strict=True)}
    return [
        Sample(
            case.index,
            case.dataset,
            {KEY: float(mapped.get(case.index, case.answer) == case.truth)},
        )
        if case.known
        else Sample(case.index, case.dataset, {}, NOT_IN_LABEL_SET if case.truth else NO_REFERENCE)
        for case in prepared
    ]


def aggregate(samples: Sequence[Sample], strict: bool = False) -> dict[str, float]:
    """Metric key -> accuracy over all records."""
    return {KEY: mean_score(samples, KEY, strict)}


def score(rows: Sequence[Row], progress: Progress) -> list[Sample]:
    """The sample scores of all rows; answers that are not classes are mapped by embeddings."""

    def embed(pairs: Pairs) -> list[str]:
        from evaluation.nearest import nearest  # importing numpy costs more than the scoring

        def embedded(done: int, total: int) -> None:
            progress.step_to("next_action", done / total)
            progress.log(f"next_action: {done:,} of {total:,} texts embedded")

        return nearest(pairs, embedded)

    found = samples(cases(rows), embed)
    progress.step(len(rows))
    return found


def embedding_work(rows: Sequence[Row]) -> int:
    """Estimated cost of the answers that are not labels, in scored records."""
    pending = {case.answer for case in cases(rows) if case.off_label}
    tokens = sum(min(_MAX_TOKENS, len(text) // _CHARACTERS_PER_TOKEN) for text in pending)
    return _TEXT_COST * len(pending) + _TOKEN_COST * tokens


def off_label(rows: Sequence[Row]) -> int:
    """How many answers are not labels and count as the label nearest in meaning."""
    return sum(case.off_label for case in cases(rows))


FORM = AnswerForm(complete_after_any_word=True)
TASK = Task((KEY,), score, aggregate, FORM, embedding_work, off_label)
