"""The terms of submission: what is stored, for how long, who sees it, where it goes.

One text for the Submit and About pages. It promises only what this version does.
"""

from dataclasses import dataclass
from typing import Final

from core.benchmark import ISSUES_URL
from core.runs.uploads.retention import KEPT_DAYS


@dataclass(frozen=True, slots=True)
class Term:
    """One paragraph with its heading; Markdown written here, never a participant's text."""

    title: str
    text: str


TERMS: Final = (
    Term(
        "What is stored",
        "The form as you filled it in, your predictions file, its scores (also per answer) and "
        "the log of the evaluation. The contact is kept in a separate file, not with the "
        "board. Only a hash of the submission key is kept. To count tries, a keyed hash of your "
        "account, your network address or your browser is kept with the submission; the address "
        "cannot be read from it. When an entry is corrected, the old text stays in the records.",
    ),
    Term(
        "Who sees it",
        "Everyone can see the entry on the board: name, organization, links, what you declared "
        "about the model, scores, coverage. Only the maintainers can see the contact, the "
        "file and the scores per answer. The holder of the submission key also sees the log. "
        "With “evaluate only” nothing is published: you see the scores, and so do the "
        "maintainers.",
    ),
    Term(
        "For how long",
        "An entry stays as long as the board does; the file is kept with it, so that the entry "
        "can be scored again when the evaluation changes. The file of a run that ended without a "
        f"result is deleted at most {KEPT_DAYS} days after it was sent or last run again. "
        "You can withdraw an entry on the page “My submissions”; it is then kept for 30 days and "
        "can be restored. Ask in the "
        f"[issues of the code repository]({ISSUES_URL}) to have an entry, a contact or a file "
        "erased.",
    ),
    Term(
        "How often",
        "Evaluations on the hidden set are limited per submitter, “evaluate only” included; the "
        "Submit page says how many are left. The number of a team’s tries is shown with its entry. "
        "Entries may be removed for attempts to circumvent the limit.",
    ),
    Term(
        "Third parties",
        "For the caption metrics, the captions in your file (dense captions, video "
        "summaries, region captions) go to a third-party language model, together with the "
        "reference captions. Do not submit text that must not leave this server.",
    ),
    Term(
        "Your part",
        "The answers come from the model you name, and the test set was not used to train or "
        "choose it. What you declare is shown as unverified. The maintainers ran the model or "
        "checked the scores only of entries marked verified. They may remove entries that break "
        "these terms.",
    ),
)
