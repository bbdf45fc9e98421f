"""The revision of what boards show."""

import hashlib

from core.files.hashes import cached_sha256
from core.model.entries import BOARD_NAMES
from core.usecases.services import Services
from core.usecases.statistics import file_mark


def revision(services: Services) -> str:
    """Differs after every change of what boards show: entries, figures, the truth's digest.

    Cheap enough to ask often. Raises StoreError if the journal cannot be read.
    """
    root, truth = services.settings.root, services.settings.truth_path
    marks = (file_mark(root, name) for name in BOARD_NAMES)
    found = " ".join([services.store.revision(), *marks, cached_sha256(truth) or ""])
    return hashlib.sha256(found.encode()).hexdigest()[:32]
