"""The benchmark itself: tasks, metrics, ranking, judge, data, terms. All from core.benchmark."""

import streamlit as st

from core.benchmark import (
    CITATION,
    DATASETS,
    FAMILIES,
    ISSUES_URL,
    JUDGE_ASPECTS,
    JUDGE_KEYS,
    LICENCES,
    LINKS,
    METRIC_BY_KEY,
    METRICS,
    NAME,
    TASK_BY_KEY,
    TASKS,
    TEST_FRAMES,
    TEST_RECORDS,
    TRAINING_RECORDS,
    Metric,
)
from core.errors import StoreError
from core.model.contracts.judge import AgreementReport
from core.model.published import ORGANISERS, source
from core.publish import agreement
from core.publish.definitions import SOURCE, exact_definitions
from core.publish.facts import Way, columns_html, contents_html, copy_html, styles_html
from core.publish.judges import DEMO_MEANS
from core.publish.numbers import fixed, percent
from core.publish.reading import ORDER, READING
from core.publish.result import STRICT
from core.ranking.average_rank import RULE, TIE_BREAKS
from core.ui.cached import settings, store
from core.ui.frame import page_header
from core.usecases.terms import TERMS

SECTIONS = {
    "benchmark": "The benchmark",
    "tasks": "Tasks",
    "metrics": "Metrics",
    "ranking": "Ranking and ties",
    "statistics": "Intervals and ranks in brackets",
    "order": "What would change this order?",
    "judge": "The caption judge",
    "official": "The two boards",
    "citation": "Citation",
    "licences": "Licences",
    "terms": "Terms of submission",
    "contact": "Contact and problems with an entry",
}


def heading(anchor: str) -> None:
    st.header(SECTIONS[anchor], anchor=anchor)


def show_contents() -> None:
    """Links to all sections, which core/web/assets/site.css keeps in view."""
    metrics = [Way(metric.name, f"./about#{metric.key}") for metric in METRICS]
    sections = [
        (Way(title, f"./about#{key}"), metrics if key == "metrics" else [])
        for key, title in SECTIONS.items()
    ]
    st.html(styles_html() + contents_html(sections))


def show_benchmark() -> None:
    heading("benchmark")
    st.markdown(
        f"{NAME} asks how well a model understands medical video: what happens, when, where, how "
        "well it is done, and what comes next. The questions of the test set are public, the "
        "answers are not: predictions are uploaded, and every uploaded file is scored here by the "
        "same program on the same answers."
    )
    numbers = {
        "Questions": TEST_RECORDS,
        "Source datasets": len(DATASETS),
        "Video frames, about": TEST_FRAMES,
        "Training samples (public)": TRAINING_RECORDS,
    }
    st.html(
        columns_html(
            "The test set in numbers",
            {"Test set": list(numbers), "Number": [f"{number:,}" for number in numbers.values()]},
        )
    )
    st.markdown(f"The sources are {', '.join(DATASETS[:-1])} and {DATASETS[-1]}.")


def show_tasks() -> None:
    heading("tasks")
    columns = {
        "Task": [f"{task.name} ({task.short})" for task in TASKS],
        "What is asked": [task.what for task in TASKS],
        "Questions": [f"{task.records:,}" for task in TASKS],
        "Metrics": [
            ", ".join(metric.name for metric in METRICS if metric.task == task.key)
            for task in TASKS
        ],
    }
    st.html(columns_html("Tasks", columns, texts=("Metrics",), notes=("What is asked",)))


def show_metric(metric: Metric) -> None:
    st.subheader(metric.name, anchor=metric.key)
    unit = "grade" if metric.needs_judge else "share, without a unit"
    with st.container(key=f"beside_{metric.key}"):  # side by side on a wide screen (site.css)
        with st.container():
            st.markdown(
                f"**{metric.full_name}** ({TASK_BY_KEY[metric.task].name}). {metric.definition}"
            )
        with st.container():
            st.latex(metric.formula, width="content")
            st.markdown(
                f"- Range: {metric.range_text} ({unit}); higher is better\n"
                f"- Unscored: {metric.unscored}"
            )
    if metric.key in exact_definitions():
        with st.expander(f"Exact definition of {metric.name}"):
            st.markdown(exact_definitions()[metric.key])


def show_symbols() -> None:
    st.markdown(
        "In the formulas: $D$ source datasets $d$ that have a score; $c$ component; $A_d$ aspects "
        "$a$ of dataset $d$; *both*: records where answer and reference name it, *correct*: those "
        "of them with the same score; $N$ scored records $i$; $T_i$ times $t$ of its reference; "
        "$b$, $\\hat b$ box of reference and answer; tIoU of the matches of record $i$; "
        "$\\theta$ IoU threshold, one of 0.3, 0.5, 0.7; $P_\\theta$, $R_\\theta$ precision and "
        "recall of one record; $s$ grade, 1 to 5; a bar is a mean; $w_d$ share of dataset $d$ in "
        "the records."
    )
    if SOURCE.exists():
        st.download_button(
            "docs/evaluation.md: every rule in full",
            SOURCE.read_bytes(),
            SOURCE.name,
            "text/markdown",
            icon=":material/download:",
            on_click="ignore",
        )


def show_metrics() -> None:
    heading("metrics")
    st.markdown(
        f"In the order of the table: {', '.join(FAMILIES[:-1])}, {FAMILIES[-1]}. A metric is a "
        "mean over scored questions unless its definition says otherwise. Unscored "
        "questions do not lower a score. Next to each score, *coverage* is the share of questions "
        "that was scored (for SA_acc and CVS_acc, of the aspects and components), and *strict* "
        f"is the same metric {STRICT}. "
        "Scores are published with three decimals. A metric that was not computed is shown as "
        "“—”, never as 0."
    )
    show_symbols()
    for metric in METRICS:
        show_metric(metric)


