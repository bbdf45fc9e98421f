"""Texts that stand where an answer should be: error messages, placeholders, refusals. Pure."""

import re
from typing import Final

from evaluation.upload.plausible.kind import SOME, Kind

ERRORS = Kind("errors", "are an error message instead of an answer",
              "run these questions again")  # fmt: skip
NOTHING = Kind("placeholder", "are a placeholder (“None”, “nan”) instead of an answer",
               "run these questions again")  # fmt: skip
REFUSAL = Kind("refusals", "refuse to answer", "a refusal is scored as a wrong answer", SOME)

HINTS: Final = (
    "error", "memory", "traceback", "exception", "http", "status code", "rate limit", "rate_limit",
    "connection", "timed out", "timeout", "failed", "context length", "no such file",
    "max retries", "gateway", "unavailable", "nccl", "content policy", "content filter",
    "content_filter", "content management", "quota", "resource_exhausted", "too many requests",
    "api key", "access denied", "too large", "too long", "finish_reason", "max_tokens", "ffmpeg",
    "moov atom", "core dumped", "interrupt", "could not be ",
)  # fmt: skip
"""One of these is in every text that `MESSAGE` matches, if it is in lower case."""
MESSAGE: Final = re.compile(
    r"CUDA error|out of memory\b|OutOfMemory|Traceback \(most recent call"
    r"|(?-i:\bOOM\b|[A-Z][A-Za-z]{2,30}(?:Error|Exception|Timeout|Interrupt)\b)"
    r"|HTTP(?:/1\.1)?[ :]{1,3}[45]\d\d\b|(?:Error|status) code|rate[ _]limit|Too Many Requests"
    r"|Internal Server Error|connection (?:error|refused|reset|aborted)"
    r"|(?:request|generation|inference) (?:timed out|failed)|context length"
    r"|No such file or directory|failed to (?:load|decode|open|read|generate)"
    r"|could not be (?:loaded|decoded|opened|read)\b|cv2\.error|ffmpeg|moov atom|core dumped"
    r"|Max retries exceeded|Bad Gateway|Gateway Time-?out|NCCL (?:error|WARN|timeout)"
    r"|Service (?:Temporarily )?Unavailable|content[ _](?:management )?(?:policy|filter)"
    r"|(?:exceeded|insufficient) (?:your |the )?(?:\w{1,20} )?quota|quota exceeded"
    r"|resource_exhausted|(?:invalid|incorrect|missing) api key|access denied"
    r"|(?:request|prompt|input)(?: entity)? (?:is )?too (?:large|long)|finish_reason|max_tokens",
    re.IGNORECASE,
)
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
