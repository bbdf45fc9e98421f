"""The documentation matches the code: settings, commands, modules, links, headings."""

import ast
import doctest
import importlib
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from core.settings import SETTINGS
from scripts import site
from tests.test_architecture import EVALUATION_FLOORS, FLOORS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS_PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
# Files of the data folder, and documents.
FILES = {"evaluation.json", "evaluation.md"}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_in_the_table(setting) -> None:
    assert f"| `{setting.name}` | {setting.default} | {setting.meaning} |" in SETTINGS_PAGE


def test_what_each_setting_costs_in_safety_is_told() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    told = page[page.index("## Security implications of settings") :]
    assert not [one.name for one in SETTINGS if not re.search(rf"`{one.name}\b", told)]


def test_no_setting_is_documented_that_does_not_exist() -> None:
    table = re.findall(r"^\| `([A-Z][A-Z_]+)` \|", SETTINGS_PAGE, flags=re.MULTILINE)
    assert sorted(table) == sorted(setting.name for setting in SETTINGS)


def test_every_environment_name_in_the_code_is_a_setting() -> None:
    known = {setting.name for setting in SETTINGS}
    used: set[str] = set()
    for folder in ("core", "evaluation", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r"\bMEDVIDBENCH_[A-Z_]+\b", path.read_text(encoding="utf-8")))
    assert used <= known


def test_no_text_counts_the_metrics_by_hand() -> None:
    """A metric can be added without searching the pages for “ten”."""
    counted = re.compile(r"\b(three|seven|ten)\b( caption)? (metrics|ranks)", re.IGNORECASE)
    found = []
    for folder in ("core", "evaluation", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            comments = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
            for node in ast.walk(tree):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and id(node) not in comments and counted.search(text):
                    found.append(f"{path.name}:{node.lineno}")
    assert not found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_have_targets(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


def _anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_headings_have_targets(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", text):
        assert anchor in _anchors(document.parent / target if target else document), (
            f"{document.name} links to {target}#{anchor}"
        )


def test_the_contents_list_every_page() -> None:
    contents = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"\| \[[\w-]+\.md\]\(([\w-]+\.md)\) \|$", contents, re.MULTILINE)
    assert sorted(listed) == [page.name for page in PAGES if page.name != "README.md"]


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.search(r"^## \[(\d\S*)\] - (\S+)$", changes, re.MULTILINE)
    assert released is not None
    assert project["version"] == citation["version"] == released[1]
    assert citation["date-released"].isoformat() == released[2]


def test_the_site_has_every_page_once_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    site.prepare(tmp_path)
    listed = [page for section in site.nav()[1:] for pages in section.values() for page in pages]
    adrs = [f"adr/{page.name}" for page in (ROOT / "docs" / "adr").glob("*.md")]
    pages = [page.name for page in PAGES if page.name != "README.md"]
    assert sorted(listed) == sorted([*pages, *adrs, "project/CONTRIBUTING.md"])
    for page in (tmp_path / "docs").rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_stays_short() -> None:
    assert len(README.splitlines()) < 100


def test_the_changelog_has_the_sections_of_keep_a_changelog() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.split(r"^## (.+)\n", changes, flags=re.MULTILINE)[1:]
    known = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    for text in releases[1::2]:
        sections = re.findall(r"^### (.+)$", text, re.MULTILINE)
        assert sections == [name for name in known if name in sections]
    entries = re.findall(r"^- (.+)$", changes, re.MULTILINE)
    assert sorted(set(entries)) == sorted(entries)


def test_the_two_commands_are_shown() -> None:
    assert "make run" in README
    assert "make test" in README


ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PICTURES = re.findall(r"^```\n(.*?)^```", ARCHITECTURE, re.MULTILINE | re.DOTALL)


def test_the_diagram_of_core_shows_its_layers() -> None:
    floors = [set(re.findall(r"^core/(\w+)/", part, re.M)) for part in PICTURES[0].split("---\n")]
    assert floors[1:-1] == [set(rooms) for rooms in reversed(FLOORS[1:])]
    root = {path.name for path in (ROOT / "core").glob("*.py")} - {"__init__.py"}
    assert root == set(re.findall(r"\w+\.py", PICTURES[0].rpartition("---\n")[2]))


def test_the_diagram_of_evaluation_shows_its_layers() -> None:
    lines = PICTURES[1].splitlines()
    shown = [
        set(re.findall(r"(\w+)\.py", line)) or set(re.findall(r"/(\w+)/", line)) for line in lines
    ]
    order = [room for line in shown for room in line]
    floor = {room: n for n, rooms in enumerate(EVALUATION_FLOORS) for room in rooms}
    assert set(order) == set(floor)
    assert [floor[room] for room in order] == sorted(floor.values(), reverse=True)


CHANGES = re.findall(r"^\| (.+?) \| (.+?) \| (\d) \|$", ARCHITECTURE, re.MULTILINE)


@pytest.mark.parametrize(("what", "files", "most"), CHANGES, ids=[what for what, *_ in CHANGES])
def test_files_in_the_table_of_changes_exist(what: str, files: str, most: str) -> None:
    named = re.findall(r"`(.+?)`", files)
    assert [name for name in named if not (ROOT / name).is_file()] == []
    assert len(named) + len(re.findall(r"\*(.+?)\*", files)) <= int(most)


def test_the_table_of_changes_is_parsed() -> None:
    assert len(CHANGES) == 36


def _there(dotted: str) -> bool:
    """Whether a dotted name is a module of ours, or something defined in one."""
    parts = dotted.split(".")
    for n in range(len(parts), 1, -1):
        path = ROOT.joinpath(*parts[:n])
        if path.is_dir():
            return n == len(parts)
        if (module := path.with_suffix(".py")).is_file():
            source = module.read_text(encoding="utf-8")
            return n == len(parts) or bool(re.search(rf"\b{parts[n]}\b", source))
    return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_named_in_documents_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name in re.findall(
        r"(?<![\w/.-])(?:core|evaluation|pages|scripts|tests)/[\w./*-]*\w", text
    ):
        found = list(ROOT.glob(name)) or list(ROOT.glob(f"{name}*"))
        assert found, f"{document.name} names {name}"
    for name in re.findall(r"(?<![\w/.-])(?:core|evaluation)(?:\.\w+)+", text):
        assert name in FILES or _there(name), f"{document.name} names {name}"


EXAMPLES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ("core", "evaluation")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "    >>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", EXAMPLES)
def test_the_examples_in_docstrings_are_true(module: str) -> None:
    found = doctest.testmod(importlib.import_module(module))
    assert found.attempted
    assert not found.failed
