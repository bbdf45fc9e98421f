"""Which module may import which: the rules of docs/architecture.md, checked in the source."""

import ast
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = {
    "core.errors", "core.benchmark", "core.model.entries", "core.files.gzip_pieces",
    "core.files.packed", "core.files.zip_pieces",
    "core.files.atomic", "core.files.hashes",
    "core.metric_log", "core.model.names",
    "core.model.contracts.demo", "core.model.contracts.evaluation", "core.model.contracts.judge",
    "core.model.contracts.review", "core.model.contracts.samples",
}  # fmt: skip
STREAMLIT_PLACES = ("Home.py", "pages/", "core/ui/", "core/web/server.py")
PAGES_NEVER = {"huggingface_hub", "filelock", "subprocess", "pages"}
# Their only imports beyond the standard library: data libraries and their own kind.
LEAF_ALLOWED = {
    "msgspec", "core.benchmark", "core.errors", "core.model.names", "core.model.contracts",
    "core.files.gzip_pieces", "core.files.zip_pieces", "confusable_homoglyphs",
}  # fmt: skip
MAX_LINES = 400


@cache
def sources(*begin: str) -> list[str]:
    """Our files whose paths start with one of these; all files without arguments."""
    found = [ROOT / "Home.py"]
    for folder in ("pages", "core", "evaluation"):
        found += (ROOT / folder).rglob("*.py")
    paths = sorted(str(path.relative_to(ROOT)) for path in found if path.exists())
    return [path for path in paths if path.startswith(begin or "")]


@cache
def nodes(source: str) -> list[ast.AST]:
    """All nodes of a file's syntax tree."""
    return list(ast.walk(ast.parse((ROOT / source).read_text(encoding="utf-8"))))


@cache
def imports(source: str) -> set[str]:
    """Dotted names that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in nodes(source):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{source}: relative import"
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def of(names: set[str], package: str) -> set[str]:
    return {name for name in names if name == package or name.startswith(package + ".")}


def is_standard(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in sys.stdlib_module_names


def test_streamlit_stays_in_the_user_interface() -> None:
    using = [s for s in sources() if of(imports(s), "streamlit")]
    assert [s for s in using if not s.startswith(STREAMLIT_PLACES)] == []


def test_core_never_imports_evaluation() -> None:
    for package in ("evaluation", "pages"):
        assert [s for s in sources("core/") if of(imports(s), package)] == []


# Tests of two models, which participants also use on their own validation split.
SHARED_STATISTICS = {"core.ranking", "core.ranking.columns", "core.ranking.differences"}


def test_evaluation_imports_only_the_shared_records() -> None:
    shared = {"core", "core.files", "core.model", "core.model.contracts"}
    for source in sources("evaluation/"):
        core = of(imports(source), "core") - shared
        allowed = SHARED | (SHARED_STATISTICS if source == "evaluation/paired.py" else set())
        assert {name for name in core if not any(of({name}, s) for s in allowed)} == set(), source


def test_pages_read_controls_call_core_and_render() -> None:
    for package in PAGES_NEVER:
        assert [s for s in sources("pages/", "Home.py") if of(imports(s), package)] == []


# The layers of core, lowest first. A package may import packages of lower layers and itself;
# packages of one layer do not import each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("root",),
    ("files",),
    ("model",),
    ("changes", "ranking"),
    ("store", "publish"),
    ("runs", "access"),
    ("mirror",),
    ("cluster",),
    ("usecases",),
    ("ui", "web"),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# The entry points that may open a store: each passes it on.
OPENS_STORES = {
    "core/cluster/task.py", "core/mirror/__main__.py", "core/runs/__main__.py",
    "core/runs/statistics/__main__.py", "core/store/__main__.py", "core/usecases/services.py",
}  # fmt: skip


# The layers of evaluation: its folders, and each of its other modules.
EVALUATION_FLOORS: tuple[tuple[str, ...], ...] = (
    ("truth", "labels", "encoder", "progress", "clips", "output_places"),
    ("nearest",),
    ("tasks",),
    ("upload", "scoring"),
    ("report", "output"),
    ("judge", "demo"),
    ("judged", "own_truth", "api_client"),
    ("paired",),
    ("predictions", "evaluate_predictions", "template", "submit", "compare"),  # commands
    ("__main__",),  # commands
)
EVALUATION_FLOOR = {room: n for n, rooms in enumerate(EVALUATION_FLOORS) for room in rooms}


def room(name: str) -> str:
    """The package of a module of core by its dotted name; top-level modules are the root."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and (ROOT / "core" / parts[1]).is_dir() else "root"


