"""One prediction as the evaluation uses it, and how hostile text is shown."""

import msgspec

# Of an id, an answer or a question. Real answers have less than a fifth of it; the patterns
# that read answers must not meet one of 200 MB.
MAX_TEXT = 100_000


class Prediction(msgspec.Struct, frozen=True, gc=False, rename={"text": "prediction"}):
    """One answer of a participant. `id` names a clip, not a question.

    `question` is the upload's own wording, None without one. `names` are other names of the
    clip, from the record's metadata.
    """

    id: str
    qa_type: str
    text: str
    question: str | None = None
    names: tuple[str, ...] = ()


def shown(text: str, limit: int = 48) -> str:
    """`text` on one line, safe to print: at most `limit` characters, the middle left out.

    Control, bidirectional and other invisible characters become escapes, so that an id
    can neither move the terminal's cursor nor turn a line round.
    """
    if len(text) > limit:
        tail = limit // 3
        text = f"{text[: limit - tail - 1]}…{text[-tail:]}"
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    return char if char.isprintable() else ascii(char)[1:-1]
