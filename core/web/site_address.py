"""The app's own address, for what needs whole addresses: link previews, the sitemap."""

import re
from typing import Final

from core.settings import Settings

_HOST: Final = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def site_address(settings: Settings, scheme: str, host: str, base: str) -> str:
    """As set, else as the request names it, without a slash at its end; "" for no such name.

    `base`: the path that the app is below, as /path.
    """
    if settings.url:
        return settings.url.rstrip("/")
    return f"{scheme}://{host}{base}" if _HOST.fullmatch(host) else ""
