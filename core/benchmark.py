"""MedVidBench itself: tasks, metrics, sources, rubric, links. Defined here only.

Source: the benchmark's paper and public leaderboard. Everything is frozen; importing is cheap.
"""

from dataclasses import dataclass

NAME = "MedVidBench"
# Increased with every change that can change a score; stored with the scores.
SCORER_VERSION = "1.1.0"


@dataclass(frozen=True, slots=True)
class Task:
    """One of the eight tasks. `records` is its share of the full test set."""

    key: str
    name: str
    short: str
    qa_types: tuple[str, ...]
    what: str
    records: int


@dataclass(frozen=True, slots=True)
class Metric:
    """One of the ten metrics. All are higher-is-better.

    `name` is its short name and `full_name` its long one, the only two that people see.
    `key` is for programs; `former_name` is an earlier short name, which links and files may
    still have. `low` and `high` bound the value; `log_section` and `log_label` locate it in
    the evaluator's summary block (core.metric_log). `formula` is LaTeX.
    """

    key: str
    name: str
    full_name: str
    family: str
    task: str
    low: float
    high: float
    needs_judge: bool
    log_section: str
    log_label: str
    definition: str
    formula: str
    unscored: str
    former_name: str = ""

    @property
    def range_text(self) -> str:
        """The range in words: "0 to 1"."""
        return f"{self.low:g} to {self.high:g}"


TASKS = (
    Task("tal", "Temporal Action Localization", "TAL", ("tal",),
         "when surgical actions start and end", 1637),
    Task("stg", "Spatiotemporal Grounding", "STG", ("stg",),
         "where an object is, in space (box) and time", 780),
    Task("next_action", "Next Action Prediction", "NAP", ("next_action",),
         "the step that follows the clip", 670),
    Task("dvc", "Dense Video Captioning", "DVC",
         ("dense_captioning", "dense_captioning_gpt", "dense_captioning_gemini", "dc"),
         "several events, each with its time span and a caption", 1479),
    Task("vs", "Video Summary", "VS",
         ("video_summary", "video_summary_gpt", "video_summary_gemini"),
         "a summary of the procedure", 565),
    Task("rc", "Region Caption", "RC",
         ("region_caption", "region_caption_gpt", "region_caption_gemini"),
         "what happens inside a marked region", 306),
    Task("skill_assessment", "Skill Assessment", "SA", ("skill_assessment",),
         "surgical skill, six aspects scored 1 to 5", 160),
    Task("cvs_assessment", "CVS Assessment", "CVS", ("cvs_assessment",),
         "critical view of safety, three components scored 0 to 2", 648),
)  # fmt: skip

# The full test set, records per qa_type; the sum is TEST_RECORDS.
QA_TYPE_RECORDS = {
    "tal": 1637,
    "stg": 780,
    "dense_captioning_gpt": 751,
    "dense_captioning_gemini": 728,
    "next_action": 670,
    "cvs_assessment": 648,
    "video_summary_gpt": 263,
    "video_summary_gemini": 302,
    "region_caption_gpt": 138,
    "region_caption_gemini": 168,
    "skill_assessment": 160,
}
TEST_RECORDS = 6245
TEST_CLIPS = 3975  # fewer than records: an id identifies a clip, which can have several questions
TEST_FRAMES = 103_742
MIN_RECORDS = 100  # of a submission, unless a server's settings say otherwise
TRAINING_RECORDS = 51_505

DATASETS = (
    "AVOS",
    "CholecT50",
    "CholecTrack20",
    "Cholec80_CVS",
    "CoPESD",
    "EgoSurgery",
    "NurViD",
    "JIGSAWS",
)

