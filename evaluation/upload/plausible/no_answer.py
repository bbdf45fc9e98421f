"""Texts that stand where an answer should be: error messages, placeholders, refusals. Pure."""

import re
from typing import Final

from evaluation.upload.plausible.kind import SOME, Kind

ERRORS = Kind("errors", "are an error message instead of an answer",
              "run these questions again")  # fmt: skip
NOTHING = Kind("placeholder", "are a placeholder (“None”, “nan”) instead of an answer",
               "run these questions again")  # fmt: skip
REFUSAL = Kind("refusals", "refuse to answer", "a refusal is scored as a wrong answer", SOME)

# Parts of error messages, in lower case. Plain texts where possible: patterns without a fixed first
# letter take far longer, and each answer of a file is searched.
_PLAIN: Final = (
    "cuda error", "out of memory", "outofmemory", "traceback (most recent call", "error code",
    "status code", "rate limit", "rate_limit", "too many requests", "internal server error",
    "connection error", "connection refused", "connection reset", "connection aborted",
    "request timed out", "generation timed out", "inference timed out", "request failed",
    "generation failed", "inference failed", "context length", "no such file or directory",
    "failed to load", "failed to decode", "failed to open", "failed to read", "failed to generate",
    "could not be loaded", "could not be decoded", "could not be opened", "cv2.error", "ffmpeg",
    "moov atom", "core dumped", "max retries exceeded", "bad gateway", "gateway timeout",
    "gateway time-out", "nccl error", "nccl warn", "nccl timeout", "service unavailable",
    "service temporarily unavailable", "content policy", "content_policy", "content filter",
    "content_filter", "content management policy", "quota exceeded", "resource_exhausted",
    "invalid api key", "incorrect api key", "missing api key", "access denied", "finish_reason",
    "max_tokens",
)  # fmt: skip
_QUOTA, _LONG = r" (?:your |the )?(?:\w{1,20} )?quota", r"(?: entity)? (?:is )?too (?:large|long)"
_LOW: Final = (
    ("quota", re.compile(f"exceeded{_QUOTA}|insufficient{_QUOTA}")),
    ("too l", re.compile(f"request{_LONG}|prompt{_LONG}|input{_LONG}")),
    ("http", re.compile(r"http(?:/1\.1)?[ :]{1,3}[45]\d\d\b")),
    ("could not be read", re.compile(r"could not be read\b")),
)
# Only in capitals: "room" is a word of surgery.
_CAPITALS: Final = re.compile(
    r"\bOOM\b|\b[A-Z][A-Za-z]{2,30}(?:Error|Exception|Timeout|Interrupt)\b"
)


def message(text: str, low: str) -> int | None:
    """Where an error message is quoted in a text, `low` in lower case; None if there is none."""
    for part in _PLAIN:
        if part in low:
            return low.index(part)
    for part, pattern in _LOW:
        found = pattern.search(low) if part in low else None
        if found:
            return found.start()
    found = _CAPITALS.search(text)
    return found.start() if found else None


MESSAGE_FIRST: Final = re.compile(
    r"\W{0,3}(?:an )?(?:\w{1,12} )?(?:error|exception)(?:\s{0,3}[:\]]| \d| occurred\b)"
    r"|(?:killed|terminated|aborted|cancell?ed|stopped)\W{0,3}$"
    r"|\W{0,3}[45]\d\d[ :]{1,3}(?:bad|unauthorized|forbidden|not found|client|server|internal"
    r"|service|gateway)\b|unauthorized\W{0,3}$"
    r"|segmentation fault|<!doctype html|<html\b"
    r"|blocked\s{0,3}:\s{0,3}(?:safety|recitation|prohibited|other)",
    re.IGNORECASE,
)
EMPTY: Final = re.compile(
    r"\W{0,3}(?:none(?: of the above)?|null|(?:pd\.)?nan?|n[/.]a\.?|undefined|nil|todo|tb[ad]|error"
    r"|err|empty|blank|pending|skip(?:ped)?|failed|time-?out|timed out|invalid|dummy"
    r"|placeholder|not (?:available|applicable|visible|found)|object Object|string|x{3,9}"
    r"|no (?:answer|output|prediction|response|caption|description|summary|relevant content)"
    r"|(?:(?:your|the|model|insert|write|enter) ){0,3}"
    r"(?:answer|output|response|prediction|caption)(?: here)?)\W{0,3}$|[\W_]+$",
    re.IGNORECASE,
)
_I_AM: Final = r"(?:i|we)(?: (?:am|are|was|were)|(?:'|’)?(?:m|re))(?: \w{2,9})?"
_NOT: Final = r"(?:cannot|can(?:'|’)?t|can not|could not|couldn(?:'|’)?t|do not|don(?:'|’)?t)"
_SEEN: Final = r"(?:videos?|images?|frames?|visuals?)"
_GIVEN: Final = r"(?:provided|attached|given|found|available|uploaded|shared)"
REFUSED: Final = re.compile(
    r"\W{0,5}(?:(?:based on|from|given|without|thank)\b[^,.\n]{0,50}, ?)?(?:but )?"
    r"(?:(?:unfortunately|sorry|apologies)\b|as an? (?:ai|(?:\w{2,12} ){0,3}model)\b"
    r"|(?:i|we) (?:apologi[sz]e|regret|must decline|will not be able|won(?:'|’)?t be able)\b"
    rf"|{_I_AM} (?:sorry|unable|not able|not sure|an ai)\b"
    r"|(?:i|we) (?:do not|don(?:'|’)?t|did not|didn(?:'|’)?t) (?:have|receive)(?: access to)?"
    rf" (?:the |a |any )?{_SEEN}"
    rf"|(?:i |we )?{_NOT} (?:know|see|determine|answer|provide|assist|help|tell|identify|view"
    r"|watch|process|analy[sz]e|say)\b|no idea\b"
    r"|(?:it is |it(?:'|’)?s )?(?:not possible|impossible|unclear|unable|cannot|unknown|not sure"
    r"|(?:difficult|hard) to (?:determine|say|tell|answer))\b"
    rf"|there is (?:no|not enough) (?:{_SEEN}|information)"
    r"|(?:not enough|insufficient|no relevant) (?:information|context|evidence)"
    rf"|no {_SEEN} (?:was|were|is|are|has been) {_GIVEN}|please (?:provide|upload|attach|share)\b"
    rf"|(?:it (?:appears|seems)(?: that)? )?(?:the )?{_SEEN} (?:was|were|is|are) not {_GIVEN}"
    rf"|the (?:provided |given )?(?:clip|{_SEEN}) (?:does|do) not (?:contain|provide|have) "
    r"(?:enough|sufficient|any) information|抱歉|对不起|很遗憾|我?无法|申し訳|죄송|lo siento"
    r"|no puedo|(?:je suis )?désolé|je ne (?:peux|sais) pas|(?:es )?tut mir leid|leider"
    r"|ich kann (?:\w{1,12} )?nicht)",
    re.IGNORECASE,
)
