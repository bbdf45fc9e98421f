"""What changed between two moments, in words: each kind once, and long lists shortened."""

from typing import Any

import msgspec
import pytest

from core.benchmark import METRIC_KEYS
from core.changes.versions import NEW_VERSION, OWN_RUN, RESCORED, TAKEN_BACK, as_version
from core.model.entries import Entry, Judgement
from core.model.state import State, made_state
from core.publish.board.table import badges
from core.publish.history import MOST_MOVES, differences, told
from core.publish.sentences import Named, plain
from tests.core.store_world import entry


def state(*entries: Entry, official: tuple[Entry, ...] = ()) -> State:
    return made_state(community=entries, official=official)


def after(one: Entry, why: str = "", **changes: Any) -> Entry:
    if why:
        changes |= {"history": (*one.history, as_version(one, why, "2026-02-02"))}
    return msgspec.structs.replace(one, **changes)


A, B = entry("a", 0.5), entry("b", 0.4)
LOWER = dict.fromkeys(METRIC_KEYS, 0.3)
V2 = after(A, NEW_VERSION, submission_id="v2", metrics=LOWER)
# As KeepOld leaves it: the version that is back is no longer in the history.
BACK = after(after(V2, history=()), TAKEN_BACK, submission_id="entry-a", metrics=A.metrics)
JUDGED = Judgement(run_id="r", date="2026-01-01", model="m", metrics={})
AGAIN = msgspec.structs.replace(JUDGED, run_id="r2")
HELD = after(A, surplus={"tag_miou_03": {"answers": 90, "largest": 1400}})
UNJUDGED = after(A, metrics={**A.metrics, "rc_llm": None})


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        (state(B), state(A, B), "Model a is new on the Community board, at rank 1."),
        (
            state(A, B), state(B, official=(A,)),
            "Model a was verified: rank 1 on the Official board.",
        ),
        (
            state(B, official=(A,)), state(A, B),
            "Model a moved to the Community board, at rank 1.",
        ),
        (
            state(A, B), state(V2, B),
            "Model a has a new version: rank 2 on the Community board, previously 1.",
        ),
        (
            state(V2, B), state(BACK, B),
            "Model a went back to its earlier version: rank 1 on the Community board, "
            "previously 2.",
        ),
        (
            state(A, B), state(after(A, RESCORED, metrics=LOWER), B),
            "Model a was scored again: rank 2 on the Community board, previously 1.",
        ),
        (
            state(UNJUDGED, B), state(after(UNJUDGED, judge=JUDGED), B),
            "Model a was judged: rank 1 on the Community board, previously 1.",
        ),
        (
            state(after(A, judge=JUDGED), B), state(after(A, judge=AGAIN, metrics=LOWER), B),
            "Model a was judged: rank 2 on the Community board, previously 1.",
        ),
        (
            state(HELD, B), state(after(HELD, surplus_seen=HELD.upload_id), B),
            "Model a had held scores approved by the maintainers: rank 1 on the Community board, "
            "previously 1.",
        ),
        (
            state(A, B), state(after(A, metrics=LOWER), B),
            "Model a has corrected scores: rank 2 on the Community board, previously 1.",
        ),
        (
            state(A, B), state(after(A, hidden=True), B),
            "Model a left the Community board, where it had rank 1.",
        ),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_a_sentence(before: State, now: State, text: str) -> None:
    found = {one.entry_id: one for one in differences(before, now)}
    assert found["entry-a"].text == text
    assert plain(told(found.values())[0]) == text
    moved = [one for one in found.values() if one.entry_id == "entry-b"]
    assert {one.kind for one in moved} <= {"rank"}
    linked = any(isinstance(part, Named) for part in found["entry-a"].sentence)
    assert linked == ("left" not in text)


def test_nothing_is_revealed_of_what_stayed_and_names_stay_text() -> None:
    assert list(differences(state(A, B), state(A, B))) == []
    odd = entry("c", 0.6, model_name="{rank} {} \0<b>")
    (first, *_moves) = told(differences(state(A), state(A, odd)))
    assert plain(first) == "{rank} {} \0<b> is new on the Community board, at rank 1."


def test_of_many_moves_the_largest_are_reported_and_the_others_counted() -> None:
    many = [entry(n, 0.9 - n / 100) for n in range(60)]
    # The last two are first and thirtieth now: 28 models move by two ranks, 30 by one.
    first, middle = (
        after(one, metrics=dict.fromkeys(METRIC_KEYS, value))
        for one, value in ((many[59], 0.99), (many[58], 0.605))
    )
    found = told(differences(state(*many), state(*many[:58], middle, first)))
    assert plain(found[0]).startswith("Model 59 has corrected scores: rank 1 ")
    assert len(found) == 2 + MOST_MOVES + 1
    assert plain(found[2]) == "Model 30 went from rank 31 to 33 on the Community board."
    assert plain(found[-1]) == "38 more models moved by at most 2 ranks."


def test_a_row_says_how_many_versions_share_it_and_which_of_them_ranks() -> None:
    def mark(one: Entry) -> str:
        found = [f"{text}: {words}" for text, words in badges(one, False) if "version" in text]
        return " ".join(found)

    assert mark(A) == mark(after(A, RESCORED)) == mark(after(A, OWN_RUN)) == ""
    assert mark(V2).startswith("2 versions: The newest one ranks, whether it scores better or not.")
    assert mark(BACK).startswith("2 versions: Its team went back to an earlier one, which ranks.")
