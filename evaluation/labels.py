"""The closed label sets of next-action prediction.

Source: evaluation/data/next_action_labels.json, the sets of the public benchmark,
spelling included. EgoSurgery, like any dataset that is not in the file, has no list: its
classes are the answers in the ground truth.
"""

import functools
from collections.abc import Mapping
from pathlib import Path

import msgspec

LABEL_FILE = Path(__file__).parent / "data" / "next_action_labels.json"
_BY_PROCEDURE = "NurViD"

Classes = tuple[str, ...]


class LabelSets(msgspec.Struct, frozen=True):
    """Label lists per dataset, old wordings per dataset, NurViD's actions per procedure."""

    datasets: dict[str, Classes]
    aliases: dict[str, dict[str, str]]
    nurvid_procedures: dict[str, Classes]


@functools.cache
def label_sets() -> LabelSets:
    """The label file, read once."""
    return msgspec.json.decode(LABEL_FILE.read_bytes(), type=LabelSets)


def canonical(dataset: str, text: str) -> str:
    """`text` stripped, an old wording replaced by the new one."""
    text = text.strip()
    return label_sets().aliases.get(dataset, {}).get(text, text)


def classes_of(dataset: str, question: str, seen: Mapping[str, Classes]) -> Classes:
    """The classes of a question; `seen` has those of a dataset without a list.

    NurViD: the actions of the first procedure, in file order, whose name occurs in the
    question (case ignored), else all its actions, sorted.
    """
    if dataset == _BY_PROCEDURE:
        question = question.lower()
        for name, actions in _procedures():
            if name in question:
                return actions
        return _all_actions()
    listed = label_sets().datasets.get(dataset)
    return listed if listed is not None else seen.get(dataset, ())


def all_labels() -> list[str]:
    """Every label of the file once, sorted."""
    sets = label_sets()
    lists = [*sets.datasets.values(), *sets.nurvid_procedures.values()]
    return sorted({label for labels in lists for label in labels})


@functools.cache
def _procedures() -> tuple[tuple[str, Classes], ...]:
    procedures = label_sets().nurvid_procedures
    return tuple((name.lower(), actions) for name, actions in procedures.items())


@functools.cache
def _all_actions() -> Classes:
    return tuple(
        sorted({a for actions in label_sets().nurvid_procedures.values() for a in actions})
    )
