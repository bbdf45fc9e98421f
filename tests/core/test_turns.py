"""Checks of uploads take turns: a limited number at the same time, in order of arrival."""

import threading
from collections.abc import Callable

import pytest

from core.runs.uploads.turns import Turns, turns

PATIENCE_S = 240


class Crowd:
    """Threads that take a turn and keep it until released."""

    def __init__(self, most: int, size: int) -> None:
        self.most = Turns(most)
        self.at_work: list[int] = []
        self.begun: list[int] = []
        self.highest = 0
        self.told: dict[int, list[int]] = {n: [] for n in range(size)}
        self.waits = [threading.Event() for _ in range(size)]
        self.starts = [threading.Event() for _ in range(size)]
        self.ends = [threading.Event() for _ in range(size)]
        self.threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def come(self, number: int) -> None:
        self.threads.append(threading.Thread(target=self._work, args=(number,)))
        self.threads[-1].start()

    def _work(self, number: int) -> None:
        def tell(ahead: int) -> None:
            self.told[number].append(ahead)
            self.waits[number].set()

        with self.most.turn(tell):
            with self._lock:
                self.at_work.append(number)
                self.begun.append(number)
                self.highest = max(self.highest, len(self.at_work))
            self.starts[number].set()
            assert self.ends[number].wait(PATIENCE_S)
            with self._lock:
                self.at_work.remove(number)


def test_of_ten_at_once_two_work_and_eight_see_how_many_are_ahead() -> None:
    crowd = Crowd(2, 10)
    for number in range(10):
        crowd.come(number)
        seen = crowd.starts if number < 2 else crowd.waits
        assert seen[number].wait(PATIENCE_S)
    for number in range(10):
        assert crowd.starts[number].wait(PATIENCE_S)
        crowd.ends[number].set()
    for thread in crowd.threads:
        thread.join(PATIENCE_S)
    assert crowd.highest == 2
    assert sorted(crowd.begun[:2]) == [0, 1]
    assert [crowd.told[n][0] for n in range(10) if crowd.told[n]] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert all(told == sorted(told, reverse=True) for told in crowd.told.values())


@pytest.mark.parametrize("leaves", ["while it waits", "at work"])
def test_leaving_gives_up_the_turn(leaves: str) -> None:
    one = Turns(1)

    def left(_ahead: int) -> None:
        raise InterruptedError

    def fail(tell: Callable[[int], None]) -> None:
        with one.turn(tell):
            raise InterruptedError

    if leaves == "at work":
        with pytest.raises(InterruptedError):
            fail(left)
    else:
        with one.turn(), pytest.raises(InterruptedError):
            fail(left)
    told: list[int] = []
    with one.turn(told.append):
        pass
    assert told == []


def test_a_process_has_one_row_of_turns_for_a_setting() -> None:
    assert turns(2) is turns(2)
