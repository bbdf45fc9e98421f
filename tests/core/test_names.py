"""Names that a reader could take for one another are one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.names import name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("GPT-4o", "gpt-4O", id="case"),
        pytest.param("GPT-4o", " GPT - 4o\t", id="blanks"),
        pytest.param("GPT-4o", "GPT_-4o", id="underscore of old folders"),
        pytest.param("GPT-4o", "GPT\u200b-4o\u202e", id="invisible characters"),
        pytest.param("GPT-4o", "GPТ-4о", id="Cyrillic letters"),
        pytest.param("GPT-4o", "ＧＰＴ-4o", id="full width"),
        pytest.param("Alpha", "Αlpha", id="Greek capital"),
        pytest.param("Modele", "Modèle", id="accent"),
        pytest.param("Llama-1", "Ilama-l", id="i, l and 1"),
        pytest.param("Qwen2.0", "Qwen2.O", id="o and 0"),
        pytest.param("Straße", "strasse", id="sharp s"),
        pytest.param("x\ud800y", "xy", id="lone surrogate"),
        pytest.param("nul\x00l", "null", id="control character"),
    ],
)
def test_the_same_name_to_a_reader(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("GPT-4", "GPT-5"), ("Qwen2.5-7B", "Qwen2.5-72B"), ("Falke", "Falken"), ("模型", "模式")],
)
def test_different_names(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u200d", "\u0301", "__", "\ud800"])
def test_a_name_without_a_visible_sign_has_no_key(name: str) -> None:
    assert name_key(name) == ""


@given(st.text(max_size=40))
def test_case_and_blanks_never_matter(name: str) -> None:
    assert name_key(f" {name} ") == name_key(name)
    assert name_key(name.replace("a", "A")) == name_key(name)


def test_a_name_of_a_million_characters_costs_no_more_than_a_thousand() -> None:
    assert name_key("é" * 1_000_000) == name_key("e" * 1000)
