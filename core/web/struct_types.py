"""Describes the record types to msgspec before threads can meet a description in the making.

msgspec 0.22 describes a Struct when something is first converted to it, and stores the description
before it is complete. A second thread that converts to the same type meanwhile reads a null
pointer, which ends the whole server.
"""

import importlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec

# Modules with such types that nothing else imports before the threads start.
_LATER: Final = ("core.access.failed_sign_ins",)


def describe_all() -> None:
    """Describe every Struct that is defined by now. Called before a thread is started."""
    for name in _LATER:
        importlib.import_module(name)
    for kind in defined():
        msgspec.json.Decoder(kind)


def defined(below: type[Any] = msgspec.Struct) -> Iterator[type[msgspec.Struct]]:
    """The Structs of this program that the imported modules define."""
    for kind in below.__subclasses__():
        if kind.__module__.startswith("core."):
            yield kind
        yield from defined(kind)
