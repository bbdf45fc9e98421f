"""Settings: the environment and a secrets mapping become one frozen record.

The environment takes precedence over secrets.toml. Pages pass `st.secrets`;
processes without Streamlit read the same file with `secrets_file`. A setting is
declared once, as a field of Settings: name, meaning, check, default, and which
processes get it. A test fails if docs/configuration.md lacks one.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit

from core import setting_values as read
from core.benchmark import DEMO_JUDGE, MIN_RECORDS
from core.errors import SettingsError
from core.setting_values import JOBS, JUDGE, Processes, Setting

REPOSITORY = Path(__file__).resolve().parent.parent
PUBLIC_HUB = "https://huggingface.co"
TLS_FILES = ("ca.pem", "cert.pem", "key.pem")
_PERSISTENT_DISK = Path("/data")
_BOARDS = ("journal.jsonl", "leaderboard.json")  # the latter alone: of the older application


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Paths are absolute."""

    # fmt: off
    data_dir: Annotated[Path, Setting(
        "MEDVIDBENCH_DATA_DIR", "Folder for everything that the program writes.",
        read.folder, JOBS, default="/data if writable, else ./data"
    )]
    ground_truth: Annotated[Path | None, Setting(
        "MEDVIDBENCH_GROUND_TRUTH",
        "Private ground truth (JSON). Without it the app runs on a synthetic benchmark.",
        read.file, JOBS, default="none: demo data"
    )] = None
    questions: Annotated[Path | None, Setting(
        "MEDVIDBENCH_QUESTIONS",
        "Public question file (JSON: id, qa_type, question) that uploads are checked against; "
        "without it, the counts of the full test set.",
        read.file, JOBS
    )] = None
    demo_models: Annotated[int, Setting(
        "MEDVIDBENCH_DEMO_MODELS",
        "Synthetic models that a new demo board starts with, at most 8. With 0 it starts "
        "empty and without the demo's judge.",
        read.between(0, 8)
    )] = 8
    max_upload_mb: Annotated[int, Setting(
        "MEDVIDBENCH_MAX_UPLOAD_MB", "Largest upload, uncompressed, in MB.", read.whole, JOBS
    )] = 200
    min_records: Annotated[int, Setting(
        "MEDVIDBENCH_MIN_RECORDS", "Fewest records that a submission may have.", read.whole, JOBS
    )] = MIN_RECORDS
    min_free_mb: Annotated[int, Setting(
        "MEDVIDBENCH_MIN_FREE_MB",
        "Free space of the data folder's disk, in MB, below which submissions are closed.",
        read.whole
    )] = 1000
    max_kept_mb: Annotated[int, Setting(
        "MEDVIDBENCH_MAX_KEPT_MB",
        "Total compressed size of kept uploads, in MB, above which submissions are closed.",
        read.whole
    )] = 20_000
    max_running: Annotated[int, Setting(
        "MEDVIDBENCH_MAX_RUNNING", "Evaluations that run at the same time.", read.whole, JOBS
    )] = 2
    max_checks: Annotated[int, Setting(
        "MEDVIDBENCH_MAX_CHECKS",
        "Upload checks that run at the same time, with up to 1 GB memory each.", read.whole
    )] = 2
    evaluation_timeout_s: Annotated[int, Setting(
        "MEDVIDBENCH_EVALUATION_TIMEOUT", "Time limit of one evaluation, in seconds.",
        read.whole, JOBS
    )] = 600
    proxy_header: Annotated[str, Setting(
        "MEDVIDBENCH_PROXY_HEADER",
        "Header with the visitor's address set by your proxy (X-Forwarded-For); the last "
        "address in it counts for the quota.",
        read.header, default="none: counted per browser"
    )] = ""
    url: Annotated[str, Setting(
        "MEDVIDBENCH_URL",
        "The app's public address, for citations, link previews, the feed and the API "
        "(https://leaderboard.example.org). Detected in a Space.",
        read.site
    )] = ""
    origins: Annotated[tuple[str, ...], Setting(
        "MEDVIDBENCH_ORIGINS",
        "Origins of pages that may open a session if your proxy forwards another Host, "
        "separated by commas (https://leaderboard.example.org).",
        read.origins, default="none: only the server's origin"
    )] = ()
    metrics_token: Annotated[str, Setting(
        "MEDVIDBENCH_METRICS_TOKEN",
        "Bearer token for /_stcore/metrics, the server's metrics.",
        read.token, default="none: closed"
    )] = field(default="", repr=False)
    scheduler: Annotated[str, Setting(
        "MEDVIDBENCH_SCHEDULER",
        "Dask scheduler whose workers run the evaluations: tls://host:port, or tcp://host:port.",
        read.scheduler_address, default="none: this machine"
    )] = ""
    scheduler_tls: Annotated[Path | None, Setting(
        "MEDVIDBENCH_SCHEDULER_TLS",
        "Folder with ca.pem, cert.pem and key.pem for a tls:// scheduler.",
        read.folder
    )] = None
    # A job pushes nothing; these tell it where its truth and its data are.
    hub_repo: Annotated[str, Setting(
        "MEDVIDBENCH_HUB_REPO",
        "Private dataset repo (owner/name) that the data folder is mirrored to. Needs HF_TOKEN.",
        read.repo, JOBS, default="none: this machine only"
    )] = ""
    hub_token: Annotated[str, Setting(
        "HF_TOKEN", "Hub token with write permission for that repo.", read.token, JOBS
    )] = field(default="", repr=False)
    hub_endpoint: Annotated[str, Setting(
        "HF_ENDPOINT", "Address of the Hub.", read.address, JOBS
    )] = PUBLIC_HUB
    hub_commits_per_hour: Annotated[int, Setting(
        "MEDVIDBENCH_HUB_COMMITS_PER_HOUR", "Most commits per hour from this machine.",
        read.whole
    )] = 60
    judge_key: Annotated[str, Setting(
        "OPENAI_API_KEY", "Secret key of the caption judge's endpoint.", read.token, JUDGE
    )] = field(default="", repr=False)
    judge_address: Annotated[str, Setting(
        "OPENAI_BASE_URL", "Address of another OpenAI-compatible endpoint for the caption judge.",
        read.address, JUDGE
    )] = field(default="", repr=False)  # it may contain a password
    judge_model: Annotated[str, Setting(
        "MEDVIDBENCH_JUDGE_MODEL", "Model that judges captions.", given_to=JUDGE
    )] = "gpt-4.1"
    judge_budget: Annotated[int, Setting(
        "MEDVIDBENCH_JUDGE_BUDGET", "Most judge calls per run and per day.",
        read.whole, JUDGE
    )] = 10_000
    judge_concurrency: Annotated[int, Setting(
        "MEDVIDBENCH_JUDGE_CONCURRENCY", "Judge calls at the same time.", read.whole, JUDGE
    )] = 20
    judge_max_running: Annotated[int, Setting(
        "MEDVIDBENCH_JUDGE_MAX_RUNNING", "Judge runs at the same time; others queue.", read.whole
    )] = 1
    judge_min_share: Annotated[float, Setting(
        "MEDVIDBENCH_JUDGE_MIN_SHARE", "Share of each caption task's pairs that must be scored.",
        read.share, JUDGE
    )] = 0.98
    judge_price_input: Annotated[float, Setting(
        "MEDVIDBENCH_JUDGE_PRICE_INPUT", "US dollars per million input tokens of the judge.",
        read.price, JUDGE
    )] = 2
    judge_price_output: Annotated[float, Setting(
        "MEDVIDBENCH_JUDGE_PRICE_OUTPUT", "US dollars per million output tokens of the judge.",
        read.price, JUDGE
    )] = 8
    admin_password: Annotated[str, Setting(
        "ADMIN_PASSWORD", "Password of the admin page, plain or as a scrypt or Argon2 hash.",
        default="none: the admin page is closed"
    )] = field(default="", repr=False)
    admins: Annotated[tuple[str, ...], Setting(
        "MEDVIDBENCH_ADMINS",
        "Admins by e-mail or account id, separated by commas, when sign-in is configured.",
        read.names
    )] = field(default=(), repr=False)
    # fmt: on

    def environment(self, processes: Processes) -> dict[str, str]:
        """The settings for JOBS or JUDGE, so that they use the same as their server.

        An empty text unsets a setting, regardless of a worker's environment.
        """
        return {
            setting.name: read.as_text(getattr(self, key))
            for key, setting in _DECLARED.items()
            if setting.given_to == processes
        }

    @property
    def judge_environment(self) -> dict[str, str]:
        """The judge command's settings, without unset ones, since libraries read them too."""
        return {name: text for name, text in self.environment(JUDGE).items() if text}

    @property
    def mirrored(self) -> bool:
        """True when the data folder is mirrored: a repo and a token are both set."""
        return bool(self.hub_repo and self.hub_token)

    @property
    def demo(self) -> bool:
        """True if no source of ground truth is configured: synthetic data, marked on every page.

        With a mirror the truth comes from its repo; nothing is evaluated until it is downloaded.
        """
        return self.ground_truth is None and not self.mirrored

    @property
    def demo_judge(self) -> bool:
        """True if the demo's judge grades the captions (core.web.demo_judge)."""
        return self.demo and self.judge_model == DEMO_JUDGE and bool(self.judge_key)

    def in_words(self) -> dict[str, str]:
        """Where data is stored and what scores it, for the log at startup; no secrets."""
        hub = urlsplit(self.hub_endpoint).hostname
        mirror = f"{self.hub_repo} on {hub}" if self.mirrored else "none, this machine only"
        if self.hub_repo and not self.mirrored:
            mirror = "none, HF_TOKEN is not set"
        where = "the endpoint of OPENAI_BASE_URL" if self.judge_address else "its usual endpoint"
        judge = f"{self.judge_model} at {where}" if self.judge_key else "none, no key is set"
        if self.demo_judge:
            judge = f"{DEMO_JUDGE}, which is not a language model"
        truth = "demo data" if self.demo else str(self.truth_path)
        if self.demo and any((self.data_dir / name).exists() for name in _BOARDS):
            truth = (
                f"demo data. The real boards in {self.data_dir} are not shown: set "
                "MEDVIDBENCH_GROUND_TRUTH, or MEDVIDBENCH_HUB_REPO and HF_TOKEN"
            )
        return {
            "data folder": str(self.root),
            "mirror": mirror,
            "judge": judge,
            "ground truth": truth,
        }

    @property
    def root(self) -> Path:
        """Folder of boards, journal, jobs and results; demo data is separate from real data."""
        return self.data_dir / "demo" if self.demo else self.data_dir

    @property
    def benchmark_dir(self) -> Path:
        """Folder of the synthetic benchmark."""
        return self.data_dir / "demo" / "benchmark"

    @property
    def truth_path(self) -> Path:
        """The truth that uploads are scored against; with a mirror it may not exist yet."""
        if self.ground_truth is None and self.mirrored:
            return self.mirrored_truth
        return self.ground_truth or self.benchmark_dir / "ground_truth.json"

    @property
    def mirrored_truth(self) -> Path:
        """Path of the truth from the mirror's repo, apart from the contacts in private/."""
        return self.data_dir / "private" / "truth" / "ground_truth.json"

    @property
    def questions_path(self) -> Path | None:
        """The public questions that uploads are checked against, if any."""
        if self.questions is None and self.demo:
            return self.benchmark_dir / "questions.json"
        return self.questions


