"""The store of the data folder in the settings."""

import logging
from datetime import UTC, datetime

from core.errors import StoreError
from core.files import atomic
from core.model.published import published_state
from core.model.state import EMPTY, State
from core.settings import Settings
from core.store.lines import EARLIER, is_form_1
from core.store.store import Store

LOG = logging.getLogger(__name__)


def open_store(settings: Settings) -> Store:
    """A new store for these settings; demo boards start with the published results.

    Open one per process and pass it on: a store remembers its position in the journal.
    """
    return Store(settings.root, base_of(settings.demo))


def base_of(demo: bool) -> State:
    """The boards before the first change."""
    return published_state() if demo else EMPTY


def leave_earlier_form(settings: Settings) -> None:
    """At startup: moves demo data of an earlier form aside, so that it is created again.

    Raises StoreError for a real folder, whose journal the operator must convert.
    """
    root = settings.root
    if not is_form_1(root / "journal.jsonl"):
        return
    if not settings.demo:
        raise StoreError(f"{root / 'journal.jsonl'}: {EARLIER}")
    aside = root.with_name(f"{root.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    try:
        root.rename(aside)
        atomic.sync_folder(root.parent)
    except OSError as error:
        raise atomic.store_error(error, "Cannot move aside", root, "Move it by hand.") from error
    LOG.warning("demo data of an earlier form was moved to %s and is created again", aside)
