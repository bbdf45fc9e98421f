"""The mirror against an emulated Hub: nothing lost or doubled, and older data never wins."""

import json
import stat
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.changes import submitting
from core.errors import GroundTruthError, StoreError
from core.mirror import ground_truth
from core.mirror.paths import belongs, old_results
from core.model.state import now
from core.runs.records import JobFiles
from core.runs.uploads import retention
from core.usecases import forget, moderate
from core.usecases.services import Services, services_with
from tests.core.store_world import entry, old_rows
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.mirror_world import SHARED, Machine, Make, committed, put, remote

pytestmark = pytest.mark.slow


def test_a_write_is_one_commit_with_everything(make: Make, server: Emulator, repo: Repo) -> None:
    one = make("one")
    one.write("results/submission-1/input.json.gz", b"upload")
    one.write("results/submission-1/eval_output.txt", b"log")
    one.write("results/submission-1/eval_errors.txt", b"may quote truth")
    one.publish(1)
    assert one.mirror.sync()
    assert committed(server) == 1
    assert remote(repo) == one.shared()
    assert repo.head.files["results/submission-1/input.json.gz"].data == b"upload"
    assert repo.head.files["results/submission-1/eval_output.txt"].data == b"log"
    assert not [path for path in repo.head.files if "eval_errors" in path or "writer" in path]
    assert one.mirror.sync(force=True)
    assert committed(server) == 1


def test_a_new_machine_comes_up_with_everything(make: Make, repo: Repo) -> None:
    one = make("one")
    ref = one.store.add_personal({"contact": "who@example.org"})
    one.write("results/submission-1/input.json.gz", b"upload")
    one.publish(1, contact_ref=ref)
    one.mirror.sync()
    two = make("two")
    two.mirror.pull()
    assert two.shared() == one.shared() == remote(repo)
    assert two.store.with_contact(two.store.read().community[0]).contact == "who@example.org"
    assert (two.root / "results/submission-1/input.json.gz").read_bytes() == b"upload"
    assert stat.S_IMODE((two.root / f"private/{ref}.json").stat().st_mode) == 0o600
    assert two.store.verify() == two.mirror.verify() == []


def test_two_replicas_see_each_other_and_agree(make: Make, repo: Repo) -> None:
    one, two = make("one"), make("two")
    for number in range(3):
        one.publish(f"a{number}")
        two.publish(f"b{number}")
        one.mirror.sync(force=True)
        two.mirror.sync(force=True)
    one.mirror.sync(force=True)
    assert one.shared() == two.shared() == remote(repo)
    assert len(one.names()) == 6
    assert one.store.verify() == two.store.verify() == []


def test_a_lost_race_puts_the_others_first_and_tries_again(
    make: Make, server: Emulator, repo: Repo
) -> None:
    one, two = make("one"), make("two")
    for machine in (one, two):
        machine.mirror.sync(force=True)
    one.publish(1)
    two.publish(2)
    one.mirror.sync()
    assert two.mirror.sync()  # its head is old: 412, pull, commit
    assert [r.status for r in server.log if "/commit/" in r.path].count(412) == 1
    one.mirror.sync(force=True)
    assert one.shared() == two.shared() == remote(repo)
    assert one.names() == ["Model 1", "Model 2"]


def test_the_first_owner_of_a_name_keeps_it_and_the_other_reads_why(make: Make, repo: Repo) -> None:
    one, two = make("one"), make("two")
    one.publish(1, name="Falcon")
    two.publish(2, name="falcon")
    two.submit(3, model_name="FALCON 2")
    one.mirror.sync(force=True)
    two.mirror.sync(force=True)
    one.mirror.sync(force=True)
    assert one.names() == two.names() == ["Falcon"]
    lost = one.store.read().submissions["submission-2"]
    assert lost.state == "released"
    assert "Another machine was first" in (lost.reason or "")
    assert two.store.read().submissions["submission-3"].state == "open"
    assert one.shared() == two.shared() == remote(repo)


