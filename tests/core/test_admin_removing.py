"""Hiding, deleting to the trash, restoring and purging: what disappears and what stays."""

import json

import pytest

from core.benchmark import METRIC_KEYS
from core.changes import forgetting, importing, submitting, taken_names
from core.errors import RefusedError
from core.model.state import made_state
from core.ranking.what_if import run_ranks
from core.runs.records import result_files
from core.store.store import Store
from core.usecases import forget, moderate, undo
from core.usecases.job_view import job_view
from core.usecases.services import Services
from tests.core.admin_world import ADMIN, community, refused, same
from tests.core.store_world import entry, publish, submission


def test_hidden_entries_are_nowhere_and_keep_their_name(services: Services) -> None:
    root = services.settings.root
    change_id = moderate.hide(services, "community", community(services, 2), ADMIN)
    shown = [row["model_name"] for row in json.loads((root / "leaderboard.json").read_bytes())]
    assert shown == ["Model 1", "Model 3"]
    assert [row["rank"] for row in json.loads((root / "leaderboard.json").read_bytes())] == [1, 2]
    assert "Model 2" in (root / "hidden.json").read_text()
    problem = taken_names.name_problem(services.store.read(), "model 2") or ""
    assert "taken by an entry that is not shown" in problem
    assert "Model 2" not in problem  # other visitors do not learn its name
    moderate.unhide(services, "community", community(services, 2), ADMIN)
    assert "Model 2" in (root / "leaderboard.json").read_text()
    assert "already undone" in refused(undo.undo, services, change_id, ADMIN)["undo"]


def test_who_is_hidden_takes_no_place_and_shows_no_result(services: Services) -> None:
    entries = (entry(1, 0.9, hidden=True), entry(2, 0.5))
    state = made_state(community=entries, official=(entry(3, 0.8, hidden=True),))
    found = run_ranks(state, entry(4, 0.7))
    assert (found.on_board.rank, found.on_board.size) == (1, 2)
    assert (found.judge_free.rank, found.judge_free.size) == (1, 2)

    made = submission(9, model_name="Model 9")
    services.store.commit(submitting.submit(made, "participant"))
    row = entry(9, entry_id=made.submission_id)
    services.store.commit(submitting.add(made.submission_id, row))
    job = services.jobs.enqueue("evaluation", made.submission_id)
    stranger = job_view(services, job.job_id, None)
    assert stranger is not None
    assert stranger.model_name == "Model 9"
    moderate.hide(services, "community", services.store.read().community[-1], ADMIN)
    stranger = job_view(services, job.job_id, None)
    assert stranger is not None
    assert (stranger.model_name, stranger.result) == (None, None)


def test_the_trash_keeps_the_name_and_gives_back_the_place(services: Services) -> None:
    before = services.store.read()
    for wrong in ("x" * 5000, "a\x00b"):
        problems = refused(
            moderate.remove, services, "community", community(services, 2), ADMIN, wrong
        )
        assert list(problems) == ["reason"]
    change_id = moderate.remove(
        services, "community", community(services, 2), ADMIN, "  Asked\n for it. "
    )
    state = services.store.read()
    (gone,) = state.trash
    assert (gone.board, gone.actor, gone.reason) == ("community", ADMIN, "Asked for it.")
    assert gone.until > gone.time
    with pytest.raises(RefusedError):
        services.store.commit(submitting.submit(submission("x", model_name="Model 2"), "p"))
    assert "Model 2" in (services.settings.root / "trash.json").read_text()
    moderate.restore(services, "entry-2", ADMIN)
    same(services, before)
    assert "already undone" in refused(undo.undo, services, change_id, ADMIN)["undo"]


def test_the_trash_is_purged_by_itself_after_thirty_days(services: Services) -> None:
    moderate.remove(services, "community", community(services), ADMIN)
    (gone,) = services.store.read().trash
    assert forget.purge_expired(services) == []
    (change_id,) = forget.purge_expired(services, gone.until)
    assert "permanently erased" in refused(undo.undo, services, change_id, ADMIN)["undo"]
    assert services.store.read().trash == ()
    assert all(e.model_name in ("Model 2", "Model 3") for e in services.store.read().community)


