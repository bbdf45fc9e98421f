"""Checks whether the server on this machine is healthy: `python -m core.web.health`.

For container health checks, so that the image needs no curl. Exit status 0: healthy.
"""

import os
import sys
import urllib.error
import urllib.request
from typing import Final

_TIMEOUT_S: Final = 5.0


def main() -> int:
    """Request /_stcore/health on PORT, below STREAMLIT_SERVER_BASE_URL_PATH if set."""
    port = os.environ.get("PORT") or "8501"
    base = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
    url = f"http://127.0.0.1:{port}/{base}{'/' if base else ''}_stcore/health"
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            # Unknown paths answer 200 with the page: only this text comes from the health check.
            healthy = bool(answer.read(16) == b"ok")
    except (OSError, urllib.error.URLError) as error:
        sys.stderr.write(f"{url} does not answer: {error}\n")
        return 1
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main())
