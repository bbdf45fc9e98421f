"""The Chromium that tests and scripts drive."""

import shutil
from typing import Final

# Not chromium-headless-shell: it costs a tenth less processor time, but on a busy machine its
# windows lost the focus.
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


def installed() -> str | None:
    """The path of the first that is installed; None means playwright's own."""
    return next(filter(None, map(shutil.which, NAMES)), None)
