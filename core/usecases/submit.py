"""Submitting: validate a form, keep the upload, reserve the name, queue the evaluation.

A submission is either complete (files kept, name reserved, job queued) or does not exist.
"""

import logging
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from core.access.submission_keys import (
    KEY_FIELD,
    UNPROVED,
    Proof,
    hash_key,
    key_problem,
    make_key,
)
from core.changes import admission, submitting, taken_names
from core.changes.act import PARTICIPANT
from core.errors import MedVidBenchError, PredictionsError, RefusedError
from core.files import atomic
from core.files.ids import new_id
from core.mirror import ground_truth
from core.model.entries import Entry, Submission
from core.model.fields import FILE_FIELD, TRACK_FIELD, Form, check, check_terms
from core.model.state import State, now
from core.runs.records import JobFiles, ResultFiles, result_files
from core.runs.uploads import free_space, retention
from core.runs.uploads.trimming import Kept, keep_trimmed
from core.runs.uploads.turns import turns
from core.settings import Settings
from core.store.store import Store
from core.usecases import contact_warning
from core.usecases.services import Services

LOG = logging.getLogger(__name__)
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """An upload after its check: `ready` if it can be scored, `records` as counted.

    Not `checked`: the check failed for reasons of the machine.
    """

    data: bytes
    ready: bool
    records: int
    content_sha256: str = ""
    checked: bool = True


@dataclass(frozen=True, slots=True)
class Sender:
    """Who submits: the identity for the quota (core.access.submitter; None: unknown), and for a
    new version the entry that it `replaces`, with the `proof` of ownership.

    `key`: a submission key made by the sender's program; empty to get a new one.
    """

    submitter: str | None = None
    replaces: str = ""
    proof: Proof = UNPROVED
    key: str = ""


NOBODY = Sender()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result for the participant. The key is not stored: show it once.

    A new version has the key of its entry; it is empty if ownership was proved by an account.
    """

    submission_id: str
    job_id: str
    key: str


def validate_form(
    form: Form,
    file: CheckedFile | None,
    state: State,
    settings: Settings,
    sender: Sender = NOBODY,
) -> tuple[Form, dict[str, str]]:
    """The cleaned form and every problem by field name, those of file, board and quota included."""
    if sender.replaces:
        # Fields of the whole form, which is not shown, may still hold what was typed before.
        clean, problems = Form(terms=form.terms), check_terms(form)
        problems |= _version_problems(state, sender.replaces)
    else:
        clean, problems = check(form)
        # An evaluate-only submission takes no name on the board, so any name is allowed.
        if "model_name" not in problems and not form.evaluate_only:
            taken = taken_names.name_problem(state, clean.model_name)
            if taken:
                problems["model_name"] = taken
    problems |= admission.problems(state, clean, sender.submitter)
    if sender.key and (wrong_key := _key_problem(sender.key, state)):
        problems[KEY_FIELD] = wrong_key
    wrong = (
        ground_truth.problem(settings)
        or free_space.problem(settings, now=True)
        or file_problem(file, settings)
    )
    if wrong:
        problems[FILE_FIELD] = wrong
    return clean, problems


def _key_problem(key: str, state: State) -> str | None:
    used = hash_key(key)
    if any(one.key_hash == used for one in state.submissions.values()):
        return "This key belongs to another submission. Make a new one for each."
    return key_problem(key)


def _version_problems(state: State, entry_id: str) -> dict[str, str]:
    """Why the entry's track refuses a new version; that the entry exists is checked elsewhere."""
    found = state.find(entry_id)
    if found is None or found[0] != "community":
        return {}
    told = admission.version_problem(state.policy, found[1], now())
    return {TRACK_FIELD: told} if told else {}


def file_problem(file: CheckedFile | None, settings: Settings) -> str | None:
    """Why the file is not accepted as a submission; None if it is, as far as the check tells."""
    if file is None:
        return "Choose a predictions file (.json or .jsonl, also as .gz or .zip)."
    if not file.ready:
        if not file.checked:
            return "The file was not checked, for a reason unrelated to the file. Choose it again."
        return "The file cannot be scored. The check says why; correct it and choose it again."
    if file.records < settings.min_records:
        return (
            f"The file has {file.records:,} records; a submission needs at least "
            f"{settings.min_records:,}. Fewer can be scored with the command line."
        )
    return None


