"""The Chromium that tests and scripts drive."""

import shutil
from typing import Final

# The first is the same engine without windows, for a tenth less processor time; playwright uses its
# own build of it by default.
NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def installed() -> str | None:
    """The path of the first that is installed; None means playwright's own."""
    return next(filter(None, map(shutil.which, NAMES)), None)
