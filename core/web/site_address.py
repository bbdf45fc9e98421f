"""The app's address, for absolute links: link previews, the sitemap."""

import re
from typing import Final

from core.settings import Settings

_HOST: Final = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def site_address(settings: Settings, scheme: str, host: str, base: str) -> str:
    """From the settings, else from the request, without a trailing slash; "" if unknown.

    `base`: the path below which the app is, as /path.
    """
    if settings.url:
        return settings.url.rstrip("/")
    return f"{scheme}://{host}{base}" if _HOST.fullmatch(host) else ""
