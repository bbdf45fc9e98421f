"""Changing the admin's settings (core.model.policy)."""

from dataclasses import replace

from core.changes.act import Act, At, Change, change
from core.errors import ChangedError, RefusedError
from core.model.policy import Policy, problems
from core.model.rows import POLICY_ID
from core.model.state import State


class SetPolicy(Act, frozen=True, kw_only=True, tag="set_policy"):
    """Replaces the settings; `old` are those that the page showed.

    Before the first such change the defaults apply; the change stores all of them.
    """

    old: Policy
    policy: Policy

    undoable = True

    def apply(self, state: State, at: At) -> State:
        if self.policy == state.policy:
            return state
        if self.old != state.policy:
            raise ChangedError(
                {"policy": "The settings have been changed. Reload the page and check them first."}
            )
        wrong = problems(self.policy)
        if wrong:
            raise RefusedError(wrong)
        settings = state.settings.with_record(POLICY_ID, self.policy)
        return replace(state, settings=settings)

    def about(self) -> str:
        return "settings"


ACTS = (SetPolicy,)


def set_policy(old: Policy, policy: Policy, actor: str) -> Change:
    """Replace the board's settings."""
    return change(SetPolicy(old=old, policy=policy), actor)
