"""The store of a data folder, as the settings name it."""

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
    """A new store of these settings; demo boards start from the published results.

    A process opens one and hands it on: a store remembers how far it has read the journal.
    """
    return Store(settings.root, base_of(settings.demo))


def base_of(demo: bool) -> State:
    """What stands on the boards without a change."""
    return published_state() if demo else EMPTY


def leave_earlier_form(settings: Settings) -> None:
    """At the server's start: demo data of an earlier form is moved aside, to be made anew.

    Raises StoreError for a real folder, whose journal an operator converts.
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
    LOG.warning("demo data of an earlier form was moved to %s and is made anew", aside)
