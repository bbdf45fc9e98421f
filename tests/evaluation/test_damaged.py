"""Captions that a program damaged, or that never end, are named; unusual ones are left alone."""

import pytest

from evaluation.upload.plausible.kind import Seen
from evaluation.upload.plausible.registry import implausible

CAPTION = "The nurse’s hand – “naïve” – holds the flap."


def codes(text: str, task: str = "vs") -> set[str]:
    return {one.kind.code for one in implausible(task, [Seen(text[:2000], text)] * 8)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (CAPTION.encode().decode("latin-1"), "mojibake"),
        (CAPTION.encode().decode("cp1252", errors="replace"), "mojibake"),
        ("外科医生正在进行手术".encode().decode("latin-1"), "mojibake"),
        ("37 °C".encode().decode("latin-1"), "mojibake"),
        ("The grasper \N{REPLACEMENT CHARACTER} holds the flap.", "mojibake"),
        ("The nurse says &quot;stop&quot;.", "html_entities"),
        ("The nurse&#39;s hand", "html_entities"),
        (r"The flap is held.\nThe needle passes.", "escapes"),
        (r"The nurse says \"stop\".", "escapes"),
        (r"na\u00efve", "escapes"),
        ("the " * 60, "endless_repetition"),
        ("It begins well. " + "The surgeon cuts the tissue. " * 40, "endless_repetition"),
        ("外科医生正在进行手术。" * 30, "endless_repetition"),
        (("The surgeon " + "x" * 150 + ". ") * 6 + "The surg", "endless_repetition"),
    ],
)  # fmt: skip
def test_a_damaged_caption_is_named(text: str, code: str) -> None:
    assert codes(text) == codes(text, "rc") == {code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("3", "no_text"), ("B.", "no_text"), ("/data/out/1.txt", "no_text"), (r"C:\out", "no_text"),
        ("https://example.org/a.mp4", "no_text"), ("clip_1.mp4", "no_text"),
        (f"Sure! Here is a summary of the video:\n\n{CAPTION}", "preamble"),
        (f"Certainly, {CAPTION}", "preamble"), (f"Here's the caption: {CAPTION}", "preamble"),
        (f"Below is a detailed description. {CAPTION}", "preamble"),
        (f"**Summary**\n\n{CAPTION}", "preamble"), (f"Caption: {CAPTION}", "preamble"),
        (f"## Video Summary:\n{CAPTION}", "preamble"),
        (f"{CAPTION}\n\nLet me know if you need more details!", "closing_remark"),
        (f"{CAPTION} I hope this helps.", "closing_remark"),
        (f"{CAPTION}\n(Confidence: 0.9)", "closing_remark"),
        (f"{CAPTION} Would you like me to list the steps?", "closing_remark"),
    ],
)  # fmt: skip
def test_a_caption_that_is_no_text_or_has_more_than_it_is_named(text: str, code: str) -> None:
    assert codes(text) == codes(text, "rc") == {code}
    assert codes(f"0.0-5.0 seconds: {CAPTION}\n{text}", "dvc") == set()


def test_damaged_words_hide_no_format_that_cannot_be_read() -> None:
    text = r"1.0-2.0 seconds: A cut.\n3.0-4.0 seconds: A knot."
    assert codes(text, "dvc") > {"escapes"}  # and several segments on one line
    assert codes(text.replace(r"\n", "\n"), "dvc") == set()
    assert codes("0:01 - 0:02: Cut &amp; tied.", "dvc") == {"html_entities", "clock_times"}


@pytest.mark.parametrize(
    "text",
    [
        CAPTION, "Größe: 37 °C ± 2 µm · CO₂ … €5", "À LA FIN, ÉLEVÉ » São Paulo, NÃO, DÉJÀ VU",
        r"The angle $\nu$, \times 2, \textbf{bold}", "AT&T; R&D & more", "外科医生正在进行手术。",
        "The nurse ties the knot, then the nurse cuts the knot, then the nurse ties the knot.",
        "The nurse ties the knot. " * 3, "x" * 19, "",
        "Here is the nurse, and the summary follows later.", "Of course the needle bends.",
        "The response of the patient: the eyes open.", "Sutures hold. 3/0.", "护士洗手。",
        "The nurse says: let me know if it hurts.\nShe waits.", "Confidence grows with practice.",
        "The surgeon asks if you need more light. The lamp is moved.",
        "The user interface is closed.\nThe question is asked again.",
    ],
)  # fmt: skip
def test_an_unusual_caption_is_left_alone(text: str) -> None:
    assert codes(text) == set()


def test_equal_captions_of_many_segments_are_no_endless_repetition() -> None:
    rows = (f"{7 * at}.0-{7 * at + 5}.0 seconds: The nurse ties the knot." for at in range(12))
    text = "\n".join(rows)
    assert codes(text, "dvc") == set()