def contact_of(services: Services, number: int, contact: str) -> str:
    """Publish a model with a contact and files; returns the reference."""
    ref = services.store.add_personal({"contact": contact})
    made = submission(number, contact_ref=ref, submission_id=f"upload-{number}-xx")
    services.store.commit(submitting.submit(made, "participant"))
    row = entry(number, entry_id=made.submission_id, model_name=made.model_name)
    services.store.commit(submitting.add(made.submission_id, row))
    files = result_files(services.settings.root, made.submission_id)
    files.folder.mkdir(parents=True)
    files.upload.write_bytes(b"upload")
    return ref


def test_purging_erases_all_that_is_private_and_leaves_the_chain_whole(services: Services) -> None:
    root = services.settings.root
    refs = [contact_of(services, 7, "seven@example.org"), contact_of(services, 8, "eight@x.org")]
    found = next(e for e in services.store.read().community if e.model_name == "Model 7")
    moderate.edit(services, "community", found, {"contact": "later@example.org"}, ADMIN)
    found = next(e for e in services.store.read().community if e.model_name == "Model 7")
    assert (
        "in the trash" in refused(forget.purge, services, found.entry_id, "Model 7", ADMIN)["name"]
    )
    deleted = moderate.remove(services, "community", found, ADMIN)
    assert "exactly" in refused(forget.purge, services, found.entry_id, "model 7", ADMIN)["name"]
    assert (root / "private" / f"{refs[0]}.json").exists()

    purged = forget.purge(services, found.entry_id, "Model 7", ADMIN)
    left = "".join(path.read_text() for path in root.rglob("*.json"))
    assert "seven@example.org" not in left
    assert "later@example.org" not in left
    assert "eight@x.org" in left
    assert not result_files(root, found.entry_id).folder.exists()
    assert services.store.read().submissions[found.entry_id].state == "purged"
    assert services.store.read().trash == ()
    assert services.store.verify() == []
    for change_id in (purged, deleted):
        assert refused(undo.undo, services, change_id, ADMIN)["undo"]
    assert "has been erased" in refused(undo.undo, services, deleted, ADMIN)["undo"]
    assert taken_names.name_problem(services.store.read(), "Model 7") is None
    publish(services.store, "again", model_name="Model 7")
    # A copy of the file that returns, for example from a mirror, is deleted at the next start.
    services.store.add_personal({"contact": "seven@example.org"}, refs[0])
    Store(root).recover()
    assert not (root / "private" / f"{refs[0]}.json").exists()


def test_nothing_is_erased_while_its_job_runs(services: Services) -> None:
    contact_of(services, 7, "seven@example.org")
    job = services.jobs.enqueue("evaluation", "upload-7-xx")
    moderate.remove(services, "community", services.store.read().community[-1], ADMIN)
    (gone,) = services.store.read().trash
    told = refused(forget.purge, services, gone.entry.entry_id, "Model 7", ADMIN)["name"]
    assert told == f"Its job {job.job_id} is queued. Cancel it, or wait until it ends."
    assert forget.purge_expired(services, gone.until) == []
    services.jobs.cancel(job.job_id)
    forget.purge(services, gone.entry.entry_id, "Model 7", ADMIN)
    assert services.store.read().trash == ()


