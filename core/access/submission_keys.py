"""The submission key: created once, shown once, stored only as a hash.

Whoever has the key owns the submission. It is 192 random bits, not chosen by a person,
so a plain SHA-256 is as safe as a slow password hash, and checking it in a request from
a stranger costs almost nothing.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from core.model.entries import Submission

KEY_FIELD = "key"  # field of a refusal: the key or account does not match
PREFIX = "mvb-"  # lets people and secret scanners recognise a key
_RANDOM_BYTES = 24
_LETTERS = 32
_MADE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{{_LETTERS}}}")
_MAX_TYPED = 200


def make_key() -> str:
    """A new key, 36 URL-safe characters. Never stored, never logged."""
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def key_problem(key: str) -> str | None:
    """Why a key created by the client is invalid; None if it is valid.

    Programs create their key before they send, so that it cannot be lost with the reply.
    """
    if _MADE.fullmatch(key):
        return None
    return (
        f"A key is {PREFIX} and {_LETTERS} characters of random base64url (24 bytes). Omit the "
        "key to get one."
    )


def hash_key(key: str) -> str:
    """The stored form of a key: its SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def key_opens(typed: str | None, key_hash: str) -> bool:
    """True when `typed` is the key of `key_hash`, ignoring surrounding whitespace.

    The comparison takes constant time.
    """
    if not typed or not key_hash:
        return False
    text = typed.strip().strip("\ufeff")  # an editor may add it to a key file
    if len(text) > _MAX_TYPED:
        return False
    return hmac.compare_digest(hash_key(text), key_hash)


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody's proof of ownership: submission keys, and the signed-in account.

    `account` is from core.access.submitter, like the one stored in a submission made with that
    account.
    """

    keys: tuple[str, ...] = ()
    account: str | None = None

    def opens(self, submission: Submission) -> bool:
        """Whether this proves ownership of the submission."""
        if self.account and submission.submitter == self.account and not submission.key_only:
            return True
        return self.key_of(submission) is not None

    def key_of(self, submission: Submission) -> str | None:
        """The submission's key among the keys."""
        return next((key for key in self.keys if key_opens(key, submission.key_hash)), None)


UNPROVED = Proof()
Shown = Proof | str | None  # what somebody presents for a submission: at its simplest, a key


def proof_of(shown: Shown) -> Proof:
    """What is presented, as a proof."""
    if isinstance(shown, Proof):
        return shown
    return Proof((shown,)) if shown else UNPROVED
