"""One prediction as used by the evaluation, and how untrusted text is shown."""

import msgspec

# Of an id, an answer or a question. Real answers have less than a fifth of it; the answer parsers
# must not get 200 MB.
MAX_TEXT = 100_000


class Prediction(msgspec.Struct, frozen=True, gc=False, rename={"text": "prediction"}):
    """One answer of a participant. `id` identifies a clip, not a question.

    `question` is the question text in the upload, if any. `names` are other names of the clip,
    from the record's metadata.
    """

    id: str
    qa_type: str
    text: str
    question: str | None = None
    names: tuple[str, ...] = ()


def shown(text: str, limit: int = 48) -> str:
    """`text` on one line, safe to print: at most `limit` characters, the middle omitted.

    Control, bidirectional and other invisible characters are escaped, so that an id cannot
    move the terminal's cursor or reverse a line.
    """
    if len(text) > limit:
        tail = limit // 3
        text = f"{text[: limit - tail - 1]}…{text[-tail:]}"
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    return char if char.isprintable() else ascii(char)[1:-1]
