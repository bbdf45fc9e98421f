"""Readers' reports of problems with an entry: what is kept, how many, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.changes.act import change
from core.changes.reporting import FileReport
from core.errors import RefusedError
from core.model.reports import Report
from core.usecases import report_problem
from core.usecases.report_problem import PER_READER, READER, REASONS, Complaint, send
from core.usecases.services import Services

TOLD = Complaint("entry-1", REASONS[0], "Its CVS score\nis too high.", "r@x.example")


def test_a_report_reaches_the_admin_and_floods_do_not(services: Services) -> None:
    for _ in range(PER_READER):
        send(services, TOLD, "address-1")
    with pytest.raises(RefusedError, match="At most 5 reports"):
        send(services, TOLD, "address-1")
    send(services, TOLD, "address-2")
    reports = services.store.read().reports
    assert len(reports) == PER_READER + 1
    said = services.store.personal(reports[0].contact_ref)
    assert said["text"] == "Its CVS score\nis too high."
    root = services.settings.root
    journal = (root / "journal.jsonl").read_text()
    assert "r@x.example" not in journal and "too high" not in journal
    assert len(list((root / "private").glob("*.json"))) == len(reports)


def test_reports_of_many_readers_are_limited_too(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_problem, "IN_ALL", 1)
    send(services, TOLD, "address-1")
    with pytest.raises(RefusedError, match="Too many reports came in today"):
        send(services, TOLD, "address-2")
    assert len(services.store.read().reports) == 1


def test_reports_of_a_clock_that_was_ahead_and_old_ones_do_not_count(services: Services) -> None:
    now = datetime.now(UTC)
    ref = services.store.add_personal({"reporter": "address-1"})
    for number in range(2 * PER_READER):
        created = now + timedelta(days=365 if number % 2 else -2)
        report = Report(
            report_id=f"report-{number}",
            entry_id="entry-1",
            created=created.isoformat(),
            reason=REASONS[0],
            contact_ref=ref,
        )
        services.store.commit(change(FileReport(report=report), READER))
    send(services, TOLD, "address-1")
    assert len(services.store.read().reports) == 2 * PER_READER + 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "Nonsense"}, "reason"),
        ({"text": "short"}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": "turned \u202e round, and long enough"}, "text"),
        ({"contact": "c" * 201}, "contact"),
        ({"contact": "a\x00b"}, "contact"),
        ({"entry_id": "../../etc/passwd"}, "entry_id"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    services: Services, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        send(services, replace(TOLD, **changes), "address-1")
    assert field in refusal.value.problems
    assert services.store.read().reports == ()
    assert list((services.settings.root / "private").glob("*.json")) == []
