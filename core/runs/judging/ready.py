"""Whether a judge run can start: it needs a key, the upload, and the truth of the scores."""

from core.files.hashes import cached_sha256
from core.model.entries import Entry
from core.runs.judging.command import JudgeFiles
from core.settings import Settings


def problem(settings: Settings, files: JudgeFiles, entry: Entry) -> str | None:
    """Why no judge run of the entry can start here, as one sentence; None if it can."""
    if not settings.judge_key:
        return (
            "This server has no key for a judge model. The operator must set OPENAI_API_KEY; then "
            "the run can start."
        )
    if not files.upload.is_file():
        return "The model's predictions are not kept on this server, so nothing can be judged."
    if not settings.truth_path.is_file():
        return "The ground truth is not on this server yet, so nothing can be judged."
    own = entry.ground_truth_sha256
    if own is not None and own != cached_sha256(settings.truth_path):
        return (
            "The model was scored against a different ground truth. The maintainers must "
            "score it again first."
        )
    return None
