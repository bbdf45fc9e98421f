"""Reviews the answers to one task: its row of the table and its findings."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from core.benchmark import Task
from core.model.contracts.review import Example, Finding, TaskReview
from evaluation.tasks.answer_form import Reading
from evaluation.tasks.registry import form_of
from evaluation.upload.plausible.clip import clip_of
from evaluation.upload.plausible.kind import Group, Seen, looked_at
from evaluation.upload.plausible.registry import (
    AFTER_EMPTY,
    NO_ANSWERS,
    agreeing,
    counts_off_label,
    implausible,
    said,
)
from evaluation.upload.records import Prediction, shown
from evaluation.upload.truncation import habitual_end, looks_truncated

EXAMPLES = 5
_ANSWER_SHOWN = 120
# Characters read of all answers to a task and of their questions: several times what good answers
# have. In a larger file the beginnings are enough.
_READ, _READ_CAPTIONS = 1_500_000, 8_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A prediction with its index, its question text and the names of its clip."""

    index: int
    prediction: Prediction
    question: str | None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Checked:
    """One non-empty answer, parsed: `asked` from its question, `cut` why it looks truncated."""

    answer: Answer
    reading: Reading
    asked: int | None
    cut: str | None

    @property
    def difference(self) -> int:
        """Items more (above 0) or fewer (below 0) than asked; 0 if unknown."""
        if self.asked is None or not self.reading.items:
            return 0
        return self.reading.items - self.asked


def review_task(
    task: Task, answers: Sequence[Answer], expected: int
) -> tuple[TaskReview, list[Finding]]:
    """The task's row, and its warnings from the most to the least serious."""
    form = form_of(task.key)
    empty = [answer for answer in answers if not answer.prediction.text.strip()]
    written = [answer for answer in answers if answer.prediction.text.strip()]
    groups = implausible(task.key, [_seen(answer, looked_at(len(written))) for answer in written])
    none = {n for group in groups if group.kind in NO_ANSWERS for n in group.places}
    checked = list(_check(task.key, written, none))
    unread = [one for one in checked if one.reading.items == 0]
    compared = [one for one in checked if one.asked is not None and one.reading.items]
    row = TaskReview(
        key=task.key,
        name=task.name,
        expected=expected,
        found=len(answers),
        empty=len(empty),
        unreadable=len(unread),
        unread_reason=f"no {form.wanted}" if form.wanted else "",
        counted=form.counted,
        compared=len(compared),
        fewer=sum(one.difference < 0 for one in compared),
        more=sum(one.difference > 0 for one in compared),
        truncated=None
        if form.complete_after_any_word
        else sum(one.cut is not None for one in checked),
        off_label=counts_off_label(task.key, groups),
    )
    findings = [*_missing(task.key, len(answers), expected)]
    if empty:
        after = AFTER_EMPTY.get(task.key) or form.without
        text = f"{_are(empty)} empty" + (f"; {after}" if after else "")
        findings.append(finding("empty", task.key, text, empty))
    findings.extend(_implausible(task.key, written, groups))
    explained = {n for group in groups if group.kind.explains_odd for n in group.places}
    findings.extend(_form(task.key, checked, unread, explained))
    return row, findings


def _check(task: str, written: Sequence[Answer], none: Collection[int]) -> Iterator[_Checked]:
    """Each answer parsed; those in the places `none` are refusals and the like."""
    form = form_of(task)
    asked = cache(form.asked)  # many answer the same question text
    most = _read_of([answer.prediction.text for answer in written], task)
    most_asked = _read_of([answer.question or "" for answer in written], task)
    readings = [form.read(answer.prediction.text[:most]) for answer in written]
    # One in another format (a label, prose, a refusal) is not comparable with the others.
    peers = {n for n, found in enumerate(readings) if found.items != 0} - set(none)
    final_mark = habitual_end(written[place].prediction.text for place in peers)
    for place, (answer, reading) in enumerate(zip(written, readings, strict=True)):
        text = answer.prediction.text
        cut = looks_truncated(text[-most:], final_mark and place in peers)
        yield _Checked(
            answer=answer,
            reading=reading,
            asked=asked((answer.question or "")[:most_asked]) if len(text) <= most else None,
            cut=None if form.complete_after_any_word else cut,
        )


def _read_of(texts: Sequence[str], task: str) -> int:
    """How many characters of each text to read."""
    most = _READ_CAPTIONS if task == "dvc" else _READ
    return max(map(len, texts), default=1) if sum(map(len, texts)) <= most else most // len(texts)


def _seen(answer: Answer, length: int) -> Seen:
    whole = answer.prediction.text
    names = answer.names or (answer.prediction.id,)
    clip = next((clip for clip in map(clip_of, names) if clip), None)
    return Seen(whole[:length], whole, answer.question, clip)


