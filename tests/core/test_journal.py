"""The journal: order, hash chain, incomplete ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.changes.effects import Effect
from core.errors import StoreError
from core.store import journal
from core.store.journal import START, Position
from core.store.lines import Draft, encode, read_line, read_lines

PATH = Path("journal.jsonl")
HOSTILE = (
    "x" * 5000,
    "a\nb\rc",
    "\x00\x1b[31m\x7f",
    "\u2028\u2029\x85",
    "</script>",
    "\ufffd",
    '"\\',
)


def drafted(number: int, text: str = "text") -> Draft:
    effect = Effect("entries", f"entry-{number}", None, {"n": number, "text": text})
    act = {"kind": "k", "entry": {"n": number, "text": text}}
    return Draft(f"change-{number}", "a", "t", act, (effect,))


def written(count: int, writers: tuple[str, ...] = ("one", "two"), text: str = "text") -> bytes:
    """A journal of `count` lines by alternating writers."""
    data, at = b"", START
    for number in range(count):
        writer = writers[number % len(writers)]
        line = encode(drafted(number, text), writer, at.tails.get(writer, ""))
        found = journal.decode(line, at, PATH)
        assert found.rest == b""
        at = found.position
        data += line
    return data


def test_lines_come_back_in_order_with_their_place() -> None:
    data = written(5)
    found = journal.decode(data, START, PATH)
    lines, at = found.lines, found.position
    assert found.rest == b""
    assert [(line.id, line.act, line.effects) for line in lines] == [
        (one.id, one.act, one.effects) for one in map(drafted, range(5))
    ]
    assert lines[2].prev == lines[0].hash
    assert lines[1].prev == ""
    last = data.splitlines(keepends=True)[-1]
    assert (at.end, at.lines, at.last_start) == (len(data), 5, len(data) - len(last))
    assert at.tails == {"one": lines[4].hash, "two": lines[3].hash}
    assert journal.continues(data[at.last_start :], at)
    assert not journal.continues(written(6)[at.last_start + 1 :], at)
    assert journal.problems(data) == []


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:8]) for text in HOSTILE])
def test_no_text_breaks_a_line(text: str) -> None:
    data = written(3, text=text)
    assert data.count(b"\n") == 3
    found = journal.decode(data, START, PATH)
    lines = found.lines
    assert [line.act["entry"]["text"] for line in lines] == [text] * 3
    assert [line.effects[0].after for line in lines] == [line.act["entry"] for line in lines]
    assert journal.problems(data) == []


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(text: str) -> None:
    found = journal.decode(written(1, text=text), START, PATH)
    lines, rest = found.lines, found.rest
    assert lines[0].act["entry"]["text"] == text
    assert rest == b""


@given(st.integers(0, len(written(4))))
def test_wherever_it_was_cut_whole_lines_are_read_and_the_torn_end_reported(size: int) -> None:
    data = written(4)[:size]
    found = journal.decode(data, START, PATH)
    lines, rest = found.lines, found.rest
    assert len(lines) == data.count(b"\n")
    assert data == written(4)[: len(data) - len(rest)] + rest


@pytest.mark.parametrize("end", [b"\x00\x00\x00\n", b'{"schema":2,\n', b"\xff\n"])
def test_a_last_line_that_a_power_cut_left_damaged_is_torn(end: bytes) -> None:
    found = journal.decode(written(2) + end, START, PATH)
    lines, rest = found.lines, found.rest
    assert (len(lines), rest) == (2, end)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(b"nonsense", "not JSON", id="not JSON"),
        pytest.param(b"[]", "expected an object", id="array"),
        pytest.param(b'{"schema":2}', "missing required field", id="fields"),
        pytest.param(b'{"schema":1}', "has form 1.*core.store convert", id="older form"),
        pytest.param(b'{"schema":3}', "schema 3 is unknown", id="newer schema"),
        pytest.param(b"{}", "schema None is unknown", id="no schema"),
        pytest.param(b"[" * 100_000, "not JSON", id="nesting"),
    ],
)
def test_a_damaged_line_is_named_by_its_number(line: bytes, message: str) -> None:
    data = written(2) + line + b"\n" + written(1)
    with pytest.raises(StoreError, match=rf"journal\.jsonl, line 3: .*{message}"):
        journal.decode(data, START, PATH)
    assert any(problem.startswith("line 3: ") for problem in journal.problems(data))


@pytest.mark.parametrize(
    "shared",
    [
        (9, "after", "", "entry"),
        (0, "table", "", "entry"),
        (0, "before", "", "entry"),
        (0, "after", "", "nothing.there"),
        (0, "after", "", "kind"),
    ],
)
def test_a_part_that_the_line_does_not_hold_is_named(shared: tuple[int, str, str, str]) -> None:
    lines = written(3).splitlines(keepends=True)
    record = json.loads(lines[1])
    lines[1] = json.dumps({**record, "shared": [shared]}).encode() + b"\n"
    with pytest.raises(StoreError, match=r"journal\.jsonl, line 2: shared refers to"):
        journal.decode(b"".join(lines), START, PATH)
    assert any("shared refers to" in problem for problem in journal.problems(b"".join(lines)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 1) | st.sampled_from([0.0, -0.0, 1.0, "", "x"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab."), inner),
    max_leaves=6,
)
FIELDS = st.dictionaries(st.sampled_from(["a", "b", "a.b", "c."]), JSON)


@given(FIELDS, st.none() | FIELDS, st.none() | FIELDS)
def test_effects_come_back_as_they_were_whatever_the_act_holds_too(
    act: dict[str, Any], before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    """Values that are equal but not identical (1, 1.0, true), and equal parts at several paths."""
    effects = (Effect("entries", "entry-1", before, after), Effect("reports", "r", after, before))
    text = encode(Draft("change-1", "a", "t", {"kind": "k", **act}, effects), "one", "")
    for line in (read_line(text[:-1]), *(read_lines(text[:-1]) or [])):
        assert line.act == {"kind": "k", **act}
        for effect, found in zip(effects, line.effects, strict=True):
            assert json.dumps([effect.before, effect.after], sort_keys=True) == json.dumps(
                [found.before, found.after], sort_keys=True
            )


def test_a_newer_program_s_line_is_not_taken_for_an_incomplete_one() -> None:
    with pytest.raises(StoreError, match=r"line 3: .*newer version"):
        journal.decode(written(2) + b'{"schema":3}\n', START, PATH)


def test_a_line_of_another_form_is_none_of_ours() -> None:
    data = written(2)
    assert read_lines(data) is not None
    assert read_lines(data.replace(b'"schema":', b'"schema":9', 1)) is None


def test_an_id_is_found_as_such_and_not_in_an_incomplete_line() -> None:
    data = written(2)
    assert [line.id for line in journal.named(data, "change-1", PATH)] == ["change-1"]
    assert list(journal.named(data[:-1], "change-1", PATH)) == []
    assert list(journal.named(data, "one", PATH)) == []  # the name of a writer


def changed(data: bytes, number: int, change: str) -> bytes:
    lines = data.splitlines(keepends=True)
    if change == "text":
        lines[number] = lines[number].replace(b'"text":"text"', b'"text":"next"')
    elif change == "removed":
        del lines[number]
    elif change == "swapped":
        lines[number], lines[number + 2] = lines[number + 2], lines[number]
    elif change == "repeated":
        lines.insert(number, lines[number])
    elif change == "rehashed":
        record = json.loads(lines[number])
        lines[number] = encode(drafted(number, "next"), record["writer"], record["prev"])
    return b"".join(lines)


@pytest.mark.parametrize("change", ["text", "removed", "swapped", "repeated", "rehashed"])
@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_changed_line_is_found(number: int, change: str) -> None:
    data = written(8)
    assert changed(data, number, change) != data
    assert journal.problems(changed(data, number, change)) != []


def test_lines_of_several_writers_may_be_merged_in_any_order() -> None:
    lines = written(6).splitlines(keepends=True)
    merged = [lines[i] for i in (0, 2, 1, 4, 3, 5)]
    assert journal.problems(b"".join(merged)) == []


def test_an_incomplete_end_is_reported() -> None:
    assert journal.problems(written(2)[:-1]) == [
        "the last line is incomplete; the next change removes it."
    ]
    assert journal.problems(b"") == []


def test_appending_and_reading_a_file(tmp_path: Path) -> None:
    path, data = tmp_path / "journal.jsonl", written(3)
    size = 0
    assert journal.read(path, 0) == b""
    for line in data.splitlines(keepends=True):
        journal.append(path, line, size)
        size += len(line)
    assert journal.read(path, 0) == data
    assert journal.read(path, 5, 9) == data[5:9]
    assert journal.read(path, 9, 5) == b""
    journal.cut(path, 7)
    assert path.read_bytes() == data[:7]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_journal_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Cannot append to"):
        journal.append(tmp_path, b"x\n", 0)
    with pytest.raises(StoreError, match="Cannot read"):
        journal.read(tmp_path, 0)
    with pytest.raises(StoreError, match="Cannot remove the incomplete"):
        journal.cut(tmp_path / "missing", 0)


def test_nothing_read_is_the_same_position() -> None:
    assert Position().after([], b"") == START
