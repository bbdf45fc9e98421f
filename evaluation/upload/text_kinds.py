"""Recognises texts that are not JSON, and says what to do. Pure.

Only needed for a file that cannot be decoded.
"""

import re

from evaluation.upload.binary_kinds import IN_PYTHON, SAVE
from evaluation.upload.records import shown

_HTML = re.compile(
    r"(?:<!--[^>]{0,999}-->\s*)?<(?:!doctype html|html|head|body|meta|title|div|script)\b",
    re.IGNORECASE,
)
_YAML = re.compile(r"(?:---\s|-\s+\w+:\s|\w+:\s)")
# Small texts that version control keeps in place of a large file.
_POINTERS = (
    (re.compile(r"version https://|oid sha256:"), "a Git LFS", "git lfs pull"),
    (
        re.compile(r"outs:\s+- (?:md5|etag|hash|path|size): |md5: \w+\s+(?:frozen|outs):"),
        "a DVC",
        "dvc pull",
    ),
    (re.compile(r"/annex/objects/\S+\s*\Z"), "a git-annex", "git annex get"),
)
_CODE = re.compile(r"(?:import|from|var|let|const|export|module)\s|[A-Za-z_]\w*\s*=\s*[\[{]")
# Comments at the start of a text.
_COMMENT = re.compile(r"(?:(?://|#)[^\n]*\n\s*|/\*.*?\*/\s*)+", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
# Where records start on a line with other text before them.
_BEGINS = re.compile(
    r"^[^\n\[{]{0,200}(\[\s*\{\s*\"|\{\s*\"(?:id|qa_type|metadata|prediction)\")", re.MULTILINE
)
_TAG = re.compile(r"<([A-Za-z][\w-]{0,30})>\s{0,99}(?:\[\s{0,99}\{|\{\s{0,99}\")")
_LINE = re.compile(r"[A-Za-z./~\d](?!\d*$)[^\n\[\]{}]{11,200}")
# Several lines, of which the first has words.
_TEXT = re.compile(r"(?=[^\n]{0,200}[^\W\d_]{3})[^\n\[\]{}\"]{4,4000}\n\s*\S")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_LOOKED_AT = 4096  # characters
_WRITTEN = {"\t": r"\t"}  # as Python code


def text_kind(text: str) -> str | None:
    """What a text that is not JSON is, and what to do: text that follows its name."""
    head = text[:_LOOKED_AT].lstrip()
    for pattern, what, command in _POINTERS:
        if pattern.match(head):
            return (
                f"is {what} pointer, not the file itself. Fetch the file with “{command}”, or "
                "download it from the repository's page, and upload that."
            )
    if head.startswith("<<<<<<<"):
        return "has merge conflict markers (<<<<<<<): keep one side, and delete the markers."
    if _HTML.match(head):
        return (
            "is an HTML page, not JSON: a download often gives a sign-in page or an error page "
            "instead. Download the file itself, and open it before you upload it."
        )
    tag = _TAG.match(head)
    if tag:
        return f"has a tag (<{tag[1]}>) around its JSON. Delete it at the start and at the end."
    if head.startswith("<"):
        return f"is XML, not JSON, as servers write error messages. {SAVE}"
    if head.startswith("Traceback (most recent call last)"):
        return (
            "has a program's error message instead of answers. Fix the run, and upload its result."
        )
    if re.match(r"https?://\S+\s*\Z", head):
        return "has a web address, not the file at that address. Download that file and upload it."
    if head[:1] in "[{" or head.startswith(('"[', '"{')):
        return None
    if _FENCE.search(head):
        return (
            "has a Markdown code fence (```) around its JSON. Delete the lines with ``` and all "
            "text outside them."
        )
    return _other_text(head, whole=len(text) <= _LOOKED_AT)


def _other_text(head: str, *, whole: bool) -> str | None:
    bare = _COMMENT.sub("", head, count=1) if _COMMENT.match(head) else head
    if bare != head and bare[:1] in "[{":
        return (
            f"has a comment before its JSON (“{shown(head.splitlines()[0])}”), and JSON has no "
            "comments. Delete it."
        )
    if _CODE.match(bare):
        return f"is program code, not JSON. Keep only the list: [ {{…}}, {{…}} ]. {IN_PYTHON}"
    begins = _BEGINS.search(head) if bare == head else None
    if begins:
        first = shown(" ".join(head[: begins.start(1)].split()))
        return (
            f"has text before its JSON (“{first}”), like a program's log. Delete everything "
            "before the first bracket and after the last."
        )
    mark = _separator(head)
    if mark:
        option = "" if mark == "," else f', sep="{_WRITTEN.get(mark, mark)}"'
        return (
            "is a table (CSV), not JSON. Write its rows as JSON records with id, qa_type and "
            f'prediction, with pandas: read_csv(path{option}).to_json(out, orient="records").'
        )
    if _CONTROL.search(head):
        return f"is a binary file, not JSON. {IN_PYTHON}"
    line = head.strip()
    if whole and _LINE.fullmatch(line) and line not in {"true", "false", "null"}:
        return (
            f"is a line of text (“{shown(line, 60)}”), not JSON: the message of a failed "
            "download, or the path of the file. Upload the file itself."
        )
    if _YAML.match(head):
        return f"is YAML, not JSON. {IN_PYTHON}"
    if _TEXT.match(head):
        return (
            f"is plain text (“{shown(line.splitlines()[0])}”), like a program's log, not JSON. "
            f"{IN_PYTHON}"
        )
    return None


def _separator(head: str) -> str | None:
    """What separates the columns of a table: the first line has names, the second as many values.

    None if the text is no table.
    """
    lines = [line for line in head.splitlines() if line.strip()]
    for mark in (",", "\t", ";", "|"):
        if len(lines) > 1 and lines[0].count(mark) and lines[1].count(mark) >= lines[0].count(mark):
            return mark
    return None
