"""The README keeps its promises: settings, commands, files it names."""

import re
from pathlib import Path

import pytest

from core.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_in_the_table(setting) -> None:
    assert f"| `{setting.name}` | {setting.default} | {setting.meaning} |" in README


def test_no_setting_is_documented_that_does_not_exist() -> None:
    table = re.findall(r"^\| `([A-Z][A-Z_]+)` \|", README, flags=re.MULTILINE)
    assert sorted(table) == sorted(setting.name for setting in SETTINGS)


def test_every_environment_name_in_the_code_is_a_setting() -> None:
    known = {setting.name for setting in SETTINGS}
    used: set[str] = set()
    for folder in ("core", "evaluation", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r"\bMEDVIDBENCH_[A-Z_]+\b", path.read_text(encoding="utf-8")))
    assert used <= known


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_two_commands_are_shown() -> None:
    assert "make run" in README
    assert "make test" in README


@pytest.mark.parametrize("folder", ["core", "evaluation"])
def test_every_module_is_in_the_picture_of_the_architecture(folder: str) -> None:
    words = set((ROOT / "docs/architecture.md").read_text(encoding="utf-8").split())
    modules = {path.name for path in (ROOT / folder).glob("*.py")} - {"__init__.py"}
    assert modules <= words
