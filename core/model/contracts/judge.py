"""The output of the caption judge's commands: result, plan, progress, flagged captions, agreement.

Written by `python -m evaluation.judge`, read by the job that runs it and by the pages.
"""

import re

import msgspec

from core.model.contracts.evaluation import progress_line

INCOMPLETE = 3  # exit status of `run`: too few captions were scored
RESULT_FILE = "judge.json"
SCORES_FILE = "scores.jsonl"
RECORDS_FILE = "records.jsonl"
_PLAN = "[plan] "
_PROGRESS = re.compile(
    r"\[progress\] [\d.]+ ([\d,]+) of ([\d,]+) pairs scored, ([\d.]+) calls/s, ([\d.]+) USD so far"
)


class JudgeResult(msgspec.Struct, frozen=True, kw_only=True):
    """`run`'s judge.json. Metrics are None unless the run is complete.

    By metric key: `n` uses of pairs, `asked` distinct pairs, `scored` of them, `share` (0 to 1);
    `aspects` the mean grade by aspect. `failed`: reason -> pairs. `calls` and `cost_usd` are of
    this run; `scores_…` are those of all scores behind the metrics, from any run. `flagged`:
    record index -> why its captions look like attempts to influence the judge.
    """

    complete: bool
    state: str
    metrics: dict[str, float | None]
    aspects: dict[str, dict[str, float | None]]
    n: dict[str, int] = {}
    asked: dict[str, int] = {}
    scored: dict[str, int] = {}
    share: dict[str, float]
    failed: dict[str, int] = {}
    calls: int
    cost_usd: float
    scores_calls: int = 0
    scores_cost_usd: float = 0.0
    model: str
    models_named: list[str]
    rubric_version: str
    prompt_hash: dict[str, str]
    date: str
    flagged: dict[str, list[str]] = {}
    predictions_sha256: str
    ground_truth_sha256: str


class JudgePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The estimate for a run: pairs to judge, distinct ones, calls to make, tokens and US
    dollars. `budget_left`: calls left within today's limit."""

    pairs: int
    distinct: int
    calls: int
    tokens: int
    cost_usd: float
    budget_left: int


def plan_line(plan: JudgePlan) -> str:
    """The machine-readable line of `run --plan`."""
    return f"{_PLAN}{msgspec.json.encode(plan).decode()}"


def plan_of(output: bytes) -> JudgePlan | None:
    """The last plan in the command's output, if any."""
    lines = [line for line in output.splitlines() if line.startswith(_PLAN.encode())]
    try:
        return msgspec.json.decode(lines[-1].removeprefix(_PLAN.encode()), type=JudgePlan)
    except (IndexError, msgspec.DecodeError):
        return None


class JudgeProgress(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of a judge run: pairs scored, all pairs, calls per second, US dollars so far."""

    done: int
    total: int
    rate: float
    cost_usd: float


def judge_progress_line(share: float, progress: JudgeProgress) -> str:
    """The progress line of a run; `share` is of the pairs, 0 to 1."""
    return progress_line(
        share,
        f"{progress.done:,} of {progress.total:,} pairs scored, {progress.rate:.1f} calls/s, "
        f"{progress.cost_usd:.2f} USD so far",
    )


def judge_progress_of(line: str) -> JudgeProgress | None:
    """The progress in a line; None for any other line."""
    found = _PROGRESS.match(line)
    if found is None:
        return None
    done, total = (int(found[n].replace(",", "")) for n in (1, 2))
    return JudgeProgress(done=done, total=total, rate=float(found[3]), cost_usd=float(found[4]))


class FlaggedCaption(msgspec.Struct, frozen=True):
    """A caption as the judge saw it, and why it is flagged."""

    text: str
    why: tuple[str, ...] = ()


class FlaggedRecord(msgspec.Struct, frozen=True):
    """The first flagged captions of a record, of `count`."""

    record: int
    task: str
    captions: tuple[FlaggedCaption, ...]
    count: int


class Agreement(msgspec.Struct, frozen=True):
    """Agreement of two runs in one task: n scores, the mean of b - a, shares in [0, 1], kappa and
    Spearman in [-1, 1]. None is undefined."""

    n: int
    mean_difference: float | None
    exact: float | None
    within_one: float | None
    kappa: float | None
    spearman: float | None


class AgreementSide(msgspec.Struct, frozen=True):
    """One of the two runs: models as named by the server, rubric versions, pairs scored."""

    models: list[str]
    rubrics: list[str]
    pairs: int

    @property
    def text(self) -> str:
        return f"{', '.join(self.models)} (rubric {', '.join(self.rubrics)})"


class AgreementReport(msgspec.Struct, frozen=True):
    """`agree --json`: two runs on the pairs that both scored; `tasks` by task key, and "all"."""

    date: str
    a: AgreementSide
    b: AgreementSide
    pairs_in_both: int
    tasks: dict[str, Agreement]