_DECLARED: dict[str, Setting] = {
    key: hint.__metadata__[0] for key, hint in get_type_hints(Settings, include_extras=True).items()
}
_SECRET = frozenset(one.name for one in fields(Settings) if not one.repr)
# PORT is read by `make run`.
SETTINGS = (
    Setting("PORT", "Port that `make run` serves on.", default="8501"),
    *(_DECLARED[one.name].with_default(one.default) for one in fields(Settings)),
)


def secrets_file(repository: Path = REPOSITORY) -> dict[str, Any]:
    """Content of .streamlit/secrets.toml; empty when there is none.

    Raises SettingsError when the file is not TOML, cannot be read, or has a setting in a table.
    Never quotes a value.
    """
    path = repository / ".streamlit" / "secrets.toml"
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}). Give this program's user read permission."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # Only the place: the reason may quote a secret.
        place = re.search(r" \(at [a-z0-9, ]+\)$", str(error))
        raise SettingsError(
            f"{path}: not TOML{place[0] if place else ''}. Correct the file and start again."
        ) from error
    known = {setting.name for setting in SETTINGS}
    for table, values in found.items():
        inside = sorted(known & set(values)) if isinstance(values, dict) else []
        if inside:  # such as a line that was added at the end of the file
            raise SettingsError(
                f"{path}: {', '.join(inside)} in the table [{table}], where no setting is read. "
                "Write it above the first table."
            )
    return found


