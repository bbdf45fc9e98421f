"""Files that participants download: questions, empty templates, sample uploads."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import PredictionsError
from core.files.scratch import scratch
from core.runs import child
from core.settings import REPOSITORY, Settings

_LIMITS: Final = child.Limits(timeout_s=60.0, memory_bytes=4 << 30)


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample upload of the synthetic benchmark."""

    label: str
    what: str
    path: Path

    def read(self) -> bytes:
        """Its content. Raises OSError if it was removed."""
        return self.path.read_bytes()


def samples(settings: Settings) -> tuple[Sample, ...]:
    """The two sample uploads; empty until the synthetic benchmark exists."""
    found = (
        Sample(
            "Good sample",
            "an average model; a few answers are empty, as the check reports",
            settings.benchmark_dir / "sample_good.json",
        ),
        Sample(
            "Flawed sample",
            "the same with typical mistakes, for the check to find",
            settings.benchmark_dir / "sample_flawed.json",
        ),
    )
    return tuple(sample for sample in found if sample.path.is_file())


def demo_questions(settings: Settings) -> Path | None:
    """The synthetic questions of a demo; real questions are in the public dataset."""
    path = settings.questions_path if settings.demo and settings.questions is None else None
    return path if path is not None and path.is_file() else None


def template(settings: Settings, *, with_questions: bool = False) -> bytes:
    """A predictions file with every id and qa_type in order and every prediction empty.

    `with_questions`: each record has its question too; there must be a question file.

    Made by `python -m evaluation.template` from the public questions or, without them,
    from the truth, of which that command reads only ids and qa_types. Raises
    PredictionsError if neither can be read; the message quotes neither.
    """
    questions = settings.questions_path
    source = ["--questions", str(questions)] if questions else _from_truth(settings)
    if with_questions:
        source.append("--with-questions")
    with scratch("template-") as folder:
        out = folder / "template.json"
        arguments = [sys.executable, "-m", "evaluation.template", *source, str(out)]
        ended = child.run(
            child.Command(arguments, REPOSITORY, child.environment(TMPDIR=str(folder))),
            folder / "output",
            folder / "errors",
            _LIMITS,
        )
        if ended.status != 0 or not out.is_file():
            raise PredictionsError(
                "The template cannot be made: the question file is missing or damaged. "
                "Please tell the maintainers."
            )
        return out.read_bytes()


def _from_truth(settings: Settings) -> list[str]:
    return ["--ground-truth", str(settings.truth_path)]
