"""Settings from the environment and secrets.toml, each checked."""

from pathlib import Path
from typing import Any

import pytest

from core import setting_values
from core.errors import SettingsError
from core.settings import REPOSITORY, SETTINGS, load, secrets_file, unknown
from evaluation.judge import __main__ as judge


def secrets(folder: Path, text: str | bytes) -> Path:
    (folder / ".streamlit").mkdir()
    path = folder / ".streamlit" / "secrets.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_secrets_may_have_a_byte_order_mark(tmp_path: Path) -> None:
    secrets(tmp_path, "\ufeffMEDVIDBENCH_MIN_RECORDS = 7\n")
    assert secrets_file(tmp_path) == {"MEDVIDBENCH_MIN_RECORDS": 7}


def test_defaults_are_the_documented_ones(tmp_path: Path) -> None:
    found = load({}, {})
    documented = {setting.name: setting.default for setting in SETTINGS}
    assert str(found.max_upload_mb) == documented["MEDVIDBENCH_MAX_UPLOAD_MB"]
    assert str(found.min_records) == documented["MEDVIDBENCH_MIN_RECORDS"]
    assert str(found.max_running) == documented["MEDVIDBENCH_MAX_RUNNING"]
    assert str(found.evaluation_timeout_s) == documented["MEDVIDBENCH_EVALUATION_TIMEOUT"]
    assert str(found.judge_price_input) == documented["MEDVIDBENCH_JUDGE_PRICE_INPUT"]
    assert found.data_dir in (Path("/data"), REPOSITORY / "data")
    assert found.demo


def test_the_environment_wins_over_secrets(tmp_path: Path) -> None:
    name = "MEDVIDBENCH_MAX_RUNNING"
    assert load({name: 5}, {}).max_running == 5
    assert load({name: 5}, {name: "7"}).max_running == 7


def test_a_misspelled_name_is_told_with_the_one_meant() -> None:
    right = {setting.name: "" for setting in SETTINGS}
    assert unknown({"MEDVIDBENCH_URL": "", "auth": {}}, {**right, "HOME": "/root"}) == []
    told = unknown(
        {"MEDVIDBENCH_GROUND_TRUHT": "/x"},
        {"MEDVIDBENCH_ZZ9": "secret", "MEDVIDBENCH_HF_TOKEN": "secret"},
    )
    assert told == [
        "MEDVIDBENCH_GROUND_TRUHT: no such setting, so it has no effect. Did you mean "
        "MEDVIDBENCH_GROUND_TRUTH?",
        "MEDVIDBENCH_HF_TOKEN: no such setting, so it has no effect. Did you mean HF_TOKEN?",
        "MEDVIDBENCH_ZZ9: no such setting, so it has no effect. docs/configuration.md lists all.",
    ]


def test_an_empty_value_unsets(tmp_path: Path) -> None:
    empty = {setting.name: "" for setting in SETTINGS}
    assert load({}, empty) == load({}, {})
    assert load({"MEDVIDBENCH_MAX_RUNNING": 5}, {"MEDVIDBENCH_MAX_RUNNING": " "}).max_running == 2


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", 2.5, True, "1e3", "9" * 5000, "٣"])
def test_an_invalid_number_is_named(value: Any) -> None:
    with pytest.raises(
        SettingsError, match=r"MEDVIDBENCH_MIN_RECORDS: expected a whole num"
    ) as got:
        load({"MEDVIDBENCH_MIN_RECORDS": value}, {})
    assert "from 1 to 1,000,000,000, got" in str(got.value)
    assert len(str(got.value)) < 200


@pytest.mark.parametrize("value", ["0", "1.01", "nan", "much", True])
def test_an_invalid_share_is_named(value: Any) -> None:
    with pytest.raises(SettingsError, match=r"MEDVIDBENCH_JUDGE_MIN_SHARE: expected a number ab"):
        load({"MEDVIDBENCH_JUDGE_MIN_SHARE": value}, {})


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "free"])
def test_an_invalid_price_is_named(value: Any) -> None:
    with pytest.raises(SettingsError, match=r"MEDVIDBENCH_JUDGE_PRICE_INPUT: expected a number"):
        load({"MEDVIDBENCH_JUDGE_PRICE_INPUT": value}, {})