def test_an_erased_contact_is_erased_everywhere(make: Make, repo: Repo) -> None:
    one, two = make("one"), make("two")
    ref = one.store.add_personal({"contact": "who@example.org"})
    one.publish(1, contact_ref=ref)
    one.mirror.sync()
    two.mirror.sync(force=True)
    assert two.store.with_contact(two.store.read().community[0]).contact == "who@example.org"
    one.store.erase_personal(ref)
    one.mirror.sync(force=True)
    two.mirror.sync(force=True)
    assert f"private/{ref}.json" not in repo.head.files
    assert b"who@example.org" not in b"".join(remote(repo).values())
    for machine in (one, two):
        assert machine.store.with_contact(machine.store.read().community[0]).contact is None
        left = [p for p in machine.root.rglob("*") if p.is_file()]
        assert not [p for p in left if b"who@example.org" in p.read_bytes()]


@pytest.mark.parametrize("kept", [0, 1], ids=["recreated", "set back to an earlier commit"])
def test_a_repo_that_was_created_again_erases_no_contact(make: Make, repo: Repo, kept: int) -> None:
    one, two = make("one"), make("two")
    refs = [one.store.add_personal({"contact": f"{n}@example.org"}) for n in range(2)]
    one.publish(0, contact_ref=refs[0])
    one.write("results/submission-0/input.json.gz", b"upload")
    one.mirror.sync()
    old = repo.head
    one.publish(1, contact_ref=refs[1])
    one.mirror.sync(force=True)
    two.mirror.pull()
    files = dict(old.files) if kept else {}
    repo.commits.append(replace(repo.head, id="f" * 40, files=files))
    for machine in (one, two, one):
        assert machine.mirror.sync(force=True)
    contacts = ["0@example.org", "1@example.org"]
    for machine in (one, two, make("three")):
        machine.mirror.pull()
        assert [
            machine.store.with_contact(entry).contact for entry in machine.store.read().community
        ] == contacts
        assert machine.store.verify() == machine.mirror.verify() == []
    assert {f"private/{ref}.json" for ref in refs} <= set(repo.head.files)
    assert repo.head.files["results/submission-0/input.json.gz"].data == b"upload"


def test_what_was_purged_does_not_come_back_with_an_older_repo(make: Make, repo: Repo) -> None:
    one, two = make("one"), make("two")
    ref = one.store.add_personal({"contact": "who@example.org"})
    one.submit(1, contact_ref=ref)
    one.add(1, entry_id="submission-1")
    one.mirror.sync()
    two.mirror.pull()
    old = repo.head
    services = services_with(one.settings, one.store)
    (entry,) = one.store.read().community
    moderate.remove(services, "community", entry, "admin")
    forget.purge(services, entry.entry_id, entry.model_name, "admin")
    one.mirror.sync(force=True)
    repo.commits.append(replace(repo.head, id="f" * 40, files=dict(old.files)))
    for machine in (one, two):
        assert machine.mirror.sync(force=True)
        assert not list((machine.root / "private").glob("*.json"))
        assert machine.mirror.verify() == []
    assert f"private/{ref}.json" not in repo.head.files


def test_a_purged_entry_is_gone_from_every_machine(make: Make, repo: Repo) -> None:
    def services(machine: Machine) -> Services:
        return services_with(machine.settings, machine.store)

    one, two = make("one"), make("two")
    ref = one.store.add_personal({"contact": "who@example.org"})
    one.submit(1, contact_ref=ref)
    one.add(1, entry_id="submission-1")
    one.publish(2)
    for name in ("submission-1", "submission-2"):
        one.write(f"results/{name}/input.json.gz", b"upload")
    one.mirror.sync()
    two.mirror.sync(force=True)
    assert (two.root / "results/submission-1/input.json.gz").exists()
    entry = next(e for e in two.store.read().community if e.entry_id == "submission-1")
    moderate.remove(services(two), "community", entry, "admin")
    forget.purge(services(two), "submission-1", "Model 1", "admin")
    two.mirror.sync(force=True)
    one.mirror.sync(force=True)
    forget.erase_purged(services(one))
    assert "results/submission-2/input.json.gz" in repo.head.files
    gone = (f"private/{ref}.json", "results/submission-1/input.json.gz")
    for machine in (one, two):
        assert machine.mirror.sync(force=True)
        assert machine.names() == ["Model 2"]
        assert machine.store.verify() == []
        assert not [path for path in gone if (machine.root / path).exists()]
    assert not [path for path in gone if path in repo.head.files]


