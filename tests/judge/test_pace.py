"""How many requests run at the same time, and how that adapts."""

import asyncio

import pytest

from evaluation.judge.pace import Pace


async def crowd(pace, count):
    """`count` tasks through `pace`; the maximum at the same time."""
    most = 0

    async def one():
        nonlocal most
        async with pace:
            most = max(most, pace.running)
            await asyncio.sleep(0)

    await asyncio.gather(*(one() for _ in range(count)))
    return most


def test_no_more_than_the_limit_run_and_all_get_their_turn() -> None:
    pace = Pace(3)
    assert asyncio.run(crowd(pace, 50)) == 3
    assert pace.running == 0


def test_those_refused_together_halve_it_once() -> None:
    pace = Pace(20)
    for _ in range(20):
        pace.slower(60)
    assert pace.limit == 10


def test_it_never_falls_below_one_and_successes_bring_it_back() -> None:
    pace = Pace(20)
    for _ in range(10):
        pace.slower(0)
    assert pace.limit == 1
    assert asyncio.run(crowd(pace, 5)) == 1
    for _ in range(400):
        pace.faster()
    assert pace.limit == 20


def test_a_pause_set_while_others_wait_holds_for_them_too() -> None:
    async def work():
        pace, order = Pace(1), []

        async def other():
            async with pace:
                order.append("other")

        async with pace:
            waiting = asyncio.create_task(other())
            await asyncio.sleep(0)
            pace.slower(0.05)
        await asyncio.sleep(0.01)
        order.append("paused")
        await waiting
        return order

    assert asyncio.run(work()) == ["paused", "other"]


def test_a_cancelled_task_gives_its_place_back() -> None:
    async def work():
        pace = Pace(1)

        async def hold():
            async with pace:
                await asyncio.sleep(60)

        holding = asyncio.create_task(hold())
        await asyncio.sleep(0)
        holding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holding
        return await crowd(pace, 2)

    assert asyncio.run(work()) == 1