def minimum_coverage() -> str:
    """The rule on coverage, if the maintainers enforce it; "" also while it cannot be read."""
    try:
        policy = store().read().policy
    except StoreError:
        return ""
    if not policy.enforce_min_coverage:
        return ""
    return (
        f" A value from less than {percent(policy.min_coverage)} of its metric’s questions (for "
        "SA_acc and CVS_acc, of the aspects or components) is shown, but ranks as missing."
    )


def show_ranking() -> None:
    heading("ranking")
    st.markdown(
        f"{RULE}{minimum_coverage()}\n\nTies in the average rank are broken, in this order, by\n"
        + ",\n".join(f"{number}. {words}" for number, words in enumerate(TIE_BREAKS, start=1))
        + "."
    )


def show_statistics() -> None:
    heading("statistics")
    for term in READING:
        st.markdown(f"**{term.title}.** {term.text}")


def show_order() -> None:
    heading("order")
    for term in ORDER:
        st.markdown(f"**{term.title}.** {term.text}")


def show_judge() -> None:
    heading("judge")
    st.markdown(
        f"The caption metrics, {', '.join(METRIC_BY_KEY[key].name for key in JUDGE_KEYS)}, are "
        "grades by a language model. It reads the reference caption and the model’s caption and "
        "gives 1 to 5 on each of these aspects:\n"
        + "\n".join(f"- **{key}** {name}" for key, name in JUDGE_ASPECTS.items())
        + "\n\nUntil its captions are graded, an entry says “judge pending”, and its caption "
        "metrics rank as missing. The same applies if some captions look like text for the judge "
        "rather than for a reader: the maintainers review them before the scores count."
    )
    if settings().demo_judge:
        st.info(
            "This demo has no language model as judge: demo-judge replaces it, so that you "
            f"can try everything. {DEMO_MEANS}",
            icon=":material/gavel:",
        )
    report = agreement.read(settings().root)
    if report is not None:
        show_agreement(report)


def show_agreement(report: AgreementReport) -> None:
    """Agreement of two judges, or two runs of one, on the same captions."""
    found = {key: task for key, task in report.tasks.items() if task.n}
    st.markdown(
        f"Agreement of the grades of {report.b.text} with those of {report.a.text} on "
        f"{report.pairs_in_both:,} captions graded by both ({report.date}):"
    )
    st.html(
        columns_html(
            "Agreement of two judges by task",
            {
                "Task": [TASK_BY_KEY[key].short if key in TASK_BY_KEY else "All" for key in found],
                "Grades": [f"{task.n:,}" for task in found.values()],
                "Mean difference": [f"{task.mean_difference:+.2f}" for task in found.values()],
                "Equal": [f"{task.exact:.0%}" for task in found.values()],
                "Within one": [f"{task.within_one:.0%}" for task in found.values()],
                "Weighted kappa": [fixed(task.kappa, 2) for task in found.values()],
                "Spearman": [fixed(task.spearman, 2) for task in found.values()],
            },
        )
    )


def show_boards() -> None:
    heading("official")
    st.markdown(
        "**Community**: scores of predictions that participants uploaded. **Official**: the "
        "maintainers ran the model themselves, or checked the participant’s scores; the mark "
        "“verified” on the entry’s page says which. What participants declare about a model is not "
        "verified on either.\n\n"
        f"The organisers of the benchmark ({ORGANISERS}) have their own models on the board, "
        "marked “organisers”. Every uploaded file, including theirs, is scored by the same "
        "program; scores that the maintainers took from a publication or entered by hand were "
        "not computed here. Models marked "
        "“off-the-shelf” were not trained for this benchmark."
    )
    if settings().demo:
        st.markdown(f"Rows of this demo without the mark “demo” are real results. {source()}")


def show_citation() -> None:
    heading("citation")
    st.markdown("If you use the benchmark or a score from the board, please cite:")
    st.html(copy_html("cited", CITATION, code=True))


def show_licences() -> None:
    heading("licences")
    st.markdown("\n".join(f"- {what}: {licence}" for what, licence in LICENCES.items()))


def show_terms() -> None:
    heading("terms")
    for term in TERMS:
        st.markdown(f"**{term.title}.** {term.text}")


def show_contact() -> None:
    heading("contact")
    st.markdown(
        f"Questions about the benchmark: the [project page]({LINKS['Project page']}). Everything "
        f"else: the [issues of the code repository]({ISSUES_URL}).\n\n"
        "To report a problem with an entry (a score that cannot be right, training on the test "
        "set, a name or link that misleads), open its page and use the form "
        "there. To correct or withdraw your own entry, or to upload a new version of it, open "
        "*My submissions* with your submission key; do not post the key anywhere.\n\n"
        + " · ".join(f"[{name}]({url})" for name, url in LINKS.items())
    )


page_header(f"About {NAME}", "What is measured, how, and under which terms.")
with st.container(key="about"):  # styled in site.css
    contents, text = st.columns([1, 3], gap="large")
with contents:
    show_contents()
with text:
    show_benchmark()
    show_tasks()
    show_metrics()
    show_ranking()
    show_statistics()
    show_order()
    show_judge()
    show_boards()
    show_citation()
    show_licences()
    show_terms()
    show_contact()
