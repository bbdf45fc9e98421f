"""Recognises binary files by their first bytes, and says what to do. Pure."""

import re

# Signatures and what they mean. The UTF-32 mark starts with the UTF-16 one.
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32 text"),
    (b"\x00\x00\xfe\xff", "UTF-32 text"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"PK\x03\x04", "a zip archive inside another archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"\xff\xff\xff\xff", "an Arrow file"),  # as a data set is saved to disk
    (b"\x93NUMPY", "a NumPy file (.npy)"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"{\\rtf", "a rich text document"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"\x7fELF", "a program"),
    (b"GGUF", "a model's weights"),
    (b"GIF8", "an image"),
    (b"RIFF", "an image or a video"),
    (b"\x1f\x8b", "a gzip file inside a gzip file"),
)
# Of protocols 0 and 1, the beginning of a list or an object.
_PICKLE = re.compile(rb"\x80[\x02-\x05]|\([ld]p0\n|[\]}]q\x00")
SAVE = "Save it as UTF-8 JSON."
_OTHER = "Choose the file of your model's answers (.json or .jsonl, also as .gz or .zip)."
_UNPACK = "Unpack it, and upload the one JSON file in it (.json or .jsonl, also as .gz or .zip)."
IN_PYTHON = 'In Python: json.dump(records, open("predictions.json", "w", encoding="utf-8")).'
_ADVICE = {
    "a bzip2 file": _UNPACK,
    "an xz file": _UNPACK,
    "a zstd file": _UNPACK,
    "a 7z archive": _UNPACK,
    "a RAR archive": _UNPACK,
    "a zip archive inside another archive": _UNPACK,
    "a gzip file inside a gzip file": _UNPACK,
    "a PDF": _OTHER,
    "an image": _OTHER,
    "an image or a video": _OTHER,
    "a program": _OTHER,
    "a model's weights": _OTHER,
    "a Parquet file": 'Write its rows as JSON: DataFrame.to_json(path, orient="records").',
    "an Arrow file": 'Write its rows as JSON: DataFrame.to_json(path, orient="records").',
}


def binary_kind(data: bytes) -> str | None:
    """What a binary file is, and what to do: text that follows its name."""
    if data[257:262] == b"ustar":
        return f"is a tar archive, not JSON in UTF-8. {_UNPACK}"
    if _PICKLE.match(data):
        return f"is a pickle, not JSON in UTF-8, and is never loaded. {IN_PYTHON}"
    if data[4:8] == b"ftyp":
        return f"is a video, not JSON in UTF-8. {_OTHER}"
    if data[8:10] == b'{"' and data[2:8] == bytes(6):
        return f"is a model's weights (safetensors), not JSON in UTF-8. {_OTHER}"
    for mark, what in _MARKS:
        if data.startswith(mark):
            return f"is {what}, not JSON in UTF-8. {_ADVICE.get(what, SAVE)}"
    return None