def dotted(source: str) -> str:
    return source.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def modules(source: str) -> set[str]:
    """The imported modules of the source's own package."""
    package = source.split("/", maxsplit=1)[0]
    return {
        name
        for name in of(imports(source), package)
        if (ROOT / f"{name.replace('.', '/')}.py").is_file()
    }


def upward(source: str) -> set[str]:
    """The imports of a file of core that are not from lower layers."""
    own = room(dotted(source))
    return {
        name for name in modules(source) if room(name) != own and FLOOR[room(name)] >= FLOOR[own]
    }


def evaluation_upward(source: str) -> set[str]:
    """The same for a file of evaluation."""
    own = source.removesuffix(".py").split("/")[1]
    return {
        name
        for name in modules(source)
        if (there := name.split(".")[1]) != own and EVALUATION_FLOOR[there] >= EVALUATION_FLOOR[own]
    }


def test_every_package_has_a_layer() -> None:
    rooms = {path.name for path in (ROOT / "core").iterdir() if list(path.glob("*.py"))}
    assert rooms - {"__pycache__"} == set(FLOOR) - {"root"}
    inside = {s.removesuffix(".py").split("/")[1] for s in sources() if s.startswith("evaluation/")}
    assert inside - {"__init__"} == set(EVALUATION_FLOOR)


def test_imports_go_downward_only() -> None:
    found = {(s, name) for s in sources() if s.startswith("core/") for name in upward(s)}
    assert sorted(found) == []


def calls(source: str) -> set[str]:
    """Names of what a file calls."""
    return {
        n.func.id for n in nodes(source) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }


def test_one_module_of_core_starts_processes() -> None:
    """The module that uses `subprocess`, and the program with limits that it starts."""
    ours = [s for s in sources() if s.startswith(("core/", "pages/", "Home.py"))]
    starts = {s for s in ours if {"subprocess", "multiprocessing", "pty"} & imports(s)}
    limits = {s for s in ours if "resource" in imports(s)}
    assert (starts, limits) == ({"core/runs/child.py"}, {"core/runs/confine.py"})


def test_a_process_opens_one_store_and_passes_it_on() -> None:
    ours = [s for s in sources() if s.startswith(("core/", "pages/", "Home.py"))]
    assert [s for s in ours if "Store" in calls(s)] == ["core/store/opened.py"]
    assert {s for s in ours if "open_store" in calls(s)} == OPENS_STORES


def test_imports_of_evaluation_go_downward_only() -> None:
    inside = [s for s in sources() if s.startswith("evaluation/") and not s.endswith("__init__.py")]
    assert {s: found for s in inside if (found := evaluation_upward(s))} == {}


