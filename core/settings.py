"""Settings: the environment and a secrets mapping become one frozen record.

The environment wins over secrets.toml. Pages pass `st.secrets`; processes
without Streamlit read the same file with `secrets_file`. Every setting is
listed in SETTINGS with its meaning; a test fails when README.md leaves one out.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import SettingsError

REPOSITORY = Path(__file__).resolve().parent.parent
_PERSISTENT_DISK = Path("/data")
TLS_FILES = ("ca.pem", "cert.pem", "key.pem")
_SCHEDULER = re.compile(r"(tls|tcp)://(\[[0-9a-fA-F:.]+\]|[\w.-]+):[0-9]{1,5}")
PUBLIC_HUB = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class Setting:
    """One documented setting: its name, its default as shown to a reader, its meaning."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("PORT", "8501", "Port that `make run` serves on."),
    Setting(
        "MEDVIDBENCH_DATA_DIR",
        "/data if writable, else ./data",
        "Folder that holds everything the program writes.",
    ),
    Setting(
        "MEDVIDBENCH_GROUND_TRUTH",
        "none: demo data",
        "Private ground truth (JSON). Without it the app runs on a synthetic benchmark.",
    ),
    Setting(
        "MEDVIDBENCH_QUESTIONS",
        "none",
        "Public question file (JSON: id, qa_type, question) that uploads are checked against; "
        "without it, the counts of the full test set.",
    ),
    Setting("MEDVIDBENCH_MAX_UPLOAD_MB", "200", "Largest upload, unpacked, in MB."),
    Setting("MEDVIDBENCH_MIN_RECORDS", "100", "Fewest records a submission may hold."),
    Setting("MEDVIDBENCH_MAX_RUNNING", "2", "Evaluations that run at the same time."),
    Setting("MEDVIDBENCH_EVALUATION_TIMEOUT", "600", "Time limit of one evaluation, in seconds."),
    Setting("MEDVIDBENCH_JUDGE_MAX_RUNNING", "1", "Judge runs at the same time; the rest queue."),
    Setting(
        "MEDVIDBENCH_PROXY_HEADER",
        "none: counted per browser",
        "Header in which your own proxy names the visitor's address (X-Forwarded-For); the last "
        "address in it counts for the quota.",
    ),
    Setting(
        "MEDVIDBENCH_SCHEDULER",
        "none: this machine",
        "Dask scheduler whose workers run the evaluations: tls://host:port, or tcp://host:port.",
    ),
    Setting(
        "MEDVIDBENCH_SCHEDULER_TLS",
        "none",
        "Folder with ca.pem, cert.pem and key.pem for a tls:// scheduler.",
    ),
    Setting(
        "MEDVIDBENCH_HUB_REPO",
        "none: this machine only",
        "Private dataset repo (owner/name) that the data folder is mirrored to. Needs HF_TOKEN.",
    ),
    Setting("HF_TOKEN", "none", "Hub token with the right to write to that repo."),
    Setting("HF_ENDPOINT", PUBLIC_HUB, "Address of the Hub."),
    Setting(
        "MEDVIDBENCH_HUB_COMMITS_PER_HOUR", "60", "Most commits that this machine makes an hour."
    ),
    Setting(
        "OPENAI_API_KEY",
        "none",
        "Secret key of the caption judge's endpoint.",
    ),
    Setting(
        "OPENAI_BASE_URL",
        "none",
        "Address of another OpenAI-compatible endpoint for the caption judge.",
    ),
    Setting(
        "MEDVIDBENCH_JUDGE_MODEL",
        "gpt-4.1",
        "Model that judges captions.",
    ),
    Setting(
        "MEDVIDBENCH_JUDGE_BUDGET",
        "10000",
        "Most judge calls of one run, and of one day.",
    ),
    Setting(
        "MEDVIDBENCH_JUDGE_CONCURRENCY",
        "20",
        "Judge calls at the same time.",
    ),
    Setting(
        "MEDVIDBENCH_JUDGE_MIN_SHARE",
        "0.98",
        "Share of each caption task's pairs that must be scored.",
    ),
    Setting(
        "MEDVIDBENCH_JUDGE_PRICE_INPUT",
        "2",
        "US dollars per million tokens sent to the judge.",
    ),
    Setting(
        "MEDVIDBENCH_JUDGE_PRICE_OUTPUT",
        "8",
        "US dollars per million tokens that it sends back.",
    ),
    Setting(
        "ADMIN_PASSWORD",
        "none: the admin page is closed",
        "Password of the admin page, plain or as a scrypt or Argon2 hash.",
    ),
    Setting(
        "MEDVIDBENCH_ADMINS",
        "none",
        "Admins by e-mail or account id, separated by commas, when sign-in is configured.",
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked. Paths are absolute."""

    data_dir: Path
    ground_truth: Path | None
    questions: Path | None
    max_upload_mb: int
    min_records: int
    max_running: int
    evaluation_timeout_s: int
    hub_repo: str = ""
    hub_token: str = field(default="", repr=False)
    hub_endpoint: str = PUBLIC_HUB
    hub_commits_per_hour: int = 60
    admin_password: str = field(default="", repr=False)
    admins: tuple[str, ...] = field(default=(), repr=False)
    proxy_header: str = ""
    scheduler: str = ""
    scheduler_tls: Path | None = None
    judge_max_running: int = 1
    judge_model: str = "gpt-4.1"
    judge_budget: int = 10_000
    judge_min_share: float = 0.98
    # Every setting of the judge that is set, by name: the environment of its process.
    judge_environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def judge_key(self) -> str:
        """The secret key of the judge's endpoint; empty without one."""
        return dict(self.judge_environment).get("OPENAI_API_KEY", "")

    @property
    def mirrored(self) -> bool:
        """True when the data folder is mirrored: a repo and a token are both set."""
        return bool(self.hub_repo and self.hub_token)

    @property
    def demo(self) -> bool:
        """True while no ground truth can come from anywhere: synthetic data, marked on every page.

        With a mirror the truth comes from its repo; until it is here nothing is evaluated.
        """
        return self.ground_truth is None and not self.mirrored

    @property
    def root(self) -> Path:
        """Folder of boards, journal, jobs and results; demo data lives apart from real data."""
        return self.data_dir / "demo" if self.demo else self.data_dir

    @property
    def benchmark_dir(self) -> Path:
        """Where the synthetic benchmark is made."""
        return self.data_dir / "demo" / "benchmark"

    @property
    def truth_path(self) -> Path:
        """The truth that uploads are scored against; with a mirror it may not be there yet."""
        if self.ground_truth is None and self.mirrored:
            return self.mirrored_truth
        return self.ground_truth or self.benchmark_dir / "ground_truth.json"

    @property
    def mirrored_truth(self) -> Path:
        """Where the truth of the mirror's repo is kept. Not among the contacts of private/."""
        return self.data_dir / "private" / "truth" / "ground_truth.json"

    @property
    def questions_path(self) -> Path | None:
        """The public questions that uploads are checked against; None when there are none."""
        if self.questions is None and self.demo:
            return self.benchmark_dir / "questions.json"
        return self.questions


def secrets_file(repository: Path = REPOSITORY) -> dict[str, Any]:
    """Content of .streamlit/secrets.toml; empty when there is none.

    Raises SettingsError when the file is not TOML or not readable. Never quotes its content.
    """
    path = repository / ".streamlit" / "secrets.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}). Give this program's user the right to."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not TOML. Correct the file and start again.") from error


def load(
    secrets: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Read all settings.

    `secrets` defaults to secrets.toml, `environ` to the process environment.
    Raises SettingsError naming the setting, what was expected and what was found.
    """
    values: dict[str, Any] = dict(secrets_file() if secrets is None else secrets)
    values.update(os.environ if environ is None else environ)
    return Settings(
        data_dir=_data_dir(values),
        ground_truth=_file(values, "MEDVIDBENCH_GROUND_TRUTH"),
        questions=_file(values, "MEDVIDBENCH_QUESTIONS"),
        max_upload_mb=_whole(values, "MEDVIDBENCH_MAX_UPLOAD_MB", 200),
        min_records=_whole(values, "MEDVIDBENCH_MIN_RECORDS", 100),
        max_running=_whole(values, "MEDVIDBENCH_MAX_RUNNING", 2),
        evaluation_timeout_s=_whole(values, "MEDVIDBENCH_EVALUATION_TIMEOUT", 600),
        hub_repo=_text(values, "MEDVIDBENCH_HUB_REPO"),
        hub_token=_text(values, "HF_TOKEN"),
        hub_endpoint=_text(values, "HF_ENDPOINT") or PUBLIC_HUB,
        hub_commits_per_hour=_whole(values, "MEDVIDBENCH_HUB_COMMITS_PER_HOUR", 60),
        admin_password=_text(values, "ADMIN_PASSWORD"),
        admins=_names(values, "MEDVIDBENCH_ADMINS"),
        proxy_header=_text(values, "MEDVIDBENCH_PROXY_HEADER"),
        judge_max_running=_whole(values, "MEDVIDBENCH_JUDGE_MAX_RUNNING", 1),
        judge_model=_text(values, "MEDVIDBENCH_JUDGE_MODEL") or "gpt-4.1",
        judge_budget=_whole(values, "MEDVIDBENCH_JUDGE_BUDGET", 10_000),
        judge_min_share=_share(values, "MEDVIDBENCH_JUDGE_MIN_SHARE", 0.98),
        judge_environment=_judge_environment(values),
        scheduler=_scheduler(values),
        scheduler_tls=_scheduler_tls(values),
    )


def _judge_environment(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    names = (s.name for s in SETTINGS if s.name.startswith("OPENAI_") or "_JUDGE_" in s.name)
    return tuple((name, text) for name in names if (text := _text(values, name)))


def _data_dir(values: Mapping[str, Any]) -> Path:
    named = values.get("MEDVIDBENCH_DATA_DIR")
    if named:
        return Path(str(named)).expanduser().absolute()
    if _PERSISTENT_DISK.is_dir() and os.access(_PERSISTENT_DISK, os.W_OK):
        return _PERSISTENT_DISK
    return REPOSITORY / "data"


def _file(values: Mapping[str, Any], name: str) -> Path | None:
    value = values.get(name)
    if not value:
        return None
    path = Path(str(value)).expanduser().absolute()
    if not path.is_file():
        raise SettingsError(f"{name}: no file at {path}. Set it to a readable file, or unset it.")
    return path


def _scheduler(values: Mapping[str, Any]) -> str:
    """The address of a cluster's scheduler, empty when there is none."""
    address = _text(values, "MEDVIDBENCH_SCHEDULER")
    if address and not _SCHEDULER.fullmatch(address):
        raise SettingsError(
            "MEDVIDBENCH_SCHEDULER: expected tls://host:port or tcp://host:port, got "
            f"{address!r:.80}. Correct it, or unset it to evaluate on this machine."
        )
    return address


def _scheduler_tls(values: Mapping[str, Any]) -> Path | None:
    """The folder of certificates, looked at only when the scheduler asks for them."""
    if not _scheduler(values).startswith("tls://"):
        return None
    named = _text(values, "MEDVIDBENCH_SCHEDULER_TLS")
    if not named:
        raise SettingsError(
            "MEDVIDBENCH_SCHEDULER_TLS: not set, but the scheduler is tls://. Set it to a folder "
            f"with {', '.join(TLS_FILES)}."
        )
    folder = Path(named).expanduser().absolute()
    missing = [name for name in TLS_FILES if not (folder / name).is_file()]
    if missing:
        raise SettingsError(
            f"MEDVIDBENCH_SCHEDULER_TLS: no {', '.join(missing)} in {folder}. Set it to a folder "
            f"with {', '.join(TLS_FILES)}."
        )
    return folder


def _text(values: Mapping[str, Any], name: str) -> str:
    """A text setting, empty when it is unset."""
    value = values.get(name)
    return "" if value is None else str(value).strip()


def _share(values: Mapping[str, Any], name: str, default: float) -> float:
    text = _text(values, name)
    try:
        number = float(text) if text else default
    except ValueError:
        number = -1.0
    if not 0 < number <= 1:
        raise SettingsError(f"{name}: expected a number above 0, at most 1, got {text!r}.")
    return number


def _names(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Names separated by commas, or a list of secrets.toml."""
    value = values.get(name)
    parts = value if isinstance(value, list) else str(value or "").split(",")
    return tuple(text for part in parts if (text := str(part).strip()))


def _whole(values: Mapping[str, Any], name: str, default: int) -> int:
    value = values.get(name)
    if value is None or not str(value).strip():
        return default  # `NAME= make run` unsets, as for the other settings
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1:
        raise SettingsError(f"{name}: expected a whole number of at least 1, got {value!r}.")
    return number
