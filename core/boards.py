"""The use cases of the Submit page: validate a form, submit, cancel, run again.

A submission is either whole (files kept, name reserved, job queued) or not there.
"""

import shutil
from contextlib import ExitStack
from dataclasses import dataclass

from core import atomic, ground_truth, operations
from core.entries import Job, Submission
from core.errors import PredictionsError, RefusedError
from core.forms import FILE_FIELD, Form, check
from core.ids import is_id, new_id
from core.job_files import ResultFiles, result_files
from core.jobs import Jobs
from core.operations import State
from core.settings import Settings
from core.store import Store
from core.submission_keys import hash_key, key_opens, make_key
from core.uploads import keep_upload

PARTICIPANT = "participant"  # the actor of a submission; who it was is in private/ only
KEY_FIELD = "key"
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Services:
    """What the use cases work with; all three of one data folder."""

    settings: Settings
    store: Store
    jobs: Jobs


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """An upload after its check: `ready` when it can be scored, `records` as counted."""

    data: bytes
    ready: bool
    records: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the participant gets. The key is nowhere else: show it once."""

    submission_id: str
    job_id: str
    key: str


def validate_form(
    form: Form, file: CheckedFile | None, state: State, settings: Settings
) -> tuple[Form, dict[str, str]]:
    """The cleaned form and every problem by field name, those of file and board included."""
    clean, problems = check(form)
    # An evaluate-only submission takes no name on the board, so that any will do.
    if "model_name" not in problems and not form.evaluate_only:
        taken = operations.name_problem(state, clean.model_name)
        if taken:
            problems["model_name"] = taken
    wrong = ground_truth.problem(settings) or _file_problem(file, settings)
    if wrong:
        problems[FILE_FIELD] = wrong
    return clean, problems


def _file_problem(file: CheckedFile | None, settings: Settings) -> str | None:
    if file is None:
        return "Choose a predictions file (.json or .json.gz)."
    if not file.ready:
        return "The file cannot be scored. The check says why; correct it and choose it again."
    if file.records < settings.min_records:
        return (
            f"The file holds {file.records} records; a submission needs at least "
            f"{settings.min_records}. Fewer can be scored with the command line."
        )
    return None


def submit(services: Services, form: Form, file: CheckedFile | None) -> Receipt:
    """Keep the upload, reserve the name, queue the evaluation.

    Raises RefusedError with all problems by field; StoreError or JobError when the
    machine failed. Whatever is raised, nothing of the submission is left behind.
    """
    clean, problems = validate_form(form, file, services.store.read(), services.settings)
    if problems or file is None:
        raise RefusedError(problems)
    key = make_key()
    submission_id = new_id()
    files = result_files(services.settings.root, submission_id)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, files.folder, ignore_errors=True)
        digest = _keep(files, file.data, services.settings)
        contact_ref = None
        if clean.contact:
            contact_ref = services.store.add_personal({"contact": clean.contact})
            undo.callback(services.store.erase_personal, contact_ref)
        submission = Submission(
            submission_id=submission_id,
            model_name=clean.model_name,
            organization=clean.organization,
            created=operations.now(),
            key_hash=hash_key(key),
            predictions_sha256=digest,
            records=file.records,
            evaluate_only=clean.evaluate_only,
            contact_ref=contact_ref,
            model_url=clean.model_url or None,
            declared=clean.declared(),
        )
        # Registered first: the journal may take the submission and the boards then fail.
        undo.callback(_release, services.store, submission_id)
        services.store.commit(operations.submit(submission, PARTICIPANT))
        job = services.jobs.enqueue("evaluation", submission_id)
        undo.pop_all()
    return Receipt(submission_id, job.job_id, key)


def _keep(files: ResultFiles, data: bytes, settings: Settings) -> str:
    atomic.make_folder(files.folder)
    try:
        return keep_upload(data, files.upload, settings.max_upload_mb * _MB)
    except PredictionsError as error:
        raise RefusedError({FILE_FIELD: str(error)}) from error
    except OSError as error:
        raise atomic.store_error(
            error, "Cannot keep the upload in", files.folder, "Nothing was submitted."
        ) from error


def _release(store: Store, submission_id: str) -> None:
    if submission_id in store.read().submissions:
        store.commit(operations.release(submission_id, "It could not be queued."))


def owned(services: Services, job_id: str, key: str | None) -> Job:
    """The job, when `key` is its submission's. Raises RefusedError on field `key` otherwise."""
    job = services.jobs.get(job_id) if is_id(job_id) else None
    submission = services.store.read().submissions.get(job.submission_id) if job else None
    if job is None or submission is None or not key_opens(key, submission.key_hash):
        raise RefusedError({KEY_FIELD: "This is not the key of this submission."})
    return job


def cancel(services: Services, job_id: str, key: str | None) -> Job:
    """End a queued or running job for its owner; its name is free again."""
    return services.jobs.cancel(owned(services, job_id, key).job_id)


def run_again(services: Services, job_id: str, key: str | None) -> Job:
    """Queue another attempt of a job that ended without a result, for its owner.

    Raises RefusedError when the name was taken meanwhile, JobError when it may not run.
    """
    return services.jobs.rerun(owned(services, job_id, key).job_id)
