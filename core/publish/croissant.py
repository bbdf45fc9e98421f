"""The boards of a day as Croissant metadata (JSON-LD), for tools that find and load data. Pure.

Source: the Croissant format, version 1.0 (docs.mlcommons.org/croissant). Each board is a file of
the read API, listed with its SHA-256; each column is a field with a JSON path.
"""

from collections.abc import Mapping
from typing import Any, Final

from core.benchmark import LICENCES, LINKS, METRICS, NAME
from core.model.entries import BoardName
from core.publish.cite import Cited, bibtex
from core.publish.exports import SYNTHETIC, TITLES
from core.publish.moment import Moment

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.0"
_TEXT, _INTEGER, _FLOAT, _BOOLEAN = "sc:Text", "sc:Integer", "sc:Float", "sc:Boolean"
# Column, JSON path within an entry, type, meaning.
_COLUMNS: Final = (
    ("rank", "rank", _INTEGER, "Rank on the board, by the average of its ranks in all metrics."),
    ("average_rank", "average_rank", _FLOAT, "Average of the ranks in all metrics."),
    ("id", "id", _TEXT, "The entry's permanent id."),
    ("model_name", "model_name", _TEXT, "The model, as its team names it."),
    ("organization", "organization", _TEXT, "The organization behind the model."),
    ("verified", "verified", _BOOLEAN, "Whether the maintainers verified the scores."),
    ("synthetic", "synthetic", _BOOLEAN, "Whether the scores are from synthetic demo data."),
    *(
        (metric.key, f"metrics.{metric.key}.value", _FLOAT, f"{metric.full_name}. Missing: null.")
        for metric in METRICS
    ),
)
_CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(
    files: Mapping[BoardName, tuple[str, str]], cited: Cited, at: Moment
) -> dict[str, Any]:
    """The metadata. `files`: each board's address and the SHA-256 of its content; `cited`: the
    citation of the boards."""
    marked = f" Some entries are {SYNTHETIC}." if at.demo else ""
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": f"{NAME} leaderboard",
        "description": (
            f"Ranks and scores of models on {NAME}, which tests how well models understand medical "
            f"video: the Official and the Community board as of {at.as_of}, revision "
            f"{at.revision}.{marked}"
        ),
        "conformsTo": CONFORMS_TO,
        "license": LICENCES["Dataset"],
        "url": f"{at.url}/",
        "creator": {"@type": "sc:Organization", "name": NAME, "url": LINKS["Project page"]},
        "publisher": {"@type": "sc:Organization", "name": NAME, "url": LINKS["Project page"]},
        "datePublished": at.as_of,
        "version": at.as_of.replace("-0", "-").replace("-", "."),  # as MAJOR.MINOR.PATCH
        "citeAs": bibtex(cited),
        "distribution": [_file(name, *found) for name, found in files.items()],
        "recordSet": [_records(name) for name in files],
    }


def _file(board: BoardName, url: str, sha256: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"{board}.json",
        "name": f"{board}.json",
        "description": f"The {TITLES[board]} board, best first.",
        "contentUrl": url,
        "encodingFormat": "application/json",
        "sha256": sha256,
    }


def _records(board: BoardName) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": board,
        "name": board,
        "description": f"The entries of the {TITLES[board]} board.",
        "key": {"@id": f"{board}/id"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{board}/{name}",
                "name": f"{board}/{name}",
                "description": meaning,
                "dataType": kind,
                "source": {
                    "fileObject": {"@id": f"{board}.json"},
                    "extract": {"jsonPath": f"$.entries[*].{path}"},
                },
            }
            for name, path, kind, meaning in _COLUMNS
        ],
    }
