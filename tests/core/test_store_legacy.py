"""Board files of the older application, in exactly its format, imported once."""

import json
from pathlib import Path

import pytest

from core.benchmark import JUDGE_KEYS
from core.changes.act import change
from core.changes.importing import Import
from core.errors import StoreError
from core.store import __main__ as command
from core.store.imported import notes
from core.store.store import Store
from tests.core.store_world import files, names, old_rows, publish, start_worker, write_old_files

CONTACTS = (b"falke@example.org", b"verified@example.org")


def test_old_files_are_shown_before_anything_is_written(tmp_path: Path) -> None:
    write_old_files(tmp_path)
    before = sorted(tmp_path.iterdir())
    state = Store(tmp_path).read()
    assert [found.model_name for found in state.community] == ["Grüner Falke 7B", "Half"]
    assert sorted(tmp_path.iterdir()) == before


def test_old_files_are_imported_by_one_change(tmp_path: Path) -> None:
    write_old_files(tmp_path)
    old = (tmp_path / "leaderboard.json").read_bytes()
    assert b"NaN" in old
    shown = Store(tmp_path).read()
    store = Store(tmp_path)
    store.recover()
    state = store.read()

    falke, half = state.community
    assert falke.metrics["cvs_acc"] == 0.813
    assert [falke.metrics[key] for key in ("sa_acc", *JUDGE_KEYS)] == [None] * 4
    assert store.with_contact(falke).contact == "falke@example.org"
    assert half.extra == {"badge": {"colour": "red"}}
    assert store.with_contact(state.official[0]).contact == "verified@example.org"
    assert state.official[0].status == "api_verified"
    # The references differ, the boards do not.
    assert [(e.entry_id, e.metrics) for e in shown.community] == [
        (e.entry_id, e.metrics) for e in state.community
    ]

    chain = (tmp_path / "journal.jsonl").read_bytes()
    assert chain.count(b"\n") == 1
    assert json.loads(chain)["act"]["kind"] == "import"
    assert not any(contact in chain for contact in CONTACTS)
    assert len(list((tmp_path / "private").glob("*.json"))) == 2
    rows = json.loads((tmp_path / "leaderboard.json").read_bytes())
    assert [row["contact"] for row in rows] == ["falke@example.org", None]
    assert "average" not in rows[0]
    assert rows[1]["badge"] == {"colour": "red"}
    # Values lost by rounding and the dropped column are kept where contacts are kept.
    assert old in [path.read_bytes() for path in (tmp_path / "private" / "kept").iterdir()]
    assert store.verify() == []


def test_old_files_are_imported_once(tmp_path: Path) -> None:
    write_old_files(tmp_path)
    Store(tmp_path).recover()
    before = files(tmp_path)
    Store(tmp_path).recover()
    assert files(tmp_path) == before
    publish(Store(tmp_path), 1)
    assert names(Store(tmp_path)) == ["Grüner Falke 7B", "Half", "Model 1"]


def test_a_change_before_the_first_recovery_imports_them_too(tmp_path: Path) -> None:
    write_old_files(tmp_path)
    publish(Store(tmp_path), 1)
    assert names(Store(tmp_path)) == ["Grüner Falke 7B", "Half", "Model 1"]
    assert Store(tmp_path).verify() == []


@pytest.mark.slow
def test_three_servers_starting_at_once_import_them_once(tmp_path: Path) -> None:
    write_old_files(tmp_path)
    servers = [start_worker("add", tmp_path, number, 2) for number in range(3)]
    for server in servers:
        _, errors = server.communicate(timeout=120)
        assert server.returncode == 0, errors
    assert len(names(Store(tmp_path))) == 2 + 3 * 2
    kinds = [json.loads(line)["act"]["kind"] for line in (tmp_path / "journal.jsonl").open()]
    assert kinds.count("import") == 1
    assert kinds[0] == "import"
    assert len(list((tmp_path / "private").glob("*.json"))) == 2


def test_crashed_after_the_journal_the_next_start_goes_on(tmp_path: Path) -> None:
    write_old_files(tmp_path)
    old = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    Store(tmp_path).recover()
    (tmp_path / "head.json").unlink()
    for name, data in old.items():
        (tmp_path / name).write_bytes(data)
    assert names(Store(tmp_path)) == ["Grüner Falke 7B", "Half"]
    Store(tmp_path).recover()
    assert names(Store(tmp_path)) == ["Grüner Falke 7B", "Half"]
    assert (tmp_path / "journal.jsonl").read_bytes().count(b"\n") == 1
    assert Store(tmp_path).verify() == []


