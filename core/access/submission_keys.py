"""The submission key: made once, shown once, stored only as a hash.

Whoever has the key owns the submission. It is 192 random bits, not a word that a
person chose: there is nothing to guess, so a plain SHA-256 keeps it as safe as a slow
password hash would, and checking it costs a stranger's request next to nothing.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from core.model.entries import Submission

KEY_FIELD = "key"  # of a refusal's problems: what is shown opens nothing
PREFIX = "mvb-"  # lets a reader, and a secret scanner, see what the text is
_RANDOM_BYTES = 24
_LETTERS = 32
_MADE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{{_LETTERS}}}")
_MAX_TYPED = 200


def make_key() -> str:
    """A new key, 36 URL-safe characters. Never stored, never logged."""
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def key_problem(key: str) -> str | None:
    """Why a key that the sender made cannot be one; None when it can.

    Programs make their key before they send, so that it is not lost with an answer on its way.
    """
    if _MADE.fullmatch(key):
        return None
    return (
        f"A key is {PREFIX} and {_LETTERS} characters of random base64url (24 bytes). Leave the "
        "key out to be given one."
    )


def hash_key(key: str) -> str:
    """What is stored of a key: its SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def key_opens(typed: str | None, key_hash: str) -> bool:
    """True when `typed` is the key of `key_hash`. Blanks around a pasted key do not count.

    The comparison takes the same time wherever two hashes differ.
    """
    if not typed or not key_hash:
        return False
    text = typed.strip()
    if len(text) > _MAX_TYPED:
        return False
    return hmac.compare_digest(hash_key(text), key_hash)


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody shows: submission keys, and the account they are signed in with.

    `account` is as core.access.submitter gives it: the submission holds the same when it was made
    with that account.
    """

    keys: tuple[str, ...] = ()
    account: str | None = None

    def opens(self, submission: Submission) -> bool:
        """Whether this proves that the submission is theirs."""
        if self.account and submission.submitter == self.account and not submission.key_only:
            return True
        return self.key_of(submission) is not None

    def key_of(self, submission: Submission) -> str | None:
        """The one of the keys that is the submission's."""
        return next((key for key in self.keys if key_opens(key, submission.key_hash)), None)


UNPROVED = Proof()
Shown = Proof | str | None  # what somebody shows to open a submission: at its simplest, a key


def proof_of(shown: Shown) -> Proof:
    """What is shown as a proof."""
    if isinstance(shown, Proof):
        return shown
    return Proof((shown,)) if shown else UNPROVED
