"""Signing in to the admin page: passwords, hashes, waits, idle sessions, named admins."""

import base64
import json
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from core import settings
from core.access import failed_sign_ins
from core.access import password as admin_password
from core.access.attempts import AttemptsFile
from core.access.failed_sign_ins import MOST_ADDRESSES, MOST_HOURS, Hour, failures_file
from core.access.session import Door, Session, admin_name, attempts_file
from core.access.throttle import (
    FREE_TRIES,
    OVERALL_MAX_S,
    TRUST_S,
    Throttle,
    Ticket,
    delay,
)
from core.access.turns import Turns
from core.errors import StoreError
from core.mirror import paths
from core.store.store import Store
from core.usecases import audit, sign_in

PASSWORD = "zebra-secret-Ümlaut 17"
HEADERS = "203.0.113.9"
ATTEMPTS = '{"addresses": {"a": [3, 1.0]}, "all_count": 3, "all_last": %s}'


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(tmp_path: Path, clock: Clock) -> Iterator[Door]:
    found = settings.load(
        {"MEDVIDBENCH_DATA_DIR": str(tmp_path), "ADMIN_PASSWORD": PASSWORD},
        {"MEDVIDBENCH_ADMINS": "ada@example.org, 4711"},
    )
    yield Door(found, clock)


def argon2(password: str) -> str:
    kdf = Argon2id(salt=b"0123456789abcdef", length=32, iterations=1, lanes=1, memory_cost=64)
    return kdf.derive_phc_encoded(password.encode())


@pytest.mark.parametrize(
    "configure",
    [str, admin_password.make_hash, argon2],  # called in the test: a hash takes a tenth of a second
    ids=["plain", "scrypt", "argon2"],
)
def test_only_the_password_opens(configure: Callable[[str], str]) -> None:
    configured = configure(PASSWORD)
    assert admin_password.problem(configured) is None
    assert admin_password.matches(PASSWORD, configured)
    for wrong in ("", " ", PASSWORD[:-1], PASSWORD + " ", configured + "x", "\ud800", "x" * 99999):
        assert not admin_password.matches(wrong, configured)


def test_a_hash_is_no_password() -> None:
    made = admin_password.make_hash(PASSWORD)
    assert not admin_password.matches(made, made)


def test_a_known_scrypt_hash_of_another_program_is_accepted() -> None:
    # RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), 64 bytes.
    expected = bytes.fromhex(
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
    )
    salt, made = (base64.b64encode(part).decode() for part in (b"SodiumChloride", expected))
    known = f"$scrypt$ln=14,r=8,p=1${salt.rstrip('=')}${made.rstrip('=')}"
    assert admin_password.matches("pleaseletmein", known)
    assert not admin_password.matches("pleaseletmeout", known)


@pytest.mark.parametrize(
    "configured",
    [
        "",
        "$scrypt$ln=15,r=8,p=1$AAAA$AAAA",
        "$scrypt$ln=40,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg",
        "scrypt$nonsense",
        "$argon2id$v=19$m=99999999,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g",
        "argon2 of my cat",
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",  # bcrypt: for htpasswd
        "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO",  # crypt: from /etc/shadow
    ],
)
def test_no_password_or_a_broken_hash_opens_nothing_and_says_why(configured: str) -> None:
    told = admin_password.problem(configured)
    assert told is not None
    assert "ADMIN_PASSWORD" in told
    assert "cat" not in told
    assert not admin_password.matches(configured, configured)


def test_a_password_may_have_dollars() -> None:
    assert admin_password.matches("$5$ a day, $10 a week", "$5$ a day, $10 a week")


def test_the_password_is_in_no_repr(door: Door) -> None:
    assert PASSWORD not in repr(door._settings)
    assert "ada@example.org" not in repr(door._settings)


def test_five_tries_are_free_and_then_the_wait_of_an_address_grows(
    door: Door, clock: Clock
) -> None:
    visitor, waits = door.visitor(HEADERS), []
    for _ in range(FREE_TRIES + 5):
        session = Session()  # a new tab does not help
        verdict = door.try_password(session, "wrong", visitor)
        while verdict.wait_s:
            waits.append(verdict.wait_s)
            clock.now += verdict.wait_s
            verdict = door.try_password(session, "wrong", visitor)
        assert not verdict.right
    assert waits == [1, 2, 4, 8, 16]
    assert delay(60, 900.0) == 900.0


def test_a_correct_password_is_not_checked_during_the_wait(door: Door, clock: Clock) -> None:
    session = Session()
    for _ in range(FREE_TRIES):
        door.try_password(session, "wrong", "")
    assert door.try_password(session, PASSWORD, "").wait_s > 0
    assert not session.actor
    clock.now += 1
    assert door.try_password(session, PASSWORD, "").right
    assert session.actor == "admin"


