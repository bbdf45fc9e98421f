"""How to read intervals, sets of ranks, comparisons and other orders: texts for About. Pure."""

from dataclasses import dataclass
from typing import Final

from core.benchmark import METRICS
from core.publish.cells import LEAST_RECORDS
from core.ranking.intervals import LEAST_UNITS
from core.ranking.schemes import SCHEMES
from core.ranking.weights import DRAWS


@dataclass(frozen=True, slots=True)
class Explanation:
    """A term on the pages, and what it means."""

    title: str
    text: str


READING: Final = (
    Explanation(
        "95 % interval",
        "The test set is a sample of surgery. In 95 of 100 cases, such an interval contains the "
        "model’s mean score over many test sets of this composition. The sampling unit is the "
        "recording, not the question: clips of one video resemble each other, and so do "
        "the trials of one surgeon in JIGSAWS and the parts of one case in CoPESD. With fewer than "
        f"{LEAST_UNITS} recordings no interval is shown.",
    ),
    Explanation(
        "Overlapping intervals",
        "All models answer the same questions, and questions that are hard for one model tend to "
        "be hard for others. So two models can be distinguishable although their intervals "
        "overlap: the page *Compare* tests the differences, recording by recording.",
    ),
    Explanation(
        "Ranks in brackets, as 1 (1–3)",
        "The ranks that the data allow, by the *expected average rank* over test sets of this "
        "size and composition (within a metric: by the expected score). In at least 95 of 100 "
        "cases all sets of a board are correct at the same time, and each contains the displayed "
        "rank. “May be first”: the set starts with 1.",
    ),
    Explanation(
        "Brackets next to ranks: tiers",
        "Models joined by a bracket are connected by their sets: no line between them is supported "
        "by the data. Two models of one tier may still differ: compare them.",
    ),
    Explanation(
        "Comparisons",
        "“Better” and “worse” mean differences that are distinguishable at 5 %, corrected over the "
        "metrics compared (Holm); the intervals are not corrected. Such a test set detects the "
        "*smallest detectable difference* in 80 of 100 cases, at 5 % and without that correction: "
        "a smaller one can be real and still be missed. *One metric* in Explore gives it for two "
        "typical models of the board.",
    ),
    Explanation(
        "No interval",
        "Results that were published or entered by hand have no sample scores. They are taken at "
        "their values, and their uncertainty is not in the sets of the others. The intervals of "
        "caption metrics include the judge’s noise only if a model was graded more than once; "
        "they say so.",
    ),
    Explanation(
        "What is not shown",
        "The answers are private, and figures over few questions would reveal them. Ends of "
        "intervals and p have two decimals, rounded away from the value. Intervals, sets and "
        f"scores within one source dataset need at least {LEAST_RECORDS} scored questions; the "
        "latter have no interval.",
    ),
)

ORDER: Final = (
    Explanation(
        "Why it matters",
        "The ranking rule turns the ranks in all metrics into one order. Another rule, other "
        "weights or other models on the board could give a different one. The section *What would "
        "change this order?* below the charts of the leaderboard shows by how much. It uses "
        "published scores only; the board itself does not change. Models with equal scores keep "
        "the board’s order.",
    ),
    Explanation(
        "One entry or metric left out",
        "The board’s rule applied without it. Average ranks depend on who is better within each "
        "metric, so the order of two models can depend on a third.",
    ),
    Explanation(
        "Random weights",
        f"{DRAWS:,} weightings of the {len(METRICS)} metrics, drawn uniformly from all possible "
        "ones. The share in which a model leads is accurate to about 3 points.",
    ),
    Explanation(
        "Other rules",
        f"{'; '.join(f'*{one.name}*: {one.what}' for one in SCHEMES)}. *Kendall’s tau* compares "
        "such an order with the board’s: 1 for the same order, −1 for the opposite.",
    ),
    Explanation(
        "Recordings left out",
        "How many recordings of the test set, chosen so that as few as possible are needed, "
        "would have to be left out for another model to be first. It is known for models with "
        "sample scores only.",
    ),
    Explanation(
        "Your own weights",
        "A whole number for each metric; models are ordered by the weighted mean of their ranks. "
        "The result is labelled “yours, not official”, also in its file.",
    ),
)