def test_a_job_and_the_judge_see_what_their_server_sees(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    truth.write_text("[]")
    environ = {setting.name: "7" for setting in SETTINGS} | {
        "MEDVIDBENCH_HUB_REPO": "alice/bench",
        "HF_ENDPOINT": "http://127.0.0.1:7",
        "OPENAI_BASE_URL": "http://127.0.0.1:7/v1",
        "MEDVIDBENCH_DATA_DIR": str(tmp_path),
        "MEDVIDBENCH_GROUND_TRUTH": str(truth),
        "MEDVIDBENCH_QUESTIONS": str(truth),
        "MEDVIDBENCH_SCHEDULER": "tcp://host:1",
        "MEDVIDBENCH_ORIGINS": "https://host",
        "MEDVIDBENCH_URL": "https://host/board",
        "MEDVIDBENCH_JUDGE_MIN_SHARE": "0.123456789",
    }
    server = load({}, environ)
    job = load({}, server.environment("jobs") | server.environment("judge"))
    for setting, name in (("jobs", "hub_token"), ("jobs", "questions"), ("judge", "judge_key")):
        assert getattr(job, name) == getattr(server, name), setting
    assert job.judge_min_share == 0.123456789
    assert (job.admin_password, job.admins, job.origins, job.scheduler) == ("", (), (), "")
    # Settings unset on the server are unset for jobs, regardless of their machine's environment.
    bare = load({}, {"MEDVIDBENCH_DATA_DIR": str(tmp_path)})
    assert load({}, environ | bare.environment("jobs")).ground_truth is None


def test_a_secret_is_in_no_repr() -> None:
    secret = dict.fromkeys(("HF_TOKEN", "OPENAI_API_KEY", "ADMIN_PASSWORD"), "s3cret")
    assert "s3cret" not in repr(load({}, secret))


def test_demo_data_lives_apart(tmp_path: Path) -> None:
    demo = load({}, {"MEDVIDBENCH_DATA_DIR": str(tmp_path)})
    assert demo.demo
    assert demo.root == tmp_path / "demo"
    assert demo.truth_path.is_relative_to(tmp_path / "demo")
    assert demo.questions_path is not None

    truth = tmp_path / "truth.json"
    truth.write_text("[]")
    real = load({}, {"MEDVIDBENCH_DATA_DIR": str(tmp_path), "MEDVIDBENCH_GROUND_TRUTH": str(truth)})
    assert not real.demo
    assert real.root == tmp_path
    assert real.truth_path == truth
    assert real.questions_path is None


@pytest.mark.parametrize("name", ["MEDVIDBENCH_GROUND_TRUTH", "MEDVIDBENCH_QUESTIONS"])
@pytest.mark.parametrize("path", ["missing.json", "."])
def test_a_missing_file_is_named(tmp_path: Path, name: str, path: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: no file at"):
        load({}, {name: f"{tmp_path}/{path}"})


@pytest.mark.parametrize("name", ["GROUND_TRUTH", "QUESTIONS", "DATA_DIR", "SCHEDULER_TLS"])
@pytest.mark.parametrize(
    "value",
    ['[{"answer": "s3cret"}]', '{"a": "s3cret"}', "s3cret" * 99, "/s3cret" * 999, "s3cret\0"],
)
def test_what_can_be_no_path_is_named_and_not_quoted(name: str, value: str) -> None:
    tls = {"MEDVIDBENCH_SCHEDULER": "tls://host:1"}
    with pytest.raises(SettingsError, match=f"MEDVIDBENCH_{name}: expected a path") as got:
        load({}, {**tls, f"MEDVIDBENCH_{name}": value})
    assert "s3cret" not in str(got.value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MEDVIDBENCH_HUB_REPO", "bench", "owner/name"),
        ("MEDVIDBENCH_HUB_REPO", "https://huggingface.co/alice/bench", "owner/name"),
        ("HF_ENDPOINT", "huggingface.co", "an address such as"),
        ("HF_ENDPOINT", "http://u:s3cret@", "an address such as"),
        ("HF_ENDPOINT", "http://s3cret:99999", "an address such as"),
        ("HF_ENDPOINT", "http://[::s3cret", "an address such as"),
        ("OPENAI_BASE_URL", "sk-s3cret", "an address such as"),
        ("OPENAI_BASE_URL", "http://", "an address such as"),
        ("HF_TOKEN", "hf_s3cret\nagain", "ASCII letters"),
        ("HF_TOKEN", "hf_s3crét s3cret", "ASCII letters"),
        ("OPENAI_API_KEY", "s3cret…", "ASCII letters"),
        ("MEDVIDBENCH_METRICS_TOKEN", "s3cret again", "ASCII letters"),
        ("MEDVIDBENCH_PROXY_HEADER", "X-Forwarded-For: s", "a header's name"),
        ("MEDVIDBENCH_PROXY_HEADER", "http://", "a header's name"),
        ("MEDVIDBENCH_SCHEDULER", "tcp://host:99999", "tls://host:port"),
        ("MEDVIDBENCH_URL", "https://host:99999", "a URL like"),
        ("MEDVIDBENCH_ORIGINS", "https://host:99999", "scheme and host"),
    ],
)
def test_a_value_that_cannot_work_is_refused_at_the_start(
    name: str, value: str, expected: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name}: expected {expected}") as got:
        load({}, {name: value})
    assert "s3cret" not in str(got.value)


def test_paths_are_absolute_and_know_the_home_folder() -> None:
    assert load({}, {"MEDVIDBENCH_DATA_DIR": "some/where"}).data_dir == Path.cwd() / "some/where"
    assert load({}, {"MEDVIDBENCH_DATA_DIR": "~/x"}).data_dir == Path("~/x").expanduser()


def test_secrets_toml_is_read_without_streamlit(tmp_path: Path) -> None:
    assert secrets_file(tmp_path) == {}
    secrets(tmp_path, 'ADMIN_PASSWORD = "x"\n[auth]\nclient = "y"')
    assert secrets_file(tmp_path) == {"ADMIN_PASSWORD": "x", "auth": {"client": "y"}}


def test_secrets_toml_may_have_a_byte_order_mark(tmp_path: Path) -> None:
    secrets(tmp_path, b'\xef\xbb\xbfADMIN_PASSWORD = "x"')
    assert secrets_file(tmp_path) == {"ADMIN_PASSWORD": "x"}


@pytest.mark.parametrize("text", ['ADMIN_PASSWORD = "geheim', b'ADMIN_PASSWORD = "geheim\xff"'])
def test_a_broken_secrets_file_is_named_and_not_quoted(tmp_path: Path, text: str | bytes) -> None:
    secrets(tmp_path, text)
    with pytest.raises(SettingsError, match=r"secrets\.toml: not TOML") as raised:
        secrets_file(tmp_path)
    assert "geheim" not in str(raised.value)


def test_a_broken_secrets_file_says_in_which_line(tmp_path: Path) -> None:
    secrets(tmp_path, 'HF_TOKEN = "geheim"ADMIN_PASSWORD = "geheim"\n')
    with pytest.raises(SettingsError, match=r"not TOML \(at line 1, column 20\)\. Cor") as raised:
        secrets_file(tmp_path)
    assert "geheim" not in str(raised.value)


def test_a_setting_in_a_table_is_named_instead_of_ignored(tmp_path: Path) -> None:
    """Where `python -m core.access hash >> secrets.toml` writes it after a file with [auth]."""
    secrets(tmp_path, "[auth]\nclient_id = 'x'\nADMIN_PASSWORD = 'geheim'\n")
    with pytest.raises(SettingsError, match=r"ADMIN_PASSWORD in the table \[auth\]") as raised:
        secrets_file(tmp_path)
    assert "Write it above the first table" in str(raised.value)
    assert "geheim" not in str(raised.value)


def test_an_unreadable_secrets_file_is_named(tmp_path: Path) -> None:
    path = secrets(tmp_path, "")
    path.unlink()
    path.mkdir()
    with pytest.raises(SettingsError, match=r"secrets\.toml: cannot be read"):
        secrets_file(tmp_path)


def test_the_judge_as_a_command_has_the_same_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    found = vars(judge._parser().parse_args(["run", "a", "--ground-truth", "b", "--out", "c"]))
    settings = load({}, {})
    names = ("model", "budget", "concurrency", "min_share", "price_input", "price_output")
    assert {n: found[n] for n in names} == {n: getattr(settings, f"judge_{n}") for n in names}


def test_a_space_knows_its_own_address() -> None:
    assert load({}, {"SPACE_HOST": "Lab-Board.hf.space"}).url == "https://lab-board.hf.space"
    own = {"SPACE_HOST": "lab-board.hf.space", "MEDVIDBENCH_URL": "https://board.example.org"}
    assert load({}, own).url == "https://board.example.org"


def test_origins_are_read_as_a_browser_writes_them() -> None:
    name = "MEDVIDBENCH_ORIGINS"
    found = load({}, {name: "https://A.example.org/, http://b:8080"}).origins
    assert found == ("https://a.example.org", "http://b:8080")
    for wrong in ("a.example.org", "https://a/path", "https://a:443", "*", "null", "wss://a"):
        with pytest.raises(SettingsError, match=f"{name}: expected scheme and host"):
            load({}, {name: wrong})


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("MEDVIDBENCH_DATA_DIR", '"/data"', "quotes"),
        ("MEDVIDBENCH_DATA_DIR", "'/data'", "quotes"),
        ("MEDVIDBENCH_DATA_DIR", '"/data', "quotes"),
        ("MEDVIDBENCH_DATA_DIR", "\u201c/data\u201d", "quotes"),
        ("MEDVIDBENCH_DATA_DIR", "/data # the big disk", "comment"),
        ("MEDVIDBENCH_DATA_DIR", "$HOME/data", "variable"),
        ("MEDVIDBENCH_GROUND_TRUTH", "${TRUTH}", "variable"),
        ("MEDVIDBENCH_DATA_DIR", "$(pwd)/data", "variable"),
        ("MEDVIDBENCH_DATA_DIR", "%APPDATA%\\data", "variable"),
        ("MEDVIDBENCH_DATA_DIR", "/data\t# the big disk", "comment"),
        ("MEDVIDBENCH_DATA_DIR", "export MEDVIDBENCH_DATA_DIR=/data", "name"),
        ("MEDVIDBENCH_HUB_REPO", "<owner/name>", "placeholder"),
        ("MEDVIDBENCH_HUB_REPO", '"alice/bench"', "quotes"),
        ("MEDVIDBENCH_MAX_RUNNING", '"2"', "quotes"),
        ("MEDVIDBENCH_JUDGE_MODEL", "'gpt-4.1'", "quotes"),
        ("HF_TOKEN", '"s3cret"', "quotes"),
        ("ADMIN_PASSWORD", "'s3cret'", "quotes"),
    ],
)
def test_what_an_env_file_leaves_in_a_value_is_refused(name: str, value: str, why: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: .*{why}") as raised:
        load({}, {name: value})
    assert "s3cret" not in str(raised.value)


def test_what_only_looks_like_it_is_taken() -> None:
    found = load({}, {"ADMIN_PASSWORD": "'s #$x\"", "MEDVIDBENCH_DATA_DIR": "/it's#1\r"})
    assert found.admin_password == "'s #$x\""
    assert str(found.data_dir) == "/it's#1"
    assert load({"MEDVIDBENCH_ADMINS": ["'a'", "b"]}, {}).admins == ("'a'", "b")


def test_what_is_logged_at_the_start_says_where_data_goes_and_no_secret(tmp_path: Path) -> None:
    secret = {
        "HF_TOKEN": "s3cret",
        "OPENAI_API_KEY": "s3cret",
        "OPENAI_BASE_URL": "https://u:s3cret@judge.example/v1",
        "ADMIN_PASSWORD": "s3cret",
        "MEDVIDBENCH_HUB_REPO": "alice/bench",
        "HF_ENDPOINT": "https://u:s3cret@hub.example",
        "MEDVIDBENCH_DATA_DIR": str(tmp_path),
    }
    told = load({}, secret).in_words()
    assert "s3cret" not in str(told)
    assert told["data folder"] == str(tmp_path)
    assert told["mirror"] == "alice/bench on hub.example"
    assert told["judge"] == "gpt-4.1 at the endpoint of OPENAI_BASE_URL"
    assert told["ground truth"].startswith(str(tmp_path))
    without = {"MEDVIDBENCH_HUB_REPO": "a/b", "MEDVIDBENCH_DATA_DIR": str(tmp_path)}
    bare = load({}, without).in_words()
    assert bare["mirror"] == "none, HF_TOKEN is not set"
    assert (bare["judge"], bare["ground truth"]) == ("none, no key is set", "demo data")
    (tmp_path / "leaderboard.json").write_text("[]")
    for environ in (without, {"MEDVIDBENCH_DATA_DIR": str(tmp_path)}):
        told = load({}, environ).in_words()
        assert f"The real boards in {tmp_path} are not shown" in told["ground truth"]


@pytest.mark.parametrize(
    ("read", "given", "told"),
    [
        (setting_values.between(0, 8), "9", "expected a whole number from 0 to 8, got '9'"),
        (setting_values.between(0, 8), "-1", "expected a whole number from 0 to 8, got '-1'"),
        (setting_values.site, "board.example.org", "expected a URL like https://"),
        (setting_values.site, "https://board.example.org/a?b=c", "expected a URL like https://"),
    ],
)
def test_a_value_in_another_form_is_named(read: Any, given: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read(given)


def test_values_that_fit_are_read_and_written_back() -> None:
    assert setting_values.between(0, 8)("8") == 8
    assert setting_values.site("https://board.example.org/a/") == "https://board.example.org/a"
    for value, text in ((("a", "b"), "a,b"), (None, ""), (3, "3")):
        assert setting_values.as_text(value) == text