def test_the_older_application_s_repo_is_read_as_it_is(make: Make, repo: Repo) -> None:
    community, official = old_rows()
    put(
        repo,
        {
            "leaderboard.json": json.dumps(community, indent=2).encode(),
            "official_leaderboard.json": json.dumps(official, indent=2).encode(),
            "results/Grüner_Falke_7B/input.json": b"[]",
            "results/Grüner_Falke_7B/eval_output.txt": b"old log",
        },
    )
    one, two = make("one"), make("two")
    two.publish(5)
    one.mirror.sync()
    two.mirror.sync(force=True)
    one.mirror.pull()
    state = one.store.read()
    assert [found.model_name for found in state.official] == ["Verified"]
    assert one.names() == ["Grüner Falke 7B", "Half", "Model 5"]
    falcon = next(e for e in state.community if e.model_name.startswith("Grüner"))
    assert one.store.with_contact(falcon).contact == "falke@example.org"
    assert falcon.metrics["sa_acc"] is None
    assert falcon.metrics["dvc_llm"] is None
    assert "average" not in remote(repo)["leaderboard.json"].decode()
    folder = old_results(one.root, falcon.entry_id, falcon.model_name)
    assert folder is not None
    assert (folder / "eval_output.txt").read_bytes() == b"old log"
    assert one.shared() == remote(repo)
    two.mirror.sync(force=True)
    assert two.shared() == remote(repo)


def test_old_boards_that_cannot_be_imported_are_unchanged(make: Make, repo: Repo) -> None:
    there = {"leaderboard.json": b'[{"organization": "Nameless"}, "no row"]'}
    put(repo, there)
    one = make("one")
    one.publish(1)
    before = one.shared()
    with pytest.raises(StoreError, match=r"cannot be imported.*no model_name"):
        one.mirror.sync()
    assert one.shared() == before
    assert repo.head.files["leaderboard.json"].data == there["leaderboard.json"]
    put(repo, {"leaderboard.json": b'[{"model_name": "Good"}, {"organization": "Nameless"}]'})
    one.mirror.sync(force=True)
    assert one.names() == ["Good", "Model 1"]


def test_jobs_that_ended_travel_and_live_ones_stay(make: Make, repo: Repo) -> None:

    one = make("one")
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    one.submit(1)
    one.submit(2, created=an_hour_ago)
    jobs = one.jobs()
    first, second = (
        jobs.enqueue("evaluation", "submission-1"),
        jobs.enqueue("evaluation", "submission-2"),
    )
    one.write("results/submission-2/evaluation.json", b"half written")
    one.write("results/submission-2/input.json.gz", b"upload")
    jobs.cancel(first.job_id)
    one.mirror.sync()
    assert f"jobs/{first.job_id}/job.json" in repo.head.files
    assert f"jobs/{second.job_id}/job.json" not in repo.head.files
    assert "results/submission-2/evaluation.json" not in repo.head.files
    assert "results/submission-2/input.json.gz" in repo.head.files
    two = make("two")
    two.mirror.pull()
    found = JobFiles(two.root).read(first.job_id)
    assert found is not None
    assert found.state == "cancelled"
    services_with(
        two.settings, two.store
    ).jobs.recover()  # the other machine's open submission is left alone
    assert two.store.read().submissions["submission-2"].state == "open"