def test_an_erased_contact_of_an_old_row_stays_erased(tmp_path: Path) -> None:
    write_old_files(tmp_path)
    store = Store(tmp_path)
    store.recover()
    ref = store.read().community[0].contact_ref
    assert ref is not None
    store.erase_personal(ref)
    assert store.with_contact(store.read().community[0]).contact is None
    assert store.with_contact(store.read().official[0]).contact == "verified@example.org"


def test_one_of_the_two_files_is_enough(tmp_path: Path) -> None:
    (tmp_path / "official_leaderboard.json").write_text(json.dumps(old_rows()[1]))
    store = Store(tmp_path)
    store.recover()
    assert [found.model_name for found in store.read().official] == ["Verified"]
    assert names(store) == []


@pytest.mark.parametrize(
    "text",
    [
        '[{"model_name": "half\\ud800", "contact": "c\\udfff", "note": "n\\udc00"}]',
        '[{"model_name": "' + "x" * 5000 + '"}]',
        '[{"model_name": "a\\u0000b\\u001b", "note": 1e999, "big": 12345678901234567890123}]',
        '\ufeff[{"model_name": "with a byte order mark", "x": Infinity}]',
        '[{"model_name": "contact is a list", "contact": ["a", "b"]}]',
    ],
    ids=["half characters", "long", "controls and numbers", "byte order mark", "contact"],
)
def test_odd_old_rows_are_imported_completely(tmp_path: Path, text: str) -> None:
    (tmp_path / "leaderboard.json").write_text(text, encoding="utf-8")
    store = Store(tmp_path)
    store.recover()
    assert len(names(store)) == 1
    assert store.verify() == []
    json.loads((tmp_path / "leaderboard.json").read_bytes())
    publish(store, 1)
    assert len(names(Store(tmp_path))) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('[{"model_name": "x"', "not JSON", id="cut off"),
        pytest.param("", "not JSON", id="empty"),
        pytest.param('{"rows": []}', "expected an array of rows", id="object"),
        pytest.param("5", "expected an array of rows", id="no rows"),
        pytest.param('["x"]', "expected an array of rows", id="row is text"),
        pytest.param('[{"organization": "x"}]', "no model_name", id="no name"),
        pytest.param("[" * 100_000, "not JSON", id="nesting"),
        pytest.param('[{"model_name": "x", "n": ' + "9" * 5000 + "}]", "not JSON", id="number"),
        pytest.param(
            '[{"model_name": "x", "n": ' + "[" * 99 + "]" * 99 + "}]", "more than 100", id="deep"
        ),
    ],
)
def test_a_broken_old_file_is_named_and_left_alone(tmp_path: Path, text: str, message: str) -> None:
    write_old_files(tmp_path)
    (tmp_path / "leaderboard.json").write_text(text)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    store = Store(tmp_path)
    for act in (store.read, store.recover, lambda: publish(store, 1)):
        with pytest.raises(StoreError, match=message) as raised:
            act()
        assert "not changed" in str(raised.value)
        assert str(tmp_path) in str(raised.value)
        assert "example.org" not in str(raised.value)
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {name: data for name, data in after.items() if name != "store.lock"} == before


def test_nesting_that_the_journal_can_hold_is_imported(tmp_path: Path) -> None:
    row = '[{"model_name": "x", "n": ' + "[" * 97 + "]" * 97 + "}]"
    (tmp_path / "leaderboard.json").write_text(row)
    store = Store(tmp_path)
    store.recover()
    assert names(store) == ["x"]


def test_a_broken_old_file_can_be_corrected_and_imported(tmp_path: Path) -> None:
    (tmp_path / "leaderboard.json").write_text("[")
    store = Store(tmp_path)
    with pytest.raises(StoreError):
        store.recover()
    (tmp_path / "leaderboard.json").write_text(json.dumps(old_rows()[0]))
    store.recover()
    assert names(store) == ["Grüner Falke 7B", "Half"]


