"""Changing the admin's settings: quotas, tracks, the announcement, open or closed."""

from itertools import combinations

import msgspec

from core.changes import settings
from core.changes.rules import refuse_changed
from core.errors import RefusedError
from core.model.names import same_name
from core.model.policy import Policy, problems
from core.usecases.services import Services


def set_policy(services: Services, old: Policy, policy: Policy, actor: str) -> str:
    """Change the settings from `old`, as the page showed them, to `policy`.

    Settings that are the same in both keep their current values. "" if nothing differs.
    """
    present = services.store.read().policy
    new = merged(old, policy, present)
    if new == present:
        return ""
    change = settings.set_policy(present, new, actor)
    services.store.commit(change)
    return change.id


def merged(old: Policy, policy: Policy, present: Policy) -> Policy:
    """`present` with the differences between `old` and `policy`.

    Raises ChangedError for a setting that no longer has its value in `old`, RefusedError for an
    invalid one.
    """
    changed = {
        name: value
        for name in Policy.__struct_fields__
        if (value := getattr(policy, name)) != getattr(old, name)
    }
    wrong = problems(policy)
    names = [track.name for track in policy.tracks]
    if "tracks" in changed and any(same_name(*pair) for pair in combinations(names, 2)):
        wrong.setdefault("tracks", "Tracks: two names look the same. Use different names.")
    if wrong:
        raise RefusedError(wrong)
    refuse_changed(
        {name: getattr(old, name) for name in changed},
        {name: getattr(present, name) for name in changed},
        changed,
    )
    return msgspec.structs.replace(present, **changed)