METRICS = (
    Metric(
        "cvs_acc", "CVS_acc", "CVS Assessment, accuracy", "assessment", "cvs_assessment",
        0, 1, False, "CVS Assessment - Overall Evaluation", "component_balanced_accuracy",
        "Share of records whose score for a component (two structures, cystic plate, "
        "hepatocystic triangle) equals the reference; averaged over the three components, "
        "then over source datasets.",
        r"\frac{1}{D}\sum_{d}\frac{1}{3}\sum_{c}\frac{\text{correct}_{d,c}}{\text{both}_{d,c}}",
        "A component that the answer or the reference does not name is left out of that "
        "component's count.",
    ),
    Metric(
        "nap_acc", "NAP_acc", "Next Action Prediction, accuracy", "assessment", "next_action",
        0, 1, False, "Next Action - Overall Evaluation", "accuracy",
        "Share of records whose answer names the reference action. An answer that is not one of "
        "the labels of its dataset (in NurViD: of its procedure) counts as the label with the "
        "nearest meaning (cosine of all-MiniLM-L6-v2 sentence embeddings).",
        r"\frac{\text{correct}}{\text{records whose reference is a known label}}",
        "A record whose reference is not in its label set. An empty answer is scored.",
    ),
    Metric(
        "sa_acc", "SA_acc", "Skill Assessment, accuracy", "assessment", "skill_assessment",
        0, 1, False, "Skill Assessment - Overall Evaluation", "aspect_balanced_accuracy",
        "Share of records whose score for an aspect of skill equals the reference exactly; "
        "averaged over aspects, then over source datasets.",
        r"\frac{1}{D}\sum_{d}\frac{1}{A_d}\sum_{a}\frac{\text{correct}_{d,a}}{\text{both}_{d,a}}",
        "A record without any “N/5” in its answer. An aspect that the answer or the reference "
        "does not name is left out of that aspect's count.",
    ),
    Metric(
        "stg_miou", "STG_mIoU", "Spatiotemporal Grounding, mIoU", "grounding", "stg",
        0, 1, False, "STG - Overall Evaluation", "mean_iou",
        "Box IoU averaged over the reference's timestamps, then over records. A timestamp "
        "without a box takes the box used before it, zeros at first.",
        r"\frac{1}{N}\sum_{i}\frac{1}{T_i}\sum_{t}\mathrm{IoU}(b_{i,t},\hat b_{i,t})",
        "A record whose reference has no box of four numbers. An answer without boxes scores 0.",
    ),
    Metric(
        "tag_miou_03", "TAG@0.3", "Temporal Action Grounding, mIoU at IoU ≥ 0.3", "grounding",
        "tal", 0, 1, False, "TAL - Overall Evaluation", "mIoU@0.3",
        "Each reference span takes the unused predicted segment of largest temporal IoU, which is "
        "overlap over hull (latest end minus earliest start); a match needs IoU of at least "
        "0.3. A record scores the mean IoU of its matches, 0 without any; the metric is the mean "
        "over records.",
        r"\frac{1}{N}\sum_{i}\operatorname{mean}\{\mathrm{tIoU}\ge 0.3\}_i",
        "None: every record counts.",
        former_name="TAG_mIoU@0.3",
    ),
    Metric(
        "tag_miou_05", "TAG@0.5", "Temporal Action Grounding, mIoU at IoU ≥ 0.5", "grounding",
        "tal", 0, 1, False, "TAL - Overall Evaluation", "mIoU@0.5",
        "As TAG@0.3, with a match at IoU of at least 0.5.",
        r"\frac{1}{N}\sum_{i}\operatorname{mean}\{\mathrm{tIoU}\ge 0.5\}_i",
        "None: every record counts.",
        former_name="TAG_mIoU@0.5",
    ),
    Metric(
        "dvc_f1", "DVC_F1", "Dense Video Captioning, F1", "captioning", "dvc",
        0, 1, False, "Dense Video Captioning Metrics", "temporal_f1",
        "Temporal localisation of the captioned events: overlapping predicted segments are cut so "
        "that none overlap; precision and recall of segments, in frames, at IoU above 0.3, 0.5 and "
        "0.7, averaged over the three, then F1; averaged per source dataset, then weighted by the "
        "dataset's number of records.",
        r"F_1=\frac{2\bar P\bar R}{\bar P+\bar R},\quad "
        r"\bar P=\tfrac13\sum_{\theta}P_\theta,\ \bar R=\tfrac13\sum_{\theta}R_\theta",
        "A record without segments in the answer or in the reference.",
    ),
    Metric(
        "dvc_llm", "DVC_llm", "Dense Video Captioning, LLM score", "captioning", "dvc",
        1, 5, True, "Dense Video Captioning Metrics", "caption_score",
        "A language model grades each caption against the reference whose segment has the largest "
        "IoU with its own, uncut, on five aspects, 1 to 5; averaged over aspects and over the IoU "
        "thresholds 0.3, 0.5 and 0.7, which that IoU must reach, weighted by the dataset's number "
        "of records.",
        r"\sum_{d} w_d\,\frac13\sum_{\theta}\frac15\sum_{a}\bar s_{d,\theta,a}",
        "A caption whose segment reaches the threshold with no reference segment; a reply that "
        "cannot be read.",
    ),
    Metric(
        "vs_llm", "VS_llm", "Video Summary, LLM score", "captioning", "vs",
        1, 5, True, "VS - Overall Evaluation", "score",
        "A language model grades each summary on five aspects, 1 to 5; mean over records, then "
        "over aspects.",
        r"\frac15\sum_{a}\frac1N\sum_{i}s_{i,a}",
        "An empty answer or reference; a reply that cannot be read.",
    ),
    Metric(
        "rc_llm", "RC_llm", "Region Caption, LLM score", "captioning", "rc",
        1, 5, True, "RC - Overall Evaluation", "score",
        "A language model grades each region caption on five aspects, 1 to 5; mean over records, "
        "then over aspects.",
        r"\frac15\sum_{a}\frac1N\sum_{i}s_{i,a}",
        "An empty answer or reference; a reply that cannot be read.",
    ),
)  # fmt: skip

