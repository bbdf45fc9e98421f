"""Frozen records: Entry (a board row), Submission, Job; reading and writing rows of board files.

How the journal stores entries and submissions: core.model.rows. Board files of the older
application are read too: an `average` column is dropped, unknown keys are kept, NaN and missing
values are undefined, and three caption metrics that are all 0.0 mean "not judged yet".
"""

import math
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from core.benchmark import JUDGE_KEYS, METRIC_BY_KEY, METRIC_KEYS
from core.errors import EntryError
from core.model.contracts.judge import JudgeProgress
from core.model.names import name_key, old_id

BoardName = Literal["official", "community"]
BOARD_NAMES: Final[tuple[BoardName, ...]] = ("community", "official")
SELF_REPORTED = "self_reported"
API_VERIFIED = "api_verified"
DECIMALS = 3  # metric values are published, stored and ranked with three decimals
_DROPPED = frozenset({"rank", "average", "average_rank"})


Weights = Literal["open", "closed"]
TrainedOnSources = Literal["yes", "no", "unknown"]


class Declared(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A participant's declarations about a model. All optional, all shown as text.

    core.model.fields defines how each is entered and shown.
    """

    team: str | None = None
    authors: str | None = None
    base_model: str | None = None
    parameters: str | None = None
    weights: Weights | None = None
    frames: str | None = None
    training_data: str | None = None
    trained_on_sources: TrainedOnSources | None = None
    code_url: str | None = None


VerificationState = Literal["asked", "contacted", "running", "verified", "declined"]
ScoresOf = Literal["own run", "checked"]


class Verification(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of a verification: `dates` when each state began; `reason` why it was declined.

    `scores`: from the maintainers' run, or the participant's, checked; None if unknown."""

    state: VerificationState
    scores: ScoresOf | None = None
    reason: str | None = None
    dates: dict[str, str] = {}


class Judgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The result of one judge run, and how it was made.

    `metrics` and `share` (scored / asked pairs, 0 to 1) are by metric key, `aspects` by metric
    key and aspect. `model` is the name given by the server. `flagged` captions look like attempts
    to influence the judge; `flagged_records` has the first of them by record index. `looked_at`
    is when an admin reviewed them (UTC).
    """

    run_id: str
    date: str
    model: str
    metrics: dict[str, float | None]
    rubric_version: str = ""
    prompt_hash: dict[str, str] = {}
    aspects: dict[str, dict[str, float | None]] = {}
    share: dict[str, float] = {}
    calls: int = 0
    cost_usd: float = 0.0
    flagged: int = 0
    flagged_records: dict[str, tuple[str, ...]] = {}
    looked_at: str | None = None


class JudgeLease(msgspec.Struct, frozen=True, kw_only=True):
    """A judge run in progress: no other may start for its submission."""

    run_id: str
    opened: str
    actor: str


class Version(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An earlier state of an entry: its scores and how they were made.

    `replaced` is when (UTC), `why` is a reason of core.changes.versions; `submission_id`
    identifies the upload's folder.
    """

    replaced: str
    why: str
    submission_id: str
    metrics: dict[str, float | None]
    date: str | None = None
    strict: dict[str, float | None] = {}
    coverage: dict[str, Any] = {}
    scorer_version: str | None = None
    ground_truth_sha256: str | None = None
    predictions_sha256: str | None = None
    judge: Judgement | None = None


class Deletion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When an entry was moved to the trash (UTC), by whom, and why."""

    time: str
    actor: str
    reason: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a board, shown, hidden or in the trash.

    `metrics` has all ten keys; None is undefined, never 0. `contact_ref` refers to the private
    record of the contact; a state has no `contact`: Store.with_contact looks it up for the
    maintainers and the owner. `arrived` (time and id) orders the entries of a board. A `hidden`
    entry is not shown and has no rank, but keeps its name; so does a `deleted` one, whose 30 days
    count from its deletion, or from `trash_since` if an undo put it back into the trash.
    `organiser` None means unknown (core.model.published.by_organisers). `submission_id` is the
    upload behind the scores, None when it is `entry_id`. `judge` is the run that gave the caption
    metrics, `judge_history` earlier ones, `held` a later one whose metrics count once an admin has
    reviewed the captions that it flagged. `surplus` counts answers with more segments than
    requested, by metric key; `surplus_seen` is the upload whose answers an admin has reviewed for
    that (core.model.surplus). `unread` says why metrics of an imported row have no value, by
    metric key. `extra` keeps keys that this version does not know.
    """

    entry_id: str
    model_name: str
    organization: str
    metrics: dict[str, float | None]
    date: str | None = None
    verified_date: str | None = None
    contact: str | None = None
    contact_ref: str | None = None
    model_url: str | None = None
    status: str = SELF_REPORTED
    off_the_shelf: bool = False
    declared: Declared = Declared()
    coverage: dict[str, Any] = {}
    strict: dict[str, float | None] = {}
    by_dataset: dict[str, Any] = {}
    scorer_version: str | None = None
    ground_truth_sha256: str | None = None
    predictions_sha256: str | None = None
    hidden: bool = False
    organiser: bool | None = None
    track: str | None = None
    verified_note: str | None = None
    verification: Verification | None = None
    history: tuple[Version, ...] = ()
    submission_id: str | None = None
    judge: Judgement | None = None
    judge_history: tuple[Judgement, ...] = ()
    held: Judgement | None = None
    surplus: dict[str, Any] = {}
    surplus_seen: str | None = None
    unread: dict[str, str] = {}
    extra: dict[str, Any] = {}
    board: BoardName = "community"
    arrived: str = ""
    deleted: Deletion | None = None
    trash_since: str | None = None

    @property
    def key(self) -> str:
        """The key for comparing the model's name."""
        return name_key(self.model_name)

    @property
    def judged(self) -> bool:
        """True when the captions were graded: by a judge run, or if all caption metrics exist."""
        return self.judge is not None or all(
            self.metrics.get(key) is not None for key in JUDGE_KEYS
        )

    @property
    def upload_id(self) -> str:
        """The submission whose upload was scored: its files are in results/<upload_id>/."""
        return self.submission_id or self.entry_id


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One upload with its form. Only the hash of the submission key is stored.

    `state`: open (its job is queued or running), published, released (failed,
    cancelled or refused: the name is free again), evaluated (evaluate only), purged (its entry
    was purged, and its form data with it). `replaces` is the entry that it becomes a new version
    of; `track` its track. `judging` is the judge run of its captions that is in progress.
    `key_only`: its key was replaced, and only the new key proves ownership, not an account.
    """

    submission_id: str
    model_name: str
    organization: str
    created: str
    key_hash: str
    # Who it counts for (core.access.submitter), since when, and whether a released one counts too.
    submitter: str | None = None
    opened: str | None = None
    spent: bool = False
    content_sha256: str | None = None  # of the answers alone, regardless of other content
    predictions_sha256: str  # of the file as sent, decompressed
    kept_sha256: str | None = None  # of the kept part, decompressed; None: all of it
    records: int
    evaluate_only: bool = False
    state: Literal["open", "published", "released", "evaluated", "purged"] = "open"
    reason: str | None = None
    contact_ref: str | None = None
    model_url: str | None = None
    declared: Declared = Declared()
    replaces: str | None = None
    track: str | None = None
    judging: JudgeLease | None = None
    key_only: bool = False

    @property
    def upload_sha256(self) -> str:
        """The digest that the kept upload must have, decompressed."""
        return self.kept_sha256 or self.predictions_sha256


JobState = Literal[
    "queued", "running", "completed", "incomplete", "failed", "cancelled", "interrupted"
]
JobKind = Literal["evaluation", "judge", "rescore"]
JOB_SCHEMA = 2
TERMINAL: frozenset[str] = frozenset(
    {"completed", "incomplete", "failed", "cancelled", "interrupted"}
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a job, with UTC times as ISO 8601."""

    name: str
    started: str | None = None
    ended: str | None = None


class ProcessId(msgspec.Struct, frozen=True, kw_only=True):
    """Identifies one process across machines and observers.

    `pid` is in the pid namespace `space`; `started` counts the kernel's ticks since the boot
    `boot`, so that neither a reused pid nor a changed clock confuses it with another process.
    """

    pid: int
    started: int
    boot: str
    space: str
    host: str


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job, run as a process and recorded in its job.json.

    `task` is the cluster's task, None for a process that a server started. `progress` is 0 to 1.
    `incomplete` is a judge run that scored too few captions. `judged`, `calls` and `cost_usd` are
    the progress of a judge run and the totals of its attempts.
    """

    schema: int = JOB_SCHEMA

    job_id: str
    kind: JobKind
    submission_id: str
    state: JobState
    created: str
    started: str | None = None
    ended: str | None = None
    process: ProcessId | None = None
    task: str | None = None
    heartbeat: str | None = None
    progress: float = 0.0
    steps: tuple[Step, ...] = ()
    error: str | None = None
    attempt: int = 1
    cancel_requested: bool = False
    judged: JudgeProgress | None = None
    calls: int = 0
    cost_usd: float = 0.0

    @property
    def pid(self) -> int | None:
        """The process's pid on its machine."""
        return self.process.pid if self.process else None

    @property
    def done(self) -> bool:
        """Whether it has ended, with any result."""
        return self.state in TERMINAL


# The board is given by the file that has the row.
_PLACE = frozenset({"board", "arrived", "deleted", "trash_since"})
_KNOWN = frozenset(Entry.__struct_fields__) - {"metrics", "extra"} - _PLACE
# Omitted from a row if they have these values: {field: default}.
_OPTIONAL: dict[str, Any] = {
    "hidden": False,
    "organiser": None,
    "track": None,
    "verified_note": None,
    "verification": None,
    "history": (),
    "submission_id": None,
    "judge": None,
    "held": None,
    "surplus": {},
    "surplus_seen": None,
    "unread": {},
    "judge_history": (),
}


def entry_from_row(row: Mapping[str, Any], board: BoardName) -> Entry:
    """Read one row of a board file, including those of the older application.

    Raises EntryError when the row has no model name or a field has a wrong type.
    """
    name = row.get("model_name")
    if not isinstance(name, str) or not name.strip():
        raise EntryError(f"{board} board: a row has no model_name. Correct the file by hand.")
    metrics = {key: _metric(row.get(key), key, name) for key in METRIC_KEYS}
    if all(row.get(key) == 0 for key in JUDGE_KEYS):
        metrics.update(dict.fromkeys(JUDGE_KEYS))
    known = {key: row[key] for key in _KNOWN if _present(row.get(key))}
    known.setdefault("entry_id", old_id(board, name))
    known.setdefault("organization", "")
    if board == "official":
        known.setdefault("status", API_VERIFIED)
    unknown = {
        key: value
        for key, value in row.items()
        if key not in _KNOWN and key not in METRIC_BY_KEY and key not in _DROPPED
    }
    try:
        return msgspec.convert(
            {**known, "metrics": metrics, "extra": unknown, "board": board}, Entry
        )
    except msgspec.ValidationError as error:
        raise EntryError(f"{board} board, row {name[:80]!r}: {error}.") from error


def entry_to_row(entry: Entry, rank: int) -> dict[str, Any]:
    """The row of a board file, readable by this program and the older application."""
    row: dict[str, Any] = {
        "rank": rank,
        "model_name": entry.model_name,
        "organization": entry.organization,
        **entry.metrics,
    }
    fields = msgspec.to_builtins(entry)
    for key in Entry.__struct_fields__:
        if key in _KNOWN and not (key in _OPTIONAL and getattr(entry, key) == _OPTIONAL[key]):
            row[key] = fields[key]
    unknown = {key: value for key, value in entry.extra.items() if key not in row}
    return {**row, **unknown}


def rounded(value: float | None) -> float | None:
    """A metric as published: three decimals; undefined stays undefined."""
    if value is None or math.isnan(value):
        return None
    return round(value, DECIMALS)


def _present(value: Any) -> bool:
    return (
        value is not None and value != "" and not (isinstance(value, float) and math.isnan(value))
    )


def _metric(value: Any, key: str, name: str) -> float | None:
    """A metric value in range, or None for a missing value in older files."""
    if not _present(value) or value in ("N/A", "-", "—"):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EntryError(f"row {name[:80]!r}: {key} must be a number or null, got {value!r:.80}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise EntryError(f"row {name[:80]!r}: {key} must be finite, got {value!r:.80}.")
    return rounded(number)
