"""How to read intervals, sets of ranks and comparisons: the words of the About page. Pure."""

from dataclasses import dataclass
from typing import Final

from core.publish.cells import LEAST_RECORDS
from core.ranking.intervals import LEAST_UNITS


@dataclass(frozen=True, slots=True)
class Explanation:
    """One thing that is shown, and what it means."""

    title: str
    text: str


READING: Final = (
    Explanation(
        "95 % interval",
        "The test set is a sample of surgery. Intervals made this way hold the score that the "
        "model would have over many test sets of this make-up, in 95 of 100 cases. What is "
        "sampled are recordings, not questions: clips of one video resemble each other, and so do "
        "the trials of one surgeon in JIGSAWS and the parts of one case in CoPESD. With fewer than "
        f"{LEAST_UNITS} recordings no interval is shown.",
    ),
    Explanation(
        "Overlapping intervals",
        "Two models answer the same questions, so that what is hard for one is mostly hard for the "
        "other. They can be told apart although their intervals overlap: the page *Compare* looks "
        "at the differences, recording by recording.",
    ),
    Explanation(
        "Ranks in brackets, as 1 (1–3)",
        "The places that the data allow. They speak of the order of the *expected average rank* "
        "over test sets of this size and make-up (within a metric: of the expected score). All "
        "sets of a board are right at once in at least 95 of 100 cases, and each holds the rank "
        "that is shown. “May be first”: the set begins with 1.",
    ),
    Explanation(
        "Brackets beside ranks: tiers",
        "Models joined by a bracket are connected by their sets: no line between them is supported "
        "by the data. Two models of one tier may still differ: compare them.",
    ),
    Explanation(
        "Comparisons",
        "“Better” and “worse” are said of differences that are distinguishable at 5 %, corrected "
        "over the ten metrics (Holm). The *smallest detectable difference* is the one that such a "
        "test set would show in 80 of 100 cases: a smaller one can be real and not be seen.",
    ),
    Explanation(
        "No interval",
        "Results that were published or entered by hand come without sample scores. They stand at "
        "their values, and their uncertainty is not in the sets of the others. The intervals of "
        "caption metrics hold the judge’s own noise only where a model was graded more than once; "
        "they say so.",
    ),
    Explanation(
        "What is not shown",
        "The answers are hidden, and figures over few questions would tell them. Ends of "
        "intervals and p have two decimals, rounded away from the value. Intervals and sets need "
        f"at least {LEAST_RECORDS} scored questions; so do scores within one source dataset, which "
        "have no interval.",
    ),
)