def test_strangers_cannot_keep_the_admin_out(door: Door, clock: Clock) -> None:
    """Regardless of others, the admin waits at most 30 s from the first try."""
    for stranger in range(200):
        clock.now += 0.1
        door.try_password(Session(), "wrong", door.visitor(f"198.51.100.{stranger}"))
        other = Session()
        other.ticket.since = clock.now - OVERALL_MAX_S
        door.try_password(other, "wrong", door.visitor(f"192.0.2.{stranger}"))
    for visitor in (door.visitor(HEADERS), ""):
        session, began = Session(), clock.now
        wait = door.try_password(session, PASSWORD, visitor).wait_s
        assert 0 < wait <= OVERALL_MAX_S
        while clock.now < began + wait:
            clock.now += 0.5
            other = Session()
            other.ticket.since = clock.now - OVERALL_MAX_S
            door.try_password(other, "wrong", "")
        assert door.try_password(session, PASSWORD, visitor).right


def queued(turns: Turns, order: list[str], *tries: tuple[str, bool]) -> list[threading.Thread]:
    """Tries that wait in this order while the test has the turn."""

    def look(address: str, trusted: bool) -> None:
        with turns.turn(address, trusted=trusted):
            order.append(address)

    threads = []
    for one in tries:
        threads.append(threading.Thread(target=look, args=one))
        threads[-1].start()
        while turns.waiting() < len(threads):
            time.sleep(0.001)
    return threads


def test_guesses_of_a_stranger_never_queue_before_the_admin() -> None:
    turns, order = Turns(), []
    with turns.turn("stranger"):
        flood = [("stranger", False)] * 30
        threads = queued(turns, order, *flood, ("admin", False), ("other", False))
    for thread in threads:
        thread.join()
    assert order[:2] == ["admin", "other"]
    assert len(order) == 32


def test_guesses_from_many_addresses_do_not_queue_before_a_known_admin() -> None:
    turns, order = Turns(), []
    with turns.turn("stranger"):
        flood = [(f"stranger-{n}", False) for n in range(30)]
        threads = queued(turns, order, *flood, ("admin", True))
    for thread in threads:
        thread.join()
    assert order[0] == "admin"
    assert order[1:] == [address for address, _trusted in flood]


def test_where_the_password_was_right_is_kept_for_a_month(door: Door, clock: Clock) -> None:
    visitor = door.visitor(HEADERS)
    throttle = Throttle(attempts_file(door._settings.root), clock)
    assert not throttle.trusts(visitor)
    assert door.try_password(Session(), PASSWORD, visitor).right
    assert throttle.trusts(visitor)
    assert not throttle.trusts("")
    clock.now += TRUST_S
    assert not throttle.trusts(visitor)


def test_the_counts_survive_a_restart_and_hold_no_address(
    door: Door, clock: Clock, tmp_path: Path
) -> None:
    for _ in range(FREE_TRIES + 1):
        ready = Session()
        ready.ticket.since = clock.now - OVERALL_MAX_S
        clock.now += 1
        door.try_password(ready, "wrong", door.visitor(HEADERS))
    again = Door(door._settings, clock)
    assert again.try_password(Session(), PASSWORD, again.visitor(HEADERS)).wait_s > 0
    path = attempts_file(door._settings.root)
    kept = path.read_text()
    assert "203.0.113" not in kept
    assert "wrong" not in kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    clock.now += 3601
    assert again.try_password(Session(), PASSWORD, again.visitor(HEADERS)).right


