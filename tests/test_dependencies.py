"""Dependencies: pinned and hashed, installed by hash only, their licences listed and known."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.txt"))
# Licences without obligations for those who only run the app.
ACCEPTED = re.compile(
    r"(MIT(-0|-CMU)?|0BSD|BSD(-[23]-Clause)?|Apache-2\.0|PSF-2\.0|MPL-2\.0|Zlib|CC0-1\.0|AND|OR| )+"
)


def licences() -> ModuleType:
    spec = importlib.util.spec_from_file_location("licences", ROOT / "scripts" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==[^ ;\\]+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


def test_nothing_is_installed_without_its_hash() -> None:
    for script in ("scripts/install", "scripts/audit", "scripts/fuzz", "Makefile"):
        text = re.sub(r"\\\n", " ", (ROOT / script).read_text(encoding="utf-8"))
        for line in text.splitlines():
            if re.search(r"pip install|pip\"? install", line) and not line.startswith("#"):
                assert "--require-hashes" in line, line


def test_every_wanted_version_is_in_its_lock() -> None:
    for wanted in ROOT.glob("requirements*.in"):
        lock = wanted.with_suffix(".txt").read_text(encoding="utf-8").lower()
        for name, version in re.findall(r"^([\w-]+)==(\S+)", wanted.read_text(), re.MULTILINE):
            assert f"{name.lower().replace('_', '-')}=={version} " in lock, name


def test_the_licence_page_matches_the_locks() -> None:
    module = licences()
    rows = re.findall(r"^\| (\S+) \| (\S+) \| (.+) \|$", module.PAGE.read_text(), re.MULTILINE)
    listed = {(name, version) for name, version, _ in rows if name not in ("package", "---")}
    locks = [lock for group in module.LOCKS.values() for lock in group]
    assert listed == set(module.pins(*locks)), "run `make licences`"
    assert module.PAGE.read_text(encoding="utf-8") == module.page(), "run `make licences`"


def test_every_licence_is_known_and_accepted() -> None:
    module = licences()
    for name, _ in module.pins(*(lock for group in module.LOCKS.values() for lock in group)):
        found = module.licence(name)
        assert found == module.NEVER or ACCEPTED.fullmatch(found), f"{name}: {found}"
