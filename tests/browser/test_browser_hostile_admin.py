"""Cross-site scripting in a real browser: payloads typed into every field of the admin page.

The boards have few entries; test_browser_hostile.py covers long hostile lists.
"""

import json
import re
from collections.abc import Iterator
from itertools import cycle

import pytest

from core.benchmark import METRIC_KEYS
from core.changes import reporting, submitting
from core.files.ids import new_id
from core.model.entries import Submission
from core.model.published import published_state
from core.model.state import now
from core.store.store import Store
from tests.browser import hostile_typing as typing
from tests.browser.admin_visit import Admin, state
from tests.browser.browser_site import Site, Visitor, see, serve
from tests.browser.hostile import PAYLOADS, plain, reads, unharmed

pytestmark = pytest.mark.browser

NAME = f"N1 {PAYLOADS[1]}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Each board has one entry with the same hostile name; a submission was given up."""
    folder = tmp_path_factory.mktemp("hostile")
    root = folder / "data" / "demo"
    root.mkdir(parents=True)
    row = {"model_name": NAME, "organization": PAYLOADS[2], **dict.fromkeys(METRIC_KEYS, 1.0)}
    for name in ("leaderboard.json", "official_leaderboard.json"):
        (root / name).write_text(json.dumps([row]), encoding="utf-8")
    submission = Submission(
        submission_id=new_id(),
        model_name=PAYLOADS[3],
        organization=PAYLOADS[4],
        created=now(),
        key_hash="0" * 64,
        predictions_sha256="0" * 64,
        records=6245,
    )
    store = Store(root, published_state())
    store.commit(submitting.submit(submission, "test"))
    store.commit(submitting.release(submission.submission_id, PAYLOADS[5]))
    with serve(folder) as found:
        yield found


def test_payloads_typed_into_every_field_of_the_admin_are_kept_as_text(
    site: Site, visit: Visitor
) -> None:
    """Each field gets one payload of each kind, and as many more as fit."""
    payloads, store = cycle(PAYLOADS), Store(site.root, published_state())
    (about,) = (e.entry_id for e in state(site).community if e.model_name == NAME)
    ref = store.add_personal({"text": " ".join(PAYLOADS), "contact": PAYLOADS[0]})
    store.commit(reporting.report(about, PAYLOADS[1], "reader", ref))
    me = Admin(visit("/admin?part=Official board"))
    first = typing.add(me, site, payloads)
    entry = typing.edit(me, site, payloads, first)
    typing.verify(me, site, payloads, entry)
    typing.remove_and_restore(me, payloads, entry)
    typing.promote_and_close_a_report(me, site, payloads)
    me.part("Submissions")
    me.search(f"nobody {PAYLOADS[0]}", "Search by name or id")
    see(me.page, "No submission matches.")
    track = typing.set_a_track(me, payloads)
    message, line = typing.close_and_announce(me, payloads)

    reader = visit(f"/?board=Official&entry={entry.entry_id}")
    see(reader, "As declared by the submitters.")
    note = next(e for e in state(site).official if e.entry_id == entry.entry_id).verified_note
    reads(reader, *map(str, (entry.model_name, entry.organization, entry.declared.authors, note)))
    unharmed(reader)
    reader = visit("/?board=Official")
    see(reader, plain(line))
    unharmed(reader)
    reader = visit("/submit")
    see(reader, "Submissions are closed.")
    reads(reader, message)
    unharmed(reader)
    me.undo("Changed the settings.")
    me.undo(f"Saved the track “{track}”.")

    me.part("Audit")
    me.search("M4 <svg onload", "Search")
    me.pick("Kind", "Edited")
    see(me.page, re.compile("^1 of "))
    me.page.get_by_role("button", name="Details").click()
    typing.shown(me, first.model_name, entry.model_name, entry.organization)