def submit(
    services: Services, form: Form, file: CheckedFile | None, sender: Sender = NOBODY
) -> Receipt:
    """Keep the upload, reserve the name, queue the evaluation.

    Raises RefusedError with all problems by field; StoreError or JobError if the
    machine failed. In each case, nothing of the submission is left behind.
    """
    store, state = services.store, services.store.read()
    clean, problems = validate_form(form, file, state, services.settings, sender)
    old = replaced_entry(state, sender) if sender.replaces else None
    if problems or file is None:
        raise RefusedError(problems)
    key = (sender.proof.key_of(old[1]) or "") if old else sender.key or make_key()
    submission_id = new_id()
    files = result_files(services.settings.root, submission_id)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, files.folder, ignore_errors=True)
        kept = _keep(files, file.data, services.settings)
        contact_ref = None
        if clean.contact and not old:
            contact_ref = store.add_personal({"contact": clean.contact})
            undo.callback(store.erase_personal, contact_ref)
        submission = Submission(
            submission_id=submission_id,
            model_name=old[0].model_name if old else clean.model_name,
            organization=old[0].organization if old else clean.organization,
            created=now(),
            key_hash=old[1].key_hash if old else hash_key(key),
            submitter=sender.submitter,
            content_sha256=file.content_sha256 or None,
            predictions_sha256=kept.sent,
            kept_sha256=kept.kept,
            records=file.records,
            evaluate_only=clean.evaluate_only and not old,
            contact_ref=contact_ref,
            model_url=None if old else clean.model_url or None,
            declared=old[0].declared if old else clean.declared(),
            replaces=old[0].entry_id if old else None,
            track=clean.track,
        )
        # Registered first: the journal may accept the submission before writing the boards fails.
        undo.callback(_release, store, submission_id)
        store.commit(submitting.submit(submission, PARTICIPANT), partial(_admit, sender))
        job = services.jobs.enqueue("evaluation", submission_id)
        undo.pop_all()
    contact_warning.report_shared(store, submission_id)
    _drop_older(services)
    return Receipt(submission_id, job.job_id, key)


def _admit(sender: Sender, state: State) -> None:
    """Refuse, with the store's lock held, what is no longer allowed."""
    admission.refuse(state, sender.submitter)
    if sender.replaces:  # the entry's key may have been replaced since it was read
        replaced_entry(state, sender)


def replaced_entry(state: State, sender: Sender) -> tuple[Entry, Submission]:
    """The Community entry that a new version is for, and the submission with its key.

    Raises RefusedError if there is none, or if it is not the sender's.
    """
    found = state.find(sender.replaces)
    entry = found[1] if found and found[0] == "community" else None
    made = state.submissions.get(entry.upload_id) if entry else None
    if entry is None or made is None or not sender.proof.opens(made):
        raise RefusedError(
            {
                KEY_FIELD: "You have no entry on the Community board that this could be a new "
                "version of. Open it on the page “My submissions” first; a program sends the "
                "entry's id, as its address has it, and its key."
            }
        )
    if any(
        one.replaces == entry.entry_id and one.state == "open" for one in state.submissions.values()
    ):
        raise RefusedError(
            {KEY_FIELD: "A new version of this entry is being evaluated. Wait until it has ended."}
        )
    return entry, made


def _keep(files: ResultFiles, data: bytes, settings: Settings) -> Kept:
    atomic.make_folder(files.folder)
    try:
        with turns(settings.max_checks).turn():
            return keep_trimmed(data, files.upload, settings.max_upload_mb * _MB)
    except PredictionsError as error:
        raise RefusedError({FILE_FIELD: str(error)}) from error
    except OSError as error:
        raise atomic.store_error(
            error, "Cannot keep the upload in", files.folder, "Nothing was submitted."
        ) from error


def _drop_older(services: Services) -> None:
    """Delete earlier uploads that need not be kept: hourly tidying would be too late for a flood.

    A failure here does not affect the submission, which is complete.
    """
    root = services.settings.root
    try:
        retention.remove_expired(root, services.store, JobFiles(root))
    except (MedVidBenchError, OSError) as error:
        LOG.warning("earlier uploads stay for now: %s", error)


def _release(store: Store, submission_id: str) -> None:
    if submission_id in store.read().submissions:
        store.commit(submitting.release(submission_id, "It could not be queued."))