def load(
    secrets: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    *,
    files_exist: bool = True,
) -> Settings:
    """Read all settings; an empty value unsets one.

    `secrets` defaults to secrets.toml, `environ` to the process environment. `files_exist`: files
    that a setting names must be there.
    Raises SettingsError with the setting, what was expected and what was found.
    """
    given: dict[str, Any] = dict(secrets_file() if secrets is None else secrets)
    given.update(os.environ if environ is None else environ)
    found: dict[str, Any] = {"data_dir": _usual_data_dir()}
    for key, setting in _DECLARED.items():
        value = given.get(setting.name)
        if value is not None and read.text(value):
            wrong = read.taken_literally(value, secret=key in _SECRET)
            if wrong:
                raise SettingsError(f"{setting.name}: {wrong}")
            try:
                to_come = setting.read is read.file and not files_exist
                found[key] = read.folder(value) if to_come else setting.read(value)
            except ValueError as error:
                raise SettingsError(f"{setting.name}: {error}") from None
    if "url" not in found and (space := read.text(given.get("SPACE_HOST") or "")):
        found["url"] = f"https://{space.lower()}"
    return _with_certificates(Settings(**found))


def unknown(
    secrets: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> list[str]:
    """A sentence on each name that begins like a setting's but is none, such as a misspelled one.

    A warning, not an error: an older version of this program is started with a newer one's too.
    """
    given = [*(secrets_file() if secrets is None else secrets)]
    given += os.environ if environ is None else environ
    return read.unknown(given, [setting.name for setting in SETTINGS])


def _usual_data_dir() -> Path:
    if _PERSISTENT_DISK.is_dir() and os.access(_PERSISTENT_DISK, os.W_OK):
        return _PERSISTENT_DISK
    return REPOSITORY / "data"


def _with_certificates(found: Settings) -> Settings:
    """Check the folder of certificates, which only a tls:// scheduler needs."""
    if not found.scheduler.startswith("tls://"):
        return replace(found, scheduler_tls=None)
    folder = found.scheduler_tls
    what = f"Set it to a folder with {', '.join(TLS_FILES)}."
    if folder is None:
        raise SettingsError(
            f"MEDVIDBENCH_SCHEDULER_TLS: not set, but the scheduler is tls://. {what}"
        )
    missing = [name for name in TLS_FILES if not (folder / name).is_file()]
    if missing:
        raise SettingsError(
            f"MEDVIDBENCH_SCHEDULER_TLS: no {', '.join(missing)} in {folder}. {what}"
        )
    _refuse_unusable(folder)
    return found


def _refuse_unusable(folder: Path) -> None:
    """Raises SettingsError for certificates with which no connection can be made."""
    import ssl  # here: jobs and commands start faster without it

    authority, certificate, key = (folder / name for name in TLS_FILES)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(authority)
        # Without a password: a key that needs one would wait at the terminal.
        context.load_cert_chain(certificate, key, password="")
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(
            f"MEDVIDBENCH_SCHEDULER_TLS: the files in {folder} cannot be used together "
            f"({error.strerror or type(error).__name__}). Expected PEM files that this user can "
            f"read: {TLS_FILES[0]} with the authority's certificate, {TLS_FILES[1]} with one "
            f"that it signed, and {TLS_FILES[2]} with its key, without a password."
        ) from None
