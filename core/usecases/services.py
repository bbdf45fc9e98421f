"""The services of the use cases, created once per process and passed on."""

import threading
from dataclasses import dataclass
from pathlib import Path

from core.runs.launcher import Launcher, LocalLauncher
from core.runs.queue import Jobs
from core.settings import Settings
from core.store.opened import open_store
from core.store.store import Store

_KEPT = 4  # data folders of one process: more than one only if its settings change


@dataclass(frozen=True, slots=True)
class Services:
    """The services of the use cases; all three belong to one data folder."""

    settings: Settings
    store: Store
    jobs: Jobs


def services_with(settings: Settings, store: Store) -> Services:
    """The services on an open store. Raises SettingsError as `launcher_for`."""
    return Services(settings, store, Jobs(settings, store, launcher_for(settings)))


def launcher_for(settings: Settings) -> Launcher:
    """Local processes, or the cluster in the settings.

    Raises SettingsError if the cluster's library is not installed.
    """
    local = LocalLauncher(settings)
    if not settings.scheduler:
        return local
    from core.cluster.launcher import DaskLauncher

    return DaskLauncher(settings, local)


_made: dict[tuple[Path, bool], Services] = {}
_making = threading.Lock()


def services_for(settings: Settings) -> Services:
    """This process's services, shared by all callers; changed settings keep the store.

    Raises SettingsError as `launcher_for`.
    """
    folder = (settings.root, settings.demo)
    with _making:
        known = _made.get(folder)
        if known is None or known.settings != settings:
            store = open_store(settings) if known is None else known.store
            known = _made[folder] = services_with(settings, store)
            while len(_made) > _KEPT:
                del _made[next(iter(_made))]
        return known