@pytest.mark.parametrize("damaged", ["[]", ATTEMPTS % "Infinity", ATTEMPTS % "NaN"])
def test_a_try_that_cannot_be_counted_is_not_checked(door: Door, damaged: str) -> None:
    path = attempts_file(door._settings.root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(damaged)
    session = Session()
    with pytest.raises(StoreError, match="Delete it"):
        door.try_password(session, PASSWORD, "")
    assert not session.actor
    path.write_text(ATTEMPTS % "1.0")
    assert AttemptsFile(path).read().addresses == {"a": (3, 1.0)}


def test_the_file_stays_small(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "attempts.json"
    many = {f"{n:016x}": [1, clock.now - n / 10] for n in range(5000)}
    path.write_text(json.dumps({"addresses": many, "all_count": 5000, "all_last": clock.now}))
    Throttle(path, clock).charge("new", Ticket())
    kept = json.loads(path.read_text())["addresses"]
    assert len(kept) <= 2001
    assert "new" in kept


def test_every_try_is_in_the_audit_log_with_a_keyed_hash_of_the_address(
    door: Door, tmp_path: Path
) -> None:
    store = Store(door._settings.root)
    session = Session()
    for typed in ("wrong", "wrong", PASSWORD):
        sign_in.sign_in(store, door, session, typed, "10.1.1.1, 203.0.113.9")
    sign_in.sign_out(store, session)
    ops = store.lines()
    assert [op.kind for op in ops] == ["sign_in", "sign_out"]
    assert ops[0].act["address"] == door.visitor(HEADERS)
    trail = audit.with_failures(audit.records(store), door._settings.root)
    (failed,) = [record for record in trail if record.kind == "sign_in_failed"]
    assert failed.subject == "2 wrong passwords within an hour"
    assert failed.changes == ((f"address {door.visitor(HEADERS)}", "—", "2"),)
    kept = (door._settings.root / "journal.jsonl").read_text()
    kept += failures_file(door._settings.root).read_text()
    assert "203.0.113" not in kept
    assert "wrong" not in kept
    assert PASSWORD not in kept


def test_wrong_passwords_reach_neither_the_journal_nor_the_mirror_and_their_log_is_capped(
    door: Door, clock: Clock
) -> None:
    store = Store(door._settings.root)
    before = store.revision()
    for number in range(3 * MOST_ADDRESSES):
        door.note_failure(f"address-{number}")
    (hour,) = failed_sign_ins.read(door._settings.root)
    assert (hour.count, len(hour.addresses)) == (3 * MOST_ADDRESSES, MOST_ADDRESSES)
    many = [Hour(f"2020-01-01T00:00:{n:04}Z", 1, {}) for n in range(MOST_HOURS)]
    failures_file(door._settings.root).write_bytes(msgspec.json.encode(many))
    door.note_failure("address-1")
    kept = failed_sign_ins.read(door._settings.root)
    assert (len(kept), kept[0], kept[-1].count) == (MOST_HOURS, many[1], 1)
    assert stat.S_IMODE(failures_file(door._settings.root).stat().st_mode) == 0o600
    assert store.revision() == before
    assert not paths.belongs(failures_file(door._settings.root).name)
    failures_file(door._settings.root).write_text("{")
    with pytest.raises(StoreError, match="Delete it"):
        door.note_failure("address-1")


def test_a_sign_in_that_cannot_be_recorded_does_not_happen(door: Door, tmp_path: Path) -> None:
    root = door._settings.root
    root.mkdir(parents=True, exist_ok=True)
    (root / "journal.jsonl").mkdir()
    session = Session()
    with pytest.raises(StoreError):
        sign_in.sign_in(Store(root), door, session, PASSWORD, None)
    assert not session.actor


def test_a_sign_in_with_an_account_counts_for_half_an_hour(door: Door, clock: Clock) -> None:
    """Streamlit keeps its cookie for 30 days, so the provider must be asked again."""
    user = {"is_logged_in": True, "sub": "4711", "iat": clock.now}
    assert door.admit(Session(), user)
    clock.now += 31 * 60
    assert not door.admit(Session(), user)


def test_half_an_hour_without_doing_anything_ends_the_session(door: Door, clock: Clock) -> None:
    session = Session()
    assert door.try_password(session, PASSWORD, "").right
    clock.now += 29 * 60
    assert door.touch(session)
    clock.now += 29 * 60
    assert not door.is_idle(session)
    clock.now += 60
    assert door.is_idle(session)
    assert not door.touch(session)
    assert not session.actor
    assert not door.touch(session)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({"is_logged_in": True, "email": "Ada@Example.org", "email_verified": True}, True),
        ({"is_logged_in": True, "email": "ada@example.org", "email_verified": False}, False),
        ({"is_logged_in": True, "email": "ada@example.org"}, False),
        ({"is_logged_in": False, "email": "ada@example.org", "email_verified": True}, False),
        ({"email": "ada@example.org", "email_verified": True}, False),
        ({"is_logged_in": True, "sub": "4711"}, True),
        ({"is_logged_in": True, "sub": "4712", "email": "4711", "email_verified": False}, False),
        ({"is_logged_in": True, "email": "eve@example.org", "email_verified": True}, False),
        ({"is_logged_in": True}, False),
    ],
)
def test_admins_named_by_checked_e_mail_or_account(
    door: Door, tmp_path: Path, user: dict[str, object], expected: bool
) -> None:
    store, session = Store(tmp_path), Session()
    assert sign_in.enter(store, door, session, user, None) == expected
    assert bool(session.actor) == expected
    assert [line.kind for line in store.lines()] == ["sign_in"] * expected
    assert "example" not in session.actor
    if expected:
        assert door.who(session.actor) in ("ada@example.org", "4711")


def test_nobody_is_admin_when_none_is_named() -> None:
    assert (
        admin_name({"is_logged_in": True, "sub": "", "email": "", "email_verified": True}, ())
        is None
    )


def test_a_list_of_secrets_toml_names_admins_too() -> None:
    found = settings.load({"MEDVIDBENCH_ADMINS": ["a@b.c", " 7 "]}, {})
    assert found.admins == ("a@b.c", "7")
    assert replace(found, admins=()).admins == ()
