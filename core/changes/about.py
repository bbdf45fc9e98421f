"""The subject of a change, for the audit: its id and name. Pure."""

from collections.abc import Sequence

from core.changes.act import Act
from core.changes.effects import Effect, table
from core.model.state import State

_NAMED = ("entries", "submissions")


def about(act: Act, effects: Sequence[Effect], before: State, after: State) -> tuple[str, str]:
    """The first entry or submission that a change touched; else the subject of its act."""
    for effect in effects:
        wanted = effect.key
        if effect.table == "reports":
            known = {**before.reports_by_id.rows, **after.reports_by_id.rows}
            wanted = str(known[effect.key]["entry_id"])
        elif effect.table not in _NAMED:
            continue
        name = _name(before, wanted) or _name(after, wanted)
        if name:
            return wanted, name
    return "", act.about()


def _name(state: State, wanted: str) -> str:
    """The name of the entry or submission of this id; "" when there is none."""
    for kind in _NAMED:
        rows = table(state, kind).rows
        if wanted in rows:
            return str(rows[wanted].get("model_name") or "")
    return ""
