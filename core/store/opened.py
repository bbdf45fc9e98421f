"""The store of a data folder, as the settings name it."""

from core.model.published import published_state
from core.model.state import EMPTY
from core.settings import Settings
from core.store.store import Store


def open_store(settings: Settings) -> Store:
    """A new store of these settings; demo boards start from the published results.

    A process opens one and hands it on: a store remembers how far it has read the journal.
    """
    return Store(settings.root, published_state() if settings.demo else EMPTY)