def _implausible(
    task: str, written: Sequence[Answer], groups: Sequence[Group]
) -> Iterator[Finding]:
    """Plausible but wrong answers by kind: how many, the first one, the format that counts."""
    for group in groups:
        answers = [written[place] for place in group.places]
        text = (
            f"{len(answers):,} of {len(written):,} answers {said(group)} (at index "
            f"{answers[0].index}: “{shown(group.shows, 80)}”); {group.kind.counts}"
        )
        yield finding(group.kind.code, task, text, answers)


def _missing(task: str, found: int, expected: int) -> Iterator[Finding]:
    missing = expected - found
    if missing > 0 and not found:
        text = "no answers for this task; its metrics will be empty (—) and rank last"
        yield finding("no_records", task, text, count=missing)
    elif missing > 0:
        text = (
            f"{missing:,} of {expected:,} questions have no record; each counts as an empty answer"
        )
        yield finding("missing", task, text, count=missing)


def _form(
    task: str, checked: Sequence[_Checked], unread: Sequence[_Checked], explained: Collection[int]
) -> Iterator[Finding]:
    """What the form lacks, and what is odd in answers, except those where that is explained."""
    form = form_of(task)

    def pick(keep: Callable[[_Checked], bool]) -> list[_Checked]:
        return [one for one in checked if keep(one)]

    if unread:
        most = _read_of([one.answer.prediction.text for one in unread], task)
        guesses = Counter(form.why_unread(one.answer.prediction.text[:most]) for one in unread)
        guesses.pop(None, None)
        why = ", ".join(f"{count} {reason}" for reason, count in guesses.most_common())
        text = f"{_have(unread)} no {form.wanted}" + (f" ({why})" if why else "")
        text += f"; {form.without}"
        yield _about("unreadable", task, text, unread)
    cut = pick(lambda one: one.cut is not None)
    if cut:
        reasons = Counter(one.cut for one in cut).most_common()
        why = ", ".join(f"{reason}: {count}" for reason, count in reasons)
        text = (
            f"{_number(cut)} look{'s' * (len(cut) == 1)} truncated ({why}); truncated "
            "answers score near zero, so raise the token limit"
        )
        yield _about("truncated", task, text, cut)
    for code, word, group in (
        ("fewer", "fewer", pick(lambda one: one.difference < 0)),
        ("more", "more", pick(lambda one: one.difference > 0)),
    ):
        if group:
            first = group[0]
            both = sum(one.cut is not None for one in group)
            text = (
                f"{_have(group)} {word} {form.counted} than the question asks for (at index "
                f"{first.answer.index}: {first.reading.items}, asked {first.asked})"
                + (f"; {both} of them look{'s' * (both == 1)} truncated" if both else "")
            )
            yield _about(code, task, text, group)
    unexplained = [one for place, one in enumerate(checked) if place not in explained]
    for odd in sorted({kind for one in unexplained for kind in one.reading.odd}):
        group = [one for one in unexplained if odd in one.reading.odd]
        yield _about("odd", task, f"{_number(group)} {agreeing(odd, len(group))}", group)


def finding(
    code: str,
    task: str | None,
    text: str,
    answers: Sequence[Answer] = (),
    count: int | None = None,
) -> Finding:
    """A finding with its first examples. `text` is prefixed with the task and gets a full stop.

    For a truncated answer the end is shown, else the beginning and the end.
    """
    stop = "" if text.endswith("?") else "."
    return Finding(
        code=code,
        task=task,
        count=len(answers) if count is None else count,
        text=f"{task}: {text}{stop}" if task else f"{text}{stop}",
        examples=tuple(
            Example(
                index=answer.index,
                id=shown(answer.prediction.id),
                qa_type=shown(answer.prediction.qa_type),
                answer=_shown(answer.prediction.text, code == "truncated"),
            )
            for answer in answers[:EXAMPLES]
        ),
    )


def _shown(text: str, ending: bool) -> str:
    text = " ".join(text.split())
    if ending and len(text) > _ANSWER_SHOWN:
        return "…" + shown(text[1 - _ANSWER_SHOWN :], _ANSWER_SHOWN)
    return shown(text, _ANSWER_SHOWN)


def _about(code: str, task: str, text: str, group: Sequence[_Checked]) -> Finding:
    return finding(code, task, text, [one.answer for one in group])


def _noun(group: Sequence[object]) -> str:
    return "answer" if len(group) == 1 else "answers"


def _number(group: Sequence[object]) -> str:
    return f"{len(group):,} {_noun(group)}"


def _are(group: Sequence[object]) -> str:
    return f"{_number(group)} {'is' if len(group) == 1 else 'are'}"


def _have(group: Sequence[object]) -> str:
    return f"{_number(group)} {'has' if len(group) == 1 else 'have'}"