def test_uploads_that_are_not_kept_leave_the_repo_and_come_to_no_machine(
    make: Make, repo: Repo
) -> None:
    one, two, today = make("one"), make("two"), now()
    for number in range(3):
        one.submit(number, created=today, submitter="browser-a")
        one.write(f"results/submission-{number}/input.json.gz", b"upload")
    one.mirror.sync()
    two.mirror.pull()
    one.submit(3, created="2026-01-01T00:00:00.000Z")  # given up before it was sent
    one.write("results/submission-3/input.json.gz", b"upload")
    for number in (0, 3):
        one.store.commit(submitting.release(f"submission-{number}", "Cancelled."))
    one.store.commit(submitting.add("submission-1", entry(1, entry_id="submission-1")))

    def uploads(paths: Iterable[str]) -> list[str]:
        return sorted(path.split("/")[1][-1] for path in paths if path.endswith("input.json.gz"))

    assert one.mirror.sync(force=True)
    assert uploads(repo.head.files) == ["0", "1", "2"]  # the newest of its submitter, a day old
    for number in range(4, 7):  # three more given up push it out
        one.submit(number, created=now(), submitter="browser-a")
        one.store.commit(submitting.release(f"submission-{number}", "Cancelled."))
    for machine in (one, two):
        retention.remove_expired(machine.root, machine.store, JobFiles(machine.root))
        assert machine.mirror.sync(force=True)
        retention.remove_expired(machine.root, machine.store, JobFiles(machine.root))
    three = make("three")
    three.mirror.pull()
    assert uploads(repo.head.files) == ["1", "2"]
    for machine in (one, two, three):
        here = (path.as_posix() for path in (machine.root / "results").glob("*/*"))
        assert uploads(path[path.index("results/") :] for path in here) == ["1", "2"]
        assert machine.mirror.verify() == []


def test_the_truth_is_pinned_private_and_never_sent_back(make: Make, repo: Repo) -> None:
    put(repo, {"ground_truth.json": b"[1]"})
    pinned = repo.head.id
    one = make("one")
    assert not one.settings.demo
    assert "closed" in (ground_truth.problem(one.settings) or "")
    one.mirror.fetch_truth()
    assert ground_truth.problem(one.settings) is None
    assert one.settings.truth_path.read_bytes() == b"[1]"
    assert stat.S_IMODE(one.settings.truth_path.stat().st_mode) == 0o600
    put(repo, {"ground_truth.json": b"[2]"})
    one.restart()
    one.mirror.fetch_truth()
    known = ground_truth.source(one.settings.truth_path)
    assert known is not None
    assert known.revision == pinned
    assert one.settings.truth_path.read_bytes() == b"[1]"
    one.settings.truth_path.write_bytes(b"broken")
    one.mirror.fetch_truth()  # from the pinned commit
    assert one.settings.truth_path.read_bytes() == b"[1]"
    one.publish(1)
    one.mirror.sync(force=True)
    assert repo.head.files["ground_truth.json"].data == b"[2]"
    assert not [path for path in repo.head.files if "truth/" in path]
    assert any("differs from the one used for scoring" in line for line in one.mirror.verify())


def test_a_repo_without_truth_is_reported(make: Make) -> None:
    one = make("one")
    with pytest.raises(GroundTruthError, match=r"has no ground_truth\.json"):
        one.mirror.fetch_truth()
    assert ground_truth.problem(one.settings) is not None


@pytest.mark.parametrize(
    "path",
    [
        "results/../../x/input.json",
        "private/../writer.id",
        "results/a/b/input.json",
        "jobs/short/job.json",
        "results/.hidden/input.json",
        "ground_truth.json",
        "private/truth/ground_truth.json",
        "results/x/eval_errors.txt",
    ],
)
def test_no_other_path_is_taken_from_the_repo(path: str) -> None:
    assert not belongs(path)


def test_changes_of_another_repo_start_again(make: Make, server: Emulator, repo: Repo) -> None:
    one = make("one")
    one.publish(1)
    one.mirror.sync()
    other = server.add_repo("alice/other")
    moved = Machine(one.root, server.url, hub_repo="alice/other")
    assert moved.mirror.sync()
    assert remote(other) == remote(repo)
    assert set(SHARED) <= set(other.head.files)
