"""Maps an answer to the class nearest in meaning, by sentence embeddings.

The embeddings of the labels are stored under a name with the hash of the labels. If the labels
change, they are not found and computed like any other text, until `python -m evaluation.nearest`
writes them again.
"""

import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from evaluation import labels
from evaluation.encoder import DIMENSIONS, Array, MiniLM

_FOLDER = labels.LABEL_FILE.parent


def nearest(
    pairs: Sequence[tuple[str, labels.Classes]],
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """The class of largest cosine for each (answer, classes) pair; the first wins a tie.

    Each distinct text is embedded once. `progress` is called with (done, total) texts.
    """
    vectors = stored_embeddings(labels.all_labels())
    texts = dict.fromkeys(text for answer, classes in pairs for text in (answer, *classes))
    missing = [text for text in texts if text not in vectors]
    if missing:
        report = (lambda done: progress(done, len(missing))) if progress else None
        vectors |= zip(missing, MiniLM().encode(missing, report), strict=True)
    matrices = {classes: np.stack([vectors[label] for label in classes]) for _, classes in pairs}
    return [
        classes[int(np.argmax(matrices[classes] @ vectors[answer]))] for answer, classes in pairs
    ]


def stored_embeddings(known: Sequence[str]) -> dict[str, Array]:
    """These labels with their stored embeddings; empty if there are none for exactly these."""
    path = stored_path(known)
    if not path.is_file():
        return {}
    matrix: Array = np.load(path)
    if matrix.shape != (len(known), DIMENSIONS):
        return {}
    return dict(zip(known, matrix, strict=True))


def stored_path(known: Sequence[str]) -> Path:
    """The path for the embeddings of exactly these labels."""
    digest = hashlib.sha256("\n".join(known).encode()).hexdigest()
    return _FOLDER / f"label_embeddings-{digest[:16]}.npy"


def main() -> int:
    """Writes the embeddings of the current labels; removes those of earlier labels."""
    known = labels.all_labels()
    path = stored_path(known)
    for old in _FOLDER.glob("label_embeddings-*.npy"):
        if old != path:
            old.unlink()
    np.save(path, MiniLM().encode(known))
    sys.stdout.write(f"{path.name}: {len(known)} labels\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
