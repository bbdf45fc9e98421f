"""The content of a file, joined in memory that is used again."""

from core.files.pieces import Joined


def test_each_content_is_whole_whether_it_grows_or_shrinks() -> None:
    joined = Joined()
    for pieces in ([b"one", b"", b"two"], [b"x"] * 5_000, [], [b"last"]):
        assert bytes(joined.block("a", pieces)) == b"".join(pieces)


def test_the_files_of_one_change_do_not_share_memory() -> None:
    joined = Joined()
    first, second = joined.block("a", [b"first"]), joined.block("b", [b"2"])
    assert (bytes(first), bytes(second)) == (b"first", b"2")


def test_content_that_something_still_refers_to_stays_as_it_is() -> None:
    joined = Joined()
    kept = joined.block("a", [b"old"])[1:]
    assert bytes(joined.block("a", [b"new", b"er"])) == b"newer"
    assert bytes(kept) == b"ld"
    del kept
    assert bytes(joined.block("a", [b"newest"])) == b"newest"
