"""The published results that a demo's boards start from."""

from core.model.published import ORGANISERS, PUBLISHED, published_state, source


def test_both_boards_are_there_and_marked_as_published() -> None:
    state = published_state()
    assert (len(state.official), len(state.community)) == (10, 3)
    assert all(e.extra[PUBLISHED] is True for e in (*state.official, *state.community))


def test_a_star_becomes_the_off_the_shelf_mark() -> None:
    entries = (*published_state().official, *published_state().community)
    assert not [entry.model_name for entry in entries if "*" in entry.model_name]
    assert {entry.model_name for entry in entries if entry.off_the_shelf} == {
        "GPT-5.4",
        "Gemini-3.1-flash-lite",
        "Qwen3.5-4B",
    }


def test_the_organisers_models_are_marked_and_no_others() -> None:
    for entry in (*published_state().official, *published_state().community):
        assert (entry.organiser is True) == (entry.organization == ORGANISERS)


def test_the_source_says_where_from_and_when() -> None:
    assert source().startswith("Values published on")
    assert "read 2026-11-23" in source()
