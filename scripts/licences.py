"""Writes docs/licences.md: every pinned package with its licence, from its own metadata.

`make licences`, after `make lock`. A package that no platform of ours installs is named in
ELSEWHERE; a test fails when the page does not match the locks, or a licence is unknown.
"""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "licences.md"
LOCKS = {
    "The app": ("requirements.txt", "requirements-minilm.txt"),
    "Tests and tools": ("requirements-dev.txt",),
}
# Pinned for platforms on which this script is not run.
NEVER = "never installed: for Python in a browser only"
ELSEWHERE = {"colorama": "BSD-3-Clause", "httpx2-jsfetch": NEVER}
# Told by the licence files in the package only: its own, and that of the axe.min.js in it.
FILES = {"axe-playwright-python": "MIT AND MPL-2.0"}
# The metadata holds the licence's whole text, or an old name for it.
_KNOWN = {
    "2-clause BSD": "BSD-2-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
}
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
UNKNOWN = "unknown"
_HEAD = """# Licences of what is installed

Made by `make licences` from the packages' own metadata, for every pin of the locks;
do not edit. What ships with the app is permissive (MIT, BSD, Apache, PSF, MIT-CMU)
or weak copyleft per file (MPL-2.0: certifi, tqdm), which asks nothing of code that
only uses them. The app itself: [Apache-2.0](../LICENSE).
"""


def pins(*locks: str) -> Iterator[tuple[str, str]]:
    """(name, version) of every pin, in the locks' order."""
    for lock in locks:
        yield from _PIN.findall((ROOT / lock).read_text(encoding="utf-8"))


def licence(name: str) -> str:
    """The SPDX expression of an installed package; UNKNOWN when it tells none."""
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ELSEWHERE.get(name, UNKNOWN)
    classifiers = [c for c in found.get_all("Classifier") or [] if c.startswith("License ::")]
    told = next((found[key] for key in ("License-Expression", "License") if key in found), "")
    for text in (told, *classifiers):
        line = str(text).strip()
        if line in _KNOWN or (line and "\n" not in line and len(line) < 60 and "::" not in line):
            return _KNOWN.get(line, line)
    return FILES.get(name, UNKNOWN)


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, locks in LOCKS.items():
        rows = [f"| {name} | {version} | {licence(name)} |" for name, version in pins(*locks)]
        parts.append(
            "\n".join([f"## {title}\n", "| package | version | licence |", "| --- | --- | --- |"])
        )
        parts[-1] += "\n" + "\n".join(sorted(set(rows))) + "\n"
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