FAMILIES = ("assessment", "grounding", "captioning")

JUDGE_ASPECTS = {
    "R2": "Relevance & Medical Terminology",
    "R4": "Actionable Surgical Actions",
    "R5": "Comprehensive Detail Level",
    "R7": "Anatomical & Instrument Precision",
    "R8": "Clinical Context & Coherence",
}

JUDGE_GRADES = range(1, 6)  # of each aspect
DEMO_JUDGE = "demo-judge"  # name of the demo's judge; it is not a language model

LINKS = {
    "Paper": "https://arxiv.org/abs/2512.06581",
    "Project page": "https://uii-ai.github.io/MedGRPO/",
    "Dataset": "https://huggingface.co/datasets/UII-AI/MedVidBench",
    "Model": "https://huggingface.co/UII-AI/uAI-NEXUS-MedVLM-1.0a-7B-RL",
    "Code": "https://github.com/UII-AI/MedGRPO-Code",
    "Demo": "https://huggingface.co/spaces/UII-AI/MedGRPO-Demo",
}
ISSUES_URL = LINKS["Code"] + "/issues"

LICENCES = {
    "Dataset": "CC BY-NC-SA 4.0",
    "Leaderboard code": "Apache-2.0",
    "Evaluation": "MIT",
}

CITATION = """\
@inproceedings{su2026medgrpo,
  title     = {{MedGRPO}: Multi-Task Reinforcement Learning for Heterogeneous Medical Video Understanding},
  author    = {Su, Yuhao and Choudhuri, Anwesa and Gao, Zhongpai and Planche, Benjamin and Nguyen, Van Nguyen and Zheng, Meng and Shen, Yuhan and Innanje, Arun and Chen, Terrence and Elhamifar, Ehsan and Wu, Ziyan},
  booktitle = {Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)},
  year      = {2026}
}"""  # noqa: E501

METRIC_KEYS = tuple(metric.key for metric in METRICS)
METRIC_BY_KEY = {metric.key: metric for metric in METRICS}
JUDGE_KEYS = tuple(metric.key for metric in METRICS if metric.needs_judge)
SCORED_KEYS = tuple(metric.key for metric in METRICS if not metric.needs_judge)
# Parts of an answer for a balanced metric. A part that the answer does not name is left out of its
# count, so coverage has to count parts too.
PARTS = {"cvs_acc": "components", "sa_acc": "aspects"}
TASK_BY_KEY = {task.key: task for task in TASKS}

_TASK_BY_QA_TYPE = {qa_type: task.key for task in TASKS for qa_type in task.qa_types}
_TASK_BY_PREFIX = (
    ("dense_captioning", "dvc"),
    ("video_summary", "vs"),
    ("region_caption", "rc"),
)


def task_of(qa_type: str) -> str | None:
    """Task key of a record's qa_type; None when it belongs to no task.

    Variants of the caption tasks are recognised by prefix (`video_summary_gpt`).
    """
    known = _TASK_BY_QA_TYPE.get(qa_type)
    if known is not None:
        return known
    for prefix, task in _TASK_BY_PREFIX:
        if qa_type.startswith(prefix):
            return task
    return None
