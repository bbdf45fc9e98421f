"""Almost valid inputs, which random bytes would never be, with typical mistakes."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from core.benchmark import METRICS, QA_TYPE_RECORDS

_SAID = (
    *("12.0-18.5, 40.0-52.0", "1 seconds: [10, 20, 80, 120]", "clip cystic duct", "", "3/5", "&&"),
    *("a-b seconds: c", "two structures: 1, cystic plate: 0", "0:01:02 to 0:02:03", "9" * 50),
    *("\ud800", "\0", "\u202e", "[[1, 2, 3, 4]]", "1e999", "[progress] 0.5", "**Start Time:**"),
)
_WORDS = st.sampled_from(_SAID)
_TEXT = _WORDS | st.text(max_size=30) | st.lists(_WORDS, max_size=4).map(" ".join)
_QA = st.sampled_from([*QA_TYPE_RECORDS, "dc", "tai", "video_summary_", ""]) | _TEXT
_NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -0.0, 1e-320])
_ANY = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_METADATA = st.fixed_dictionaries(
    {"video_id": _TEXT},
    optional=dict.fromkeys(("fps", "start_frame", "end_frame", "input_video_end_frame"), _ANY),
)
_RECORD = (
    st.fixed_dictionaries({"id": _TEXT, "qa_type": _QA, "prediction": _TEXT})
    | st.fixed_dictionaries(
        {"metadata": _METADATA, "qa_type": _QA, "answer": _TEXT, "question": _TEXT},
        optional={"struc_info": _ANY, "gnd": _ANY},
    )
    | st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("id", "qa_type", "prediction", "answer", "metadata"), _ANY)
    )
    | _ANY
)
_OUTER = st.lists(_RECORD, max_size=6) | st.dictionaries(_TEXT, _RECORD, max_size=5)
_SCRAPS = [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u0000", b"\0", b"\xff", b"NaN"]
_SCRAPS += [b"\xef\xbb\xbf", b"\xff\xfe", b"1e999", b'"id":', b'"prediction":"a",', b"\xc2\x85"]
_SCRAPS += [b"=" * 80, b"LEADERBOARD METRICS SUMMARY", b"END LEADERBOARD METRICS SUMMARY", b"\n"]


def _written(value: Any) -> bytes:
    return json.dumps(value).encode()


@st.composite
def _damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """The bytes with a few cuts, repeats and insertions; often none."""
    data = draw(whole)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        to = draw(st.integers(at, min(len(data), at + 40)))
        put = draw(st.sampled_from(_SCRAPS) | st.binary(max_size=4) | st.just(data[at:to] * 2))
        data = data[:at] + put + data[to:]
    return data


_LINES = st.lists(_RECORD, min_size=1, max_size=5).map(
    lambda records: b"\n".join(_written(one) for one in records)
)
UPLOADS = _damaged(_OUTER.map(_written) | _LINES)
_PACKED = st.lists(UPLOADS, min_size=1, max_size=3).map(
    lambda members: b"".join(gzip.compress(one, mtime=0) for one in members)
)
_FILE_NAMES = st.sampled_from(["p.json", "p.jsonl", "p.gz", "a.txt", "out/", "__MACOSX/._p.json"])


def _zipped(files: list[tuple[str, bytes]]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(files):
            archive.writestr(f"{number}/{name}", content)
    return data.getvalue()


_ZIPPED = st.lists(st.tuples(_FILE_NAMES, UPLOADS | _PACKED), max_size=3).map(_zipped)
FILES = (
    _ZIPPED
    | _damaged(_ZIPPED)
    | _damaged(_PACKED)
    | _PACKED.map(lambda data: data + bytes(9))
    | UPLOADS
)

_LABELS = [f"  {m.log_label}: " for m in METRICS] + [f"{m.log_section}\n" for m in METRICS]
_LABELS += ["TAL\n", "VS ", "IoU_0.3:\n", "meanIoU: ", "Overall evaluation\n", "Average Score:"]
_PIECES = (
    st.sampled_from([*_LABELS, "=" * 80 + "\n", "LEADERBOARD METRICS SUMMARY\n", "nan", "inf"])
    | st.sampled_from(["END LEADERBOARD METRICS SUMMARY\n", "\r", "\u2028", "1e999", "-0.5\n", ":"])
    | st.floats().map(str)
    | st.text(max_size=10)
)
LOGS = _damaged(
    st.lists(_PIECES, max_size=25).map(lambda all_: "".join(all_).encode("utf-8", "replace"))
)

_VALUES = st.floats(0, 5) | _ANY
_FLAT = st.dictionaries(st.sampled_from([m.key for m in METRICS]) | _TEXT, _VALUES, max_size=10)
_TASKS = ["tal", "STG", "next_action", "dvc", "vs", "rc", "skill_assessment", "CVS_Assessment"]
_NAMES = ["meanIoU@0.3", "mean_iou", "accuracy", "score", "average_score", "temporal_f1", "overall"]
_OLDER = st.dictionaries(
    st.sampled_from(_TASKS) | _TEXT,
    st.fixed_dictionaries({"overall": st.dictionaries(st.sampled_from(_NAMES), _VALUES)}) | _ANY,
    max_size=8,
)
_ROW = _FLAT.map(lambda row: {**row, "model_name": "M", "organization": "O"})
_RESULT_FILES = st.fixed_dictionaries(
    {},
    optional={
        "metrics": _FLAT,
        "aggregated_results": _OLDER,
        "strict": _FLAT,
        "coverage": _ANY,
        "model_name": _TEXT,
    },
).map(lambda file: {**file, "scorer_version": "1", "ground_truth_sha256": "", "x": 1})
RESULTS = _damaged((_ROW | _RESULT_FILES).map(_written))

STRATEGIES: dict[str, Callable[[], st.SearchStrategy[bytes]]] = {
    "decode_upload": lambda: UPLOADS,
    "read_upload": lambda: FILES,
    "read_log": lambda: LOGS,
    "read_results": lambda: RESULTS,
}
