"""What a visitor's session keeps: the checks of uploads, and submission keys."""

from core.model.contracts.review import Review, refused, unchecked
from core.ui.session import VisitorSession


def test_a_file_that_was_not_checked_is_checked_when_it_is_chosen_again() -> None:
    session = VisitorSession()
    runs: list[int] = []

    def run() -> Review:
        runs.append(1)
        return unchecked("The machine ended the check.") if len(runs) == 1 else refused("Empty.")

    assert not session.check("first", b"x", run).checked
    assert not session.check("first", b"x", run).checked  # not again in each run of the page
    assert session.check("second", b"x", run).checked
    assert session.check("third", b"x", run).checked
    assert len(runs) == 2


def test_a_session_keeps_the_last_checks() -> None:
    session, ran = VisitorSession(), list[int]()

    def check(number: int) -> Review:
        def run() -> Review:
            ran.append(number)
            return Review("ready", True, 1, "", (), (), (), ())

        return session.check(f"file-{number}", b"%d" % number, run)

    for number in (0, 1, 2, 3, 0, 4, 0):
        check(number)
    assert ran == [0, 1, 2, 3, 4, 0]  # the first was forgotten for the fifth


def test_a_session_keeps_each_key_once() -> None:
    session = VisitorSession()
    for key in ("mvb-a", "", "mvb-a", "mvb-b"):
        session.add_key(key)
    assert session.keys == ["mvb-a", "mvb-b"]
