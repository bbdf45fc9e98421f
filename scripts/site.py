"""`make docs`: the documentation as a static site in `site`, built by Zensical without a warning.

The pages, their order and their sections are those of docs/README.md. The documents beside docs
(README, CONTRIBUTING, SECURITY, CHANGELOG, CITATION, LICENSE) come along in a folder of their own.

Usage: python scripts/site.py ZENSICAL [FOLDER]
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
BESIDE = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "CITATION.cff", "LICENSE")
PROJECT = "project"
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)  # of the README: the Space's settings

Nav = list[dict[str, str | list[str]]]


def nav() -> Nav:
    """Sections and pages of docs/README.md, as Zensical takes them."""
    found: Nav = [{"Documentation": "README.md"}]
    pages: list[str] = []
    for line in (ROOT / "docs" / "README.md").read_text(encoding="utf-8").splitlines():
        if section := re.match(r"\| \*\*(.+)\*\* \|", line):
            pages = []
            found.append({section[1]: pages})
        elif page := re.search(r"\]\((?:\.\./)?([\w./-]+)\) \|$", line):
            pages += _files(page[1])
    return found


def _files(name: str) -> list[str]:
    """The pages behind an entry of the contents: one, or those of a folder."""
    if name in BESIDE:
        return [f"{PROJECT}/{name}"]
    path = ROOT / "docs" / name
    if path.is_dir():
        return [f"{name}/{one.name}" for one in sorted(path.glob("*.md"))]
    return [name]


def prepare(folder: Path) -> None:
    """Put the pages into `folder`/docs, their links to documents beside docs included."""
    docs = folder / "docs"
    shutil.copytree(ROOT / "docs", docs)
    beside = "|".join(map(re.escape, BESIDE))
    for page in docs.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(re.sub(rf"\]\(\.\./({beside})", rf"]({PROJECT}/\1", text), "utf-8")
    (docs / PROJECT).mkdir()
    for name in BESIDE:
        text = _FRONT.sub("", (ROOT / name).read_text(encoding="utf-8"))
        text = re.sub(r"\]\(docs/?", "](../", text)
        (docs / PROJECT / name).write_text(text, encoding="utf-8")


def config() -> str:
    """Zensical's configuration; strings and lists are written alike in TOML and JSON."""
    listed = ", ".join(_entry(one) for one in nav())
    return f"""[project]
site_name = "MedVidBench leaderboard"
site_dir = "site"
nav = [{listed}]
[project.theme]
font = false # nothing is loaded from elsewhere
features = ["navigation.sections", "navigation.top", "toc.follow"]
"""


def _entry(entry: dict[str, str | list[str]]) -> str:
    return "".join(f"{{{json.dumps(title)} = {json.dumps(of)}}}" for title, of in entry.items())


def main() -> int:
    """Zensical's status: not 0 with any warning."""
    zensical, target = sys.argv[1], Path(*(sys.argv[2:] or ["site"])).resolve()
    with TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        (folder / "zensical.toml").write_text(config(), encoding="utf-8")
        command = [str(Path(zensical).absolute()), "build", "--strict"]
        done = subprocess.run(command, cwd=folder, check=False)
        if done.returncode == 0:
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(folder / "site", target)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
