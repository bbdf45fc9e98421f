"""A review as text for a terminal, 80 columns wide."""

import textwrap
from collections.abc import Iterator, Sequence

from core.benchmark import MIN_RECORDS
from core.model.contracts.review import Finding, Review, TaskReview

WIDTH = 80
_PLACES_ONLY = frozenset({"empty", "all_empty", "empty_bounds"})
_HEAD = (
    f"{'task':<17}{'expected':>8}{'found':>7}{'empty':>6}{'unread':>7}"
    f"{'compared':>9}{'fewer':>6}{'more':>5}{'off label':>10}{'cut':>5}"
)


def as_text(review: Review, name: str) -> str:
    """The verdict, the table per task, then problems, warnings and notes with examples."""
    lines = [f"{name}: {review.verdict}", ""]
    if review.tasks:
        lines += [f"{review.records:,} records{_too_few(review)}", "", _HEAD, "-" * len(_HEAD)]
        lines += [_row(task) for task in review.tasks]
        lines += [""]
    for title, findings in (
        ("Problems", review.problems),
        ("Warnings", review.warnings),
        ("Notes", review.notes),
    ):
        lines += _section(title, findings)
    return "\n".join(lines)


def _too_few(review: Review) -> str:
    """That a file can be scored here, but not submitted."""
    if not review.ready or review.records >= MIN_RECORDS:
        return ""
    return f": a leaderboard accepts submissions of at least {MIN_RECORDS} by default"


def _row(task: TaskReview) -> str:
    compared = f"{task.compared:>9,}{task.fewer:>6,}{task.more:>5,}"
    if not task.compared:
        compared = f"{'—':>9}{'—':>6}{'—':>5}"
    unread = f"{task.unreadable:>7,}" if task.unread_reason else f"{'—':>7}"
    off_label = "—" if task.off_label is None else f"{task.off_label:,}"
    cut = "—" if task.truncated is None else f"{task.truncated:,}"
    return (
        f"{task.key:<17}{task.expected:>8,}{task.found:>7,}{task.empty:>6,}{unread}"
        f"{compared}{off_label:>10}{cut:>5}"
    )


def _section(title: str, findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        return
    yield title
    for finding in findings:
        yield textwrap.fill(finding.text, WIDTH, initial_indent="  - ", subsequent_indent="    ")
        yield from _examples(finding)
    yield ""


def _examples(finding: Finding) -> Iterator[str]:
    """Where to look: the answers, or only their indexes if an answer shows nothing."""
    if finding.code in _PLACES_ONLY:
        places = ", ".join(str(example.index) for example in finding.examples)
        more = ", …" if finding.count > len(finding.examples) else ""
        if places:
            yield f"      index {places}{more}"
        return
    for example in finding.examples:
        yield f"      index {example.index}  {example.id}  {example.qa_type}"
        yield from textwrap.wrap(
            example.answer,
            WIDTH,
            initial_indent="        ",
            subsequent_indent="        ",
            max_lines=2,
        )