@pytest.mark.parametrize("evaluated", [False, True], ids=["given up", "evaluated only"])
def test_a_submission_without_an_entry_is_erased_with_all_that_is_private(
    services: Services, evaluated: bool
) -> None:
    root, store = services.settings.root, services.store
    refs = [store.add_personal({"contact": f"{n}@example.org"}) for n in range(2)]
    made = [
        submission(f"{n}-x", contact_ref=ref, evaluate_only=evaluated, model_name=f"Quiet {n}")
        for n, ref in enumerate(refs)
    ]
    jobs = []
    for one in made:
        store.commit(submitting.submit(one, "participant"))
        files = result_files(root, one.submission_id)
        files.folder.mkdir(parents=True)
        files.upload.write_bytes(b"upload")
        jobs.append(services.jobs.enqueue("evaluation", one.submission_id))
    gone = made[0].submission_id
    told = refused(forget.erase, services, gone, "Quiet 0", ADMIN)["name"]
    assert "Cancel its job first" in told
    assert refused(forget.erase, services, "submission-none", "", ADMIN)["name"] == told
    published = refused(forget.erase, services, "submission-1", "Model 1", ADMIN)["name"]
    assert "purge its entry" in published
    with pytest.raises(RefusedError, match="is open"):
        store.commit(forgetting.erase(gone, [gone], ADMIN))
    for job in jobs:
        services.jobs.cancel(job.job_id)
    if evaluated:
        for one in made:
            store.commit(submitting.reopen(one.submission_id, "participant"))
            store.commit(submitting.evaluated(one.submission_id))
    assert "exactly" in refused(forget.erase, services, gone, "quiet 0", ADMIN)["name"]

    change_id = forget.erase(services, gone, "Quiet 0", ADMIN)
    assert not result_files(root, gone).folder.exists()
    assert result_files(root, made[1].submission_id).upload.exists()
    assert [job.job_id for job in services.jobs.list()] == [jobs[1].job_id]
    assert (store.personal(refs[0]), store.personal(refs[1])) == ({}, {"contact": "1@example.org"})
    left = store.read().submissions[gone]
    assert (left.state, left.model_name, left.key_hash, left.contact_ref) == (
        "purged",
        "",
        "",
        None,
    )
    assert {gone, refs[0], jobs[0].job_id} <= store.read().purged
    assert "Only its owner" in refused(undo.undo, services, change_id, ADMIN)["undo"]
    assert forget.NOT_ERASABLE in refused(forget.erase, services, gone, "", ADMIN)["name"]
    assert store.verify() == []


def test_purging_takes_the_older_application_s_folder_unless_it_is_shared(
    services: Services,
) -> None:
    rows = [{"model_name": name, "cvs_acc": 0.5} for name in ("Gr\u00fcner Falke", "Both Boards")]
    services.store.commit(importing.import_rows(rows, rows[1:], "import-first"))
    results = services.settings.root / "results"
    names = ("Gr\u00fcner_Falke", "Both_Boards")
    for name in names:
        (results / name).mkdir(parents=True)
    for found in services.store.read().community[-2:]:
        moderate.remove(services, "community", found, ADMIN)
        forget.purge(services, found.entry_id, found.model_name, ADMIN)
    assert [(results / name).exists() for name in names] == [False, True]
    assert services.store.verify() == []


def test_purging_an_old_row_erases_its_contact_however_often_it_was_taken_over(
    services: Services,
) -> None:
    root = services.settings.root
    assert not forget.kept_aside(services)
    names = ("Old One", "old one", "Other")  # two rows with one name: the second has a separate id
    for time, digest in (("first", "a"), ("again", "b")):
        rows = [
            {
                "model_name": name,
                "cvs_acc": 0.5,
                "contact_ref": services.store.add_personal({"contact": f"{n}.{time}@example.org"}),
            }
            for n, name in enumerate(names)
        ]
        services.store.commit(importing.import_rows(rows, [], f"import-{digest}"))
    second = services.store.read().community[-2]
    assert services.store.with_contact(second).contact == "1.first@example.org"
    moderate.remove(services, "community", second, ADMIN)
    forget.purge(services, second.entry_id, "old one", ADMIN)
    left = "".join(path.read_text() for path in (root / "private").glob("*.json"))
    there = {
        f"{n}.{time}" for n in range(3) for time in ("first", "again") if f"{n}.{time}@" in left
    }
    assert there == {"0.first", "0.again", "2.first", "2.again"}
    assert services.store.verify() == []


def test_old_rows_that_come_again_bring_nothing_back(services: Services) -> None:
    """The older application may push its file again after entries were moved or deleted."""
    old = [{"model_name": name, **dict.fromkeys(METRIC_KEYS, 0.5)} for name in ("A", "B", "C")]
    services.store.commit(importing.import_rows(old, [], "import-first"))
    one, two, three = services.store.read().community[-3:]
    moderate.promote(services, one, ADMIN)
    moderate.remove(services, "community", two, ADMIN)
    moderate.remove(services, "community", three, ADMIN)
    forget.purge(services, three.entry_id, "C", ADMIN)
    before = services.store.read()
    services.store.commit(importing.import_rows(old, [], "import-again"))
    assert services.store.read() == before
