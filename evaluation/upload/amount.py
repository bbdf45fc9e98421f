"""Limits how much JSON is read, before any object is built."""

from core.benchmark import TEST_RECORDS
from core.errors import PredictionsError
from evaluation.upload.records import shown

MAX_RECORDS = 200_000  # thirty times the test set
# Opening brackets and commas: each means a Python object of up to about 60 bytes.
MAX_VALUES = 20_000_000
# Quotes: two for each key or string; a key of an object costs up to about 250 bytes.
MAX_QUOTES = 4_000_000
# A record of half a million keys takes a second; no file has so many quotes in so few objects.
_FEW_OBJECTS = 1000
_MAX_QUOTES_OF_FEW = 1_000_000
MAX_DIGITS = 40  # of a number


def check_amount(data: bytes, name: str, max_records: int = MAX_RECORDS) -> None:
    """Refuses more than `max_records` records before decoding them."""
    objects = data.count(b"{")
    if objects <= max_records:
        return
    if objects + data.count(b"[") + data.count(b",") > MAX_VALUES:
        raise too_many(name, max_records)
    from evaluation.upload.json_elements import elements  # rare, and takes a while to import

    for index, _ in enumerate(elements(data, shown(name, 60))):
        if index >= max_records:
            raise too_many(name, max_records)


def has_too_many_values(data: bytes) -> bool:
    """Whether building a Python object for each value takes too much time or memory."""
    objects, quotes = data.count(b"{"), data.count(b'"')
    return (
        objects + data.count(b"[") + data.count(b",") > MAX_VALUES
        or quotes > MAX_QUOTES
        or (objects < _FEW_OBJECTS and quotes > _MAX_QUOTES_OF_FEW)
    )


def too_many(name: str, max_records: int) -> PredictionsError:
    """The refusal of too many records or values."""
    return PredictionsError(
        f"{shown(name, 60)} has more than {max_records:,} records or too many JSON "
        f"values. The full test set has {TEST_RECORDS:,} records, each with id, qa_type and "
        "prediction."
    )
