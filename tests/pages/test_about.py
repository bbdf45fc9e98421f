"""The About page with AppTest: it has everything that core.benchmark defines."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.benchmark import (
    CITATION,
    DATASETS,
    ISSUES_URL,
    JUDGE_ASPECTS,
    LICENCES,
    LINKS,
    METRICS,
    TASKS,
)
from core.model.policy import Policy
from core.publish import agreement
from core.publish.board.words import ABOUT
from core.publish.definitions import exact_definitions
from core.publish.reading import ORDER, READING
from core.usecases import board_settings
from tests.pages.admin_pages import demo_server
from tests.pages.visited import open_page, shown, tables

PAGE = Path(__file__).resolve().parents[2] / "pages" / "about.py"


# The output of `python -m evaluation.judge agree --json` (tests/judge/test_agree.py).
SIDE = {"models": ["judge-a"], "rubrics": ["1"], "pairs": 9}
FIGURES = {"n": 45, "mean_difference": -0.4, "exact": 0.6, "within_one": 0.8, "kappa": 0.712}
AGREEMENT = {
    "date": "2026-11-24",
    "a": SIDE,
    "b": SIDE | {"models": ["judge-b"]},
    "pairs_in_both": 9,
    "tasks": {"vs": FIGURES | {"spearman": None}},
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> AppTest:
    data = tmp_path_factory.mktemp("data")
    (data / "demo").mkdir()
    (data / "demo" / "judge_agreement.json").write_text("\ufeff" + json.dumps(AGREEMENT))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDVIDBENCH_DATA_DIR", str(data))
        patch.delenv("MEDVIDBENCH_GROUND_TRUTH", raising=False)
        found = AppTest.from_file(str(PAGE), default_timeout=240).run()
    assert not found.exception
    return found


def words(app: AppTest) -> str:
    parts = [part.value for part in (*app.markdown, *app.header, *app.subheader, *app.caption)]
    return "\n".join([*parts, *map(str, tables(app))])


def test_tasks_sources_links_and_licences_are_there(app: AppTest) -> None:
    told = words(app)
    for part in (*(task.name for task in TASKS), *DATASETS, *LINKS.values(), *LICENCES.values()):
        assert part in told
    for number in ("6,245", "103,742", "51,505"):
        assert number in told


def test_every_metric_has_definition_formula_range_and_what_is_unscored(app: AppTest) -> None:
    told = words(app)
    formulas = "\n".join(latex.value for latex in app.latex)
    for metric in METRICS:
        assert metric.definition in told
        assert metric.unscored in told
        assert metric.range_text in told
        assert metric.formula in formulas


def test_every_metric_has_its_exact_definition(app: AppTest) -> None:
    assert set(exact_definitions()) == {metric.key for metric in METRICS}
    told = words(app)
    expanders = [found.label for found in app.expander]
    for metric in METRICS:
        assert exact_definitions()[metric.key] in told
        assert f"Exact definition of {metric.name}" in expanders
    for rule in ("is then reversed", "`A to B`", "zeros at first", "first procedure named"):
        assert rule in told.replace("\n", " ")


def test_every_symbol_of_a_formula_is_explained(app: AppTest) -> None:
    legend = next(part.value for part in app.markdown if "In the formulas:" in part.value)
    explained = set(re.findall(r"\\?[A-Za-z]+", legend))
    for metric in METRICS:
        used = re.findall(r"\\?[A-Za-z]+", metric.formula)
        symbols = {one for one in used if len(one) == 1 or one in ("correct", "both", r"\theta")}
        assert symbols - {"F"} <= explained, metric.key


def test_not_every_score_is_said_to_come_from_this_program(app: AppTest) -> None:
    told = words(app)
    assert "every uploaded file is scored here by the same program" in told
    assert "every score on the board" not in told


def test_an_official_entry_is_not_said_to_be_always_the_maintainers_own_run(app: AppTest) -> None:
    """A promoted entry may keep the participant's scores, once they are checked."""
    told = words(app)
    assert "ran the model themselves, or checked the participant’s scores" in told
    assert "ran the model or checked the scores only of entries marked verified" in told
    assert "run and verified" not in ABOUT["official"]


def test_the_minimum_of_coverage_is_explained_while_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = demo_server(tmp_path, monkeypatch)
    rule = "A value from less than 50 % of its metric’s questions"
    assert rule not in shown(open_page("about"))
    strict = Policy(min_coverage=0.5, enforce_min_coverage=True)
    board_settings.set_policy(place, Policy(), strict, "admin")
    assert rule in shown(open_page("about"))


def test_the_judge_s_aspects_are_named(app: AppTest) -> None:
    told = words(app)
    for key, name in JUDGE_ASPECTS.items():
        assert key in told
        assert name in told


def test_how_far_two_judges_agree_is_shown_when_it_was_measured(app: AppTest, tmp_path) -> None:
    told = words(app)
    for part in ("judge-a", "judge-b", "-0.40", "60%", "80%", "0.71", "—"):
        assert part in told
    assert agreement.read(tmp_path) is None
    (tmp_path / "judge_agreement.json").write_text('{"date": 1}')
    assert agreement.read(tmp_path) is None


def test_the_citation_can_be_copied_and_problems_reported(app: AppTest) -> None:
    (shown,) = [one.proto.body for one in app.get("html") if 'data-copy="cited"' in one.proto.body]
    assert CITATION in unescape(shown)
    assert not app.code  # would load a highlighter of 1.5 MB
    assert ISSUES_URL in words(app)


def test_ranking_ties_terms_and_the_organisers_models_are_explained(app: AppTest) -> None:
    told = words(app).lower()
    for part in ("average", "ties", "organisers", "third-party", "stored"):
        assert part in told


def test_intervals_and_ranks_in_brackets_are_explained(app: AppTest) -> None:
    told = words(app)
    for term in (*READING, *ORDER):
        assert f"**{term.title}.** {term.text}" in told
    assert "expected average rank" in told
    assert {"statistics", "order"} <= {header.anchor for header in app.header}
