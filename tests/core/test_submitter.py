"""The identity for tries: only from a trusted proxy or a sign-in, and only as a keyed hash."""

import stat
from pathlib import Path

import pytest

from core.access.submitter import account_of, address_of, kind_of, secret, submitter


@pytest.mark.parametrize(
    ("header", "address"),
    [
        pytest.param("203.0.113.9", "203.0.113.9", id="alone"),
        pytest.param("1.2.3.4, 203.0.113.9", "203.0.113.9", id="a client invents the first"),
        pytest.param("1.2.3.4,evil, 203.0.113.9 ", "203.0.113.9", id="the proxy's is the last"),
        pytest.param("203.0.113.9:4711", "203.0.113.9", id="port"),
        pytest.param("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", id="IPv6 network"),
        pytest.param("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64", id="same network"),
        pytest.param("[2001:db8:1:2::7]:443", "2001:db8:1:2::/64", id="IPv6 with port"),
        pytest.param("fe80::1%eth0", "fe80::/64", id="zone"),
        pytest.param("::ffff:203.0.113.9", "203.0.113.9", id="mapped"),
        pytest.param("203.0.113.9, unknown", None, id="the last counts even when it says nothing"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="no header"),
        pytest.param("x" * 100_000, None, id="long"),
    ],
)
def test_the_address_is_the_one_that_the_proxy_added(header: str | None, address: str) -> None:
    assert address_of(header) == address


@pytest.mark.parametrize(
    ("user", "account"),
    [
        ({"is_logged_in": True, "iss": "https://a", "sub": "7", "email": "x@y"}, "https://a\n7"),
        ({"is_logged_in": True, "email": "X@y"}, "email\nx@y"),
        ({"is_logged_in": True}, None),
        ({"is_logged_in": False, "sub": "7", "iss": "https://a"}, None),
        ({"email": "test@example.com"}, None),
        ({}, None),
    ],
)
def test_an_account_counts_only_when_it_is_signed_in(user: dict, account: str | None) -> None:
    assert account_of(user) == account


def test_what_is_stored_tells_neither_address_nor_account(tmp_path: Path) -> None:
    key = secret(tmp_path)
    assert secret(tmp_path) == key
    assert len(key) == 32
    made = tmp_path / "private" / "submitters.key"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert list(made.parent.iterdir()) == [made]
    one = submitter(key, "address", "203.0.113.9")
    assert kind_of(one) == "address"
    assert "203" not in one.replace(one[8:], "")
    assert one == submitter(key, "address", "203.0.113.9")
    assert one != submitter(secret(tmp_path / "other"), "address", "203.0.113.9")
    assert one.removeprefix("address-") not in submitter(key, "browser", "203.0.113.9")
