"""A submission key opens only its own submission."""

import pytest

from core.access.submission_keys import hash_key, key_opens, make_key


def test_keys_are_long_distinct_and_opened_by_their_hash_alone() -> None:
    keys = {make_key() for _ in range(200)}
    assert len(keys) == 200
    assert {len(key) for key in keys} == {36}
    one, other = sorted(keys)[:2]
    assert key_opens(one, hash_key(one))
    assert key_opens(f"  {one}\n", hash_key(one))
    assert key_opens(f"\ufeff{one}", hash_key(one))
    assert not key_opens(other, hash_key(one))
    assert one not in hash_key(one)


@pytest.mark.parametrize(
    "typed", [None, "", "  ", "mvb-", "x" * 10_000, "\ud800", "mvb-\x00", "é" * 40]
)
def test_anything_else_stays_out(typed: str | None) -> None:
    assert not key_opens(typed, hash_key(make_key()))


def test_a_submission_without_a_hash_opens_for_nobody() -> None:
    assert not key_opens("", "")
    assert not key_opens(make_key(), "")
    assert not key_opens(hash_key("x"), hash_key("x"))