@cache
def made_in(source: str) -> set[str]:
    """Names that a module defines itself, rather than importing them."""
    inside = nodes(source)
    return {n.name for n in inside if isinstance(n, ast.FunctionDef | ast.ClassDef)} | {
        n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def test_names_are_imported_from_where_they_are_defined() -> None:
    for source in sources():
        for node in nodes(source):
            if isinstance(node, ast.ImportFrom) and node.module:
                there = f"{node.module.replace('.', '/')}.py"
                if (ROOT / there).is_file():
                    handed_on = {alias.name for alias in node.names} - made_in(there)
                    assert handed_on == set(), f"{source} imports from {there}"


@pytest.mark.parametrize("package", ["core", "evaluation"])
def test_there_are_no_import_cycles(package: str) -> None:
    graph = {dotted(s): set(modules(s)) for s in sources() if s.startswith(f"{package}/")}
    in_order = tuple(TopologicalSorter(graph).static_order())  # a CycleError names the cycle
    assert set(in_order) >= graph.keys() > set()


@pytest.mark.parametrize(
    "source", ["core/model/names.py", *(f"{name.replace('.', '/')}.py" for name in sorted(SHARED))]
)
def test_shared_records_import_only_data_libraries(source: str) -> None:
    for name in imports(source):
        assert is_standard(name) or any(
            name == allowed or name.startswith(allowed + ".") for allowed in LEAF_ALLOWED
        ), f"{source} imports {name}"


def test_modules_are_short() -> None:
    lines = {s: (ROOT / s).read_text(encoding="utf-8").count("\n") for s in sources()}
    assert {s: n for s, n in lines.items() if n > MAX_LINES} == {}


def _finds(source: str) -> list[int]:
    """Lines that loop over entries to find one by its id or upload."""
    found = []
    for node in nodes(source):
        if isinstance(node, ast.For):
            goes_through, tests = (
                node.iter,
                [n.test for n in ast.walk(node) if isinstance(n, ast.If)],
            )
        elif isinstance(node, ast.comprehension):
            goes_through, tests = node.iter, node.ifs
        else:
            continue
        of_entries = "reports" not in ast.unparse(goes_through)
        compared = {
            side.attr
            for test in tests
            for part in ast.walk(test)
            if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq)
            for side in (part.left, *part.comparators)
            if isinstance(side, ast.Attribute) and _is_of(side, node.target)
        }
        if of_entries and compared & {"entry_id", "upload_id"}:
            found.append(goes_through.lineno)
    return found


def _is_of(attribute: ast.Attribute, target: ast.expr) -> bool:
    """Whether an attribute belongs to one of the loop's variables."""
    names = {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(attribute))


FINDS = "core/model/state.py"


def test_one_module_finds_entries() -> None:
    found = {s: _finds(s) for s in sources("core/", "pages/") if s != FINDS}
    assert {s: lines for s, lines in found.items() if lines} == {}, "ask the state"


def test_a_loop_that_finds_entries_is_detected() -> None:
    assert _finds(FINDS)


# Functions that rank arrays are for the ranking, and for the store, which keeps a board's array.
RANKING_ROOMS = ("core/ranking/", "core/store/")
RANKING_FUNCTIONS = {f"core.ranking.average_rank.{name}" for name in ("order", "metric_ranks")}
SORTS = {"sorted", "sort", "sort_values", "min", "max", "nsmallest", "nlargest"}
RANKS = {"rank", "rankdata", "argsort", "lexsort"}


def _ranks(source: str) -> list[str]:
    """The parts of a file that rank: ranking functions, those of libraries, sorts by average."""
    found = sorted(imports(source) & RANKING_FUNCTIONS)
    for node in nodes(source):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            given = ast.unparse(node)
            if called in RANKS or (called in SORTS and "average_rank" in given):
                found.append(f"line {node.lineno}: {given}")
    return found


def test_only_the_ranking_ranks() -> None:
    others = [s for s in sources("core/", "pages/") if not s.startswith(RANKING_ROOMS)]
    found = {s: _ranks(s) for s in others}
    assert {s: ranks for s, ranks in found.items() if ranks} == {}, "ask core.ranking"


def test_ranking_code_is_detected() -> None:
    assert len(_ranks("core/ranking/average_rank.py")) >= 2
    assert _ranks("core/ranking/board.py") == sorted(RANKING_FUNCTIONS)