def test_a_folder_of_an_older_version_lacks_files_and_works(tmp_path: Path) -> None:
    """It has a journal and a head, but no trash.json, policy.json and the like."""
    new = ("hidden.json", "trash.json", "policy.json", "reports.json")
    store = Store(tmp_path)
    publish(store, 1)
    head = json.loads((tmp_path / "head.json").read_bytes())
    for name in new:
        (tmp_path / name).unlink()
        del head["files"][name]
    (tmp_path / "head.json").write_text(json.dumps(head))

    older = Store(tmp_path)
    assert older.read() == store.read()
    assert older.verify() == []
    publish(older, 2)  # a change writes the files that it touches
    assert older.verify() == []
    older.recover()
    assert older.verify() == []
    assert all((tmp_path / name).exists() for name in new)
    (tmp_path / "trash.json").unlink()
    assert "trash.json: differs" in str(older.verify())


ODD = [
    {"model_name": "Percent", "cvs_acc": 81.3, "nap_acc": 40, "tag_miou_03": 0.9, "rc_llm": 3.5},
    {
        "model_name": "Text",
        "cvs_acc": " 0.5",
        "nap_acc": "good",
        "sa_acc": "0,5",
        "stg_miou": "N/A",
    },
    {"model_name": "Slip", "cvs_acc": 0.5, "nap_acc": 0.4, "sa_acc": 40.1, "dvc_llm": 0.0},
    {"organization": "no name"},
    "no row",
    {"model_name": "Fields", "date": 20260131, "organization": 7, "status": "self_reported"},
    {"model_name": "Text", "cvs_acc": True, "contact": "falke@example.org"},
]


def test_of_an_odd_row_the_readable_part_is_imported_and_verify_lists_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "boards"
    root.mkdir()
    (root / "leaderboard.json").write_text(json.dumps(ODD))
    monkeypatch.setenv("MEDVIDBENCH_DATA_DIR", str(root))
    monkeypatch.setenv("MEDVIDBENCH_GROUND_TRUTH", str(root / "leaderboard.json"))
    assert command.main(["verify"]) == 0  # before the start that imports it
    before = capsys.readouterr().out
    store = Store(root)
    store.recover()
    percent, text, slip, fields, again = store.read().community
    # 5 % would rank first; 0.9 beside 81.3 is 0.9 %.
    assert [percent.metrics[k] for k in ("cvs_acc", "nap_acc", "tag_miou_03")] == [None] * 3
    assert percent.metrics["rc_llm"] == 3.5
    assert text.metrics["cvs_acc"] == 0.5
    assert [slip.metrics[k] for k in ("cvs_acc", "nap_acc")] == [0.5, 0.4]
    assert [slip.metrics[k] for k in ("sa_acc", "dvc_llm")] == [None] * 2
    assert (fields.date, fields.organization, fields.status) == (None, "", "self_reported")
    assert again.entry_id == f"{text.entry_id}-2"

    assert command.main(["verify"]) == 0
    told = capsys.readouterr().out
    assert before.splitlines()[:-1] == told.splitlines()[:-1]
    assert "there is no journal yet" in before
    for expected in (
        "leaderboard.json, row 1 (Percent), cvs_acc: expected 0 to 1, got 81.3; it is un",
        "leaderboard.json, row 1 (Percent), tag_miou_03: got 0.9 in a row whose other values",
        "leaderboard.json, row 2 (Text), nap_acc: expected a number, got 'good'",
        "leaderboard.json, row 2 (Text), sa_acc: expected a number, got '0,5'",
        "leaderboard.json, row 3 (Slip), sa_acc: expected 0 to 1, got 40.1",
        "leaderboard.json, row 4: it has no model_name",
        "leaderboard.json, row 5: it has no model_name",
        "leaderboard.json, row 6 (Fields), date: Expected `str | null`, got `int`",
        "leaderboard.json, row 7 (Text), cvs_acc: expected a number, got True",
    ):
        assert expected in told, told
    assert "stg_miou" not in told
    assert "example.org" not in told
    assert "are intact" in told


def test_numbers_that_an_earlier_version_imported_unchecked_are_reported(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.commit(change(Import(community=ODD[:1], official=[], checked=False), "system"))
    assert store.read().community[0].metrics["cvs_acc"] == 81.3
    told = notes(store.lines(), store.read())
    assert len(told) == 2
    assert "cvs_acc: CVS_acc: expected 0 to 1, got 81.3" in told[0]
