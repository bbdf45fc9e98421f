"""Streamlit's own options from the environment: they work, or are refused with a sentence.

`App.run` reads STREAMLIT_… variables for secrets only; Streamlit's command line, which reads
the others, is not used here. Pure: the options are passed in.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from core.errors import SettingsError

BASE_PATH: Final = "server.baseUrlPath"
_PREFIX: Final = "STREAMLIT_"
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
# Options replaced by a setting of this program.
_INSTEAD: Final = {
    "server.port": "PORT",
    "server.maxUploadSize": "MEDVIDBENCH_MAX_UPLOAD_MB",
    "secrets.files": "the file .streamlit/secrets.toml",
}
# Off regardless of the environment, and not worth refusing to start.
_OVERRULED: Final = ("server.enableAgentApi",)


class Option(Protocol):
    """Streamlit's description of an option."""

    key: str
    type: Any
    sensitive: bool
    multiple: bool

    @property
    def env_var(self) -> str:
        """The variable that sets it."""


def from_environment(
    environ: Mapping[str, str],
    options: Iterable[Option],
    decided: Mapping[str, Any],
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Values by option for `App.run`, from the variables that are set and not empty.

    `decided`: values that this program requires, by option; others are refused. `tell`
    gets a sentence for each variable without effect. Raises SettingsError.
    """
    known = {option.env_var: option for option in options}
    found: dict[str, Any] = {}
    for name, text in sorted(environ.items()):
        if not name.startswith(_PREFIX) or not text.strip():
            continue
        option = known.get(name)
        if option is None:
            tell(f"{name}: Streamlit has no such option, so it has no effect.")
        elif option.key in _OVERRULED:
            tell(f"{name}: this program sets this option, so it has no effect.")
        elif not option.sensitive:  # Streamlit reads sensitive ones itself
            value = _read(option, name, text.strip())
            _refuse(option.key, name, value, decided)
            found[option.key] = value
    if BASE_PATH in found:
        found[BASE_PATH] = _base_path(found[BASE_PATH])
    return found


def _read(option: Option, name: str, text: str) -> Any:
    try:
        if option.multiple:
            return _list(text)
        if option.type is bool:
            if text.lower() not in (*_TRUE, *_FALSE):
                raise ValueError
            return text.lower() in _TRUE
        return option.type(text) if option.type in (int, float) else text
    except ValueError:
        wanted = (
            "a list" if option.multiple else "true or false" if option.type is bool else "a number"
        )
        raise SettingsError(f"{name}: expected {wanted}, got {text!r:.80}. Correct it.") from None


def _list(text: str) -> list[str]:
    if not text.startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    found = json.loads(text)
    return [str(one) for one in found]


def _refuse(key: str, name: str, value: Any, decided: Mapping[str, Any]) -> None:
    if key in decided and value == decided[key]:
        return
    instead = _INSTEAD.get(key)
    if instead:
        raise SettingsError(f"{name}: this program does not read it. Unset it and use {instead}.")
    if key in decided:
        raise SettingsError(
            f"{name}: this program needs {key} to be {decided[key]!r}, got {value!r:.80}. Unset it."
        )


def _base_path(value: str) -> str:
    """The path without surrounding slashes, as Streamlit expects it."""
    path = value.strip("/")
    parts = path.split("/")
    if not all(part and part.replace("-", "").replace("_", "").isalnum() for part in parts):
        raise SettingsError(
            f"STREAMLIT_SERVER_BASE_URL_PATH: expected a path of letters, digits, - and _, such as "
            f"/leaderboard, got {value!r:.80}. Correct it."
        )
    return path
