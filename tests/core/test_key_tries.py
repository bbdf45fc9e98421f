"""Guesses at submission keys wait; owners are never locked out for long, nor by a full disk."""

import time

from core.access.key_tries import FREE_OVERALL, MOST_WAIT_S, KeyTries
from core.access.throttle import FREE_TRIES, OVERALL_MAX_S, Ticket


def test_a_visitor_waits_after_five_wrong_keys_and_others_do_not() -> None:
    tries = KeyTries()
    for _ in range(FREE_TRIES):
        assert tries.begin("browser-a", Ticket()) == 0
    assert 0 < tries.begin("browser-a", Ticket()) <= 1  # in a new tab too
    assert tries.begin("browser-b", Ticket()) == 0


def test_a_right_key_takes_back_what_was_mistyped_before() -> None:
    tries, ticket = KeyTries(), Ticket()
    for _ in range(3):
        for _ in range(FREE_TRIES - 1):
            assert tries.begin("browser-a", ticket) == 0
        assert tries.begin("browser-a", ticket) == 0
        tries.right("browser-a", ticket)


def test_guesses_under_ever_new_names_hold_an_owner_up_for_half_a_minute_at_most() -> None:
    tries, owner = KeyTries(), Ticket()
    for number in range(FREE_OVERALL + 20):
        guess = Ticket(since=time.time() - OVERALL_MAX_S - 60)
        tries.begin(f"browser-{number}", guess)
    assert 0 < tries.begin("owner", owner) <= OVERALL_MAX_S
    owner.since = time.time() - OVERALL_MAX_S - 1
    assert tries.begin("owner", owner) == 0
    assert MOST_WAIT_S <= 60
