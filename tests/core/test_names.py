"""Names that readers could confuse count as the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.names import name_key, name_keys, same_key, same_name


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
        pytest.param("Pixel-VLM", "Pіxel-VLM", id="Ukrainian i"),
        pytest.param("Orca", "ОRСА", id="Cyrillic capitals"),
        pytest.param("scope", "ѕсоре", id="Cyrillic throughout"),
        pytest.param("Kappa", "Κappa", id="Greek kappa"),
        pytest.param("Nova", "Νονa", id="Greek nu twice"),
        pytest.param("Model A", "Model\u00a0A", id="no-break space"),
        pytest.param("Model A", "Model\u3000A", id="ideographic space"),
        pytest.param("Model A", "Model\u1680A", id="Ogham space"),
        pytest.param("Model A", "Model\u2063A", id="invisible separator"),
        pytest.param("Model A", "\ufeffModel A", id="byte order mark"),
        pytest.param("Model A", "Model\u00ad A", id="soft hyphen"),
        pytest.param("Model A", "Model\u3164\u115f A", id="Hangul fillers"),
        pytest.param("Model A", "Model\U000e0041 A", id="tag character"),
        pytest.param("Model A", "Model\ufe0f A", id="variation selector"),
        pytest.param("Model A", "Model\u2800A", id="Braille blank"),
        pytest.param("Model", "𝐌𝐨𝐝𝐞𝐥", id="mathematical bold"),
        pytest.param("Model", "Ⓜⓞⓓⓔⓛ", id="circled letters"),
        pytest.param("Model", "ℳodel", id="script capital"),
        pytest.param("office", "oﬃce", id="ligature"),
        pytest.param("XII", "Ⅻ", id="Roman numeral"),
        pytest.param("Cafe\u0301", "Café", id="composed and not"),
        pytest.param("GPT-4", "GPT‐4", id="hyphen"),
        pytest.param("GPT-4", "GPT–4", id="en dash"),
        pytest.param("GPT-4", "GPT−4", id="minus sign"),
        pytest.param("Model'", "Model’", id="apostrophe"),
        pytest.param("a/b", "a∕b", id="division slash"),
        pytest.param("v1.5", "v1․5", id="one dot leader"),
        pytest.param("Tea", "Тeа", id="Cyrillic te"),
        pytest.param("Armin", "Armiո", id="Armenian"),
        pytest.param("DeepVid", "𝙳eepVid", id="monospace"),
        pytest.param("Ragnar", "ᎡAGNAR", id="Cherokee"),
        pytest.param("Istanbul", "ıstanbul", id="dotless i"),
        pytest.param("Angstrom", "Ångstrom", id="Angstrom sign"),
    ],
)
def test_the_same_name_to_a_reader(one: str, other: str) -> None:
    assert same_key(one, other)
    assert same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Гамма-VLM", "гамма-vlm", id="case of Cyrillic"),
        pytest.param("Вера", "вера", id="case of Cyrillic, capital like B"),
        pytest.param("Νίκη", "ΝΊΚΗ", id="case of Greek"),
        pytest.param("Հայկ", "հայկ", id="case of Armenian"),
        pytest.param("Гамма", "гaмма", id="case of Cyrillic, and a Latin a"),
        pytest.param("Modern", "Modem", id="rn and m"),
        pytest.param("wizard", "vvizard", id="vv and w"),
        pytest.param("Modem", "Мodеrn", id="rn and m, Cyrillic letters"),
        pytest.param("GPT-4", "GPT—4", id="em dash"),
        pytest.param("GPT-4", "GPT⸺4", id="two-em dash"),
        pytest.param("llama", "ʟlama", id="small capital L"),
        pytest.param("llama", "ʟʟᴀᴍᴀ", id="small capitals throughout"),
        pytest.param("Imagine", "ɪᴍᴀɢɪɴᴇ", id="small capital I"),
        pytest.param("Qwen2.5", "Qwen2·5", id="middle dot"),
        pytest.param("Qwen2.5", "Qwen2•5", id="bullet"),
        pytest.param("Qwen2.5", "Qwen2・5", id="katakana middle dot"),
    ],
)
def test_the_same_new_name(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)
    assert not same_key(one, other)  # an old journal may contain both


@given(st.text(max_size=40))
def test_no_text_differs_from_itself_in_other_case(text: str) -> None:
    for other in (text.lower(), text.upper(), text.casefold(), text.title(), text.swapcase()):
        assert same_name(text, other)


@given(st.text(max_size=12), st.text(max_size=12))
def test_what_a_journal_takes_for_one_name_is_never_two_new_ones(one: str, other: str) -> None:
    assert same_name(one, other) or not same_key(one, other)


@pytest.mark.parametrize(
    ("name", "key"),
    [("Modern—V·2 ʟ", "modern—v·2ʟ"), ("Вера", "bepa"), ("вера", "вepa"), ("GPT-4o", "gpt-4o")],
)
def test_the_key_of_the_journal_stays_what_it_was(name: str, key: str) -> None:
    """Different keys would remove entries of old journals from their boards and change old ids."""
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GPT-4", "GPT-5"),
        ("Qwen2.5-7B", "Qwen2.5-72B"),
        ("Qwen2.5", "Qwen25"),
        ("Falke", "Falken"),
        ("InternVL", "InterVL"),
        ("LearnLM", "LlamaLM"),
        ("Nova", "Nowa"),
        ("Вера", "Вира"),
        ("模型", "模式"),
    ],
)
def test_different_names(one: str, other: str) -> None:
    assert not same_name(one, other)


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200b\u200d", "\u0301", "__", "\ud800", "\u3164\u2800"]
)
def test_a_name_without_a_visible_character_has_no_key(name: str) -> None:
    assert name_key(name) == ""


@given(st.text(max_size=40))
def test_case_and_blanks_never_matter(name: str) -> None:
    assert name_key(f" {name} ") == name_key(name)
    assert name_key(name.replace("a", "A")) == name_key(name)
    assert name_keys(f"A\u3000{name}") == name_keys(f"A {name}")


def test_a_name_of_a_million_characters_costs_no_more_than_a_thousand() -> None:
    assert name_key("é" * 1_000_000) == name_key("e" * 1000)
