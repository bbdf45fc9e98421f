"""Texts that stand where an answer should be: error messages, placeholders, refusals. Pure."""

import re
from typing import Final

from evaluation.upload.plausible.kind import SOME, Kind

ERRORS = Kind("errors", "are an error message instead of an answer",
              "run these questions again")  # fmt: skip
NOTHING = Kind("placeholder", "are a placeholder (“None”, “nan”) instead of an answer",
               "run these questions again")  # fmt: skip
REFUSAL = Kind("refusals", "refuse to answer", "a refusal is not an answer", SOME)

# Parts of error messages, in lower case. Plain texts where possible: patterns without a fixed first
# letter take far longer, and each answer of a file is searched.
_PLAIN: Final = (
    "cuda error", "out of memory", "outofmemory", "traceback (most recent call", "rate_limit",
    "too many requests", "internal server error",
    "connection error", "connection refused", "connection reset", "connection aborted",
    "request timed out", "generation timed out", "inference timed out", "request failed",
    "generation failed", "inference failed", "context length", "no such file or directory",
    "failed to decode", "could not be decoded", "cv2.error", "ffmpeg",
    "moov atom", "core dumped", "max retries exceeded", "bad gateway", "gateway timeout",
    "gateway time-out", "nccl error", "nccl warn", "nccl timeout", "service unavailable",
    "service temporarily unavailable", "content policy", "content_policy", "content filter",
    "content_filter", "content management policy", "quota exceeded", "resource_exhausted",
    "invalid api key", "incorrect api key", "missing api key", "access denied", "finish_reason",
    "max_tokens", "index out of range",
)  # fmt: skip
_QUOTA, _LONG = r" (?:your |the )?(?:\w{1,20} )?quota", r"(?: entity)? (?:is )?too (?:large|long)"
# A surgeon, too, may fail to load a needle, a pump has error codes, and a drip a rate limit.
_FILE: Final = r"(?:videos?|images?|frames?|files?|streams?|models?|weights|checkpoints?|inputs?)"
_TEXT: Final = r"(?:responses?|answers?|outputs?|captions?|content|texts?|predictions?|tokens?)"
_LOW: Final = (
    ("failed to", re.compile(
        rf"failed to (?:load|open|read)(?: (?:the|a|an|any|your|this|input|video|image)){{0,3}}"
        rf" (?:{_FILE}\b|\S{{1,80}}\.(?:mp4|avi|mkv|mov|webm|jpe?g|png|json)\b)"
        r"|failed to (?:load|open|read):? ['\"/]"
        rf"|failed to generate(?: \w{{1,20}}){{0,3}} {_TEXT}\b")),
    ("could not be", re.compile(
        rf"\b{_FILE}(?: file| clip| \S{{1,80}}\.\w{{3,4}}\W?)? could not be"
        r" (?:loaded|opened|read)\b")),
    ("error code", re.compile(
        r"error code\W{0,3}(?:[45]\d\d\b|-\d)|exit\w{0,3} with (?:an )?error code")),
    ("status code", re.compile(r"status code\W{0,4}[1-5]\d\d\b")),
    ("rate limit", re.compile(
        r"(?<!flow )(?<!heart )(?<!drip )(?<!pulse )(?<!infusion )rate limit(?:ed\b"
        r"|s?(?: (?:has|have|was|were|is|are)(?: been)?)? (?:exceeded|reached|hit|error)"
        r"|\W{1,3}(?:for|please|try|retry|429)\b)"
        r"|\b(?:api|token|request|(?:hit|exceeded) the) rate limit")),
    ("quota", re.compile(f"exceeded{_QUOTA}|insufficient{_QUOTA}")),
    ("too l", re.compile(f"request{_LONG}|prompt{_LONG}|input{_LONG}")),
    ("http", re.compile(r"http(?:/1\.1)?[ :]{1,3}[45]\d\d\b")),
)  # fmt: skip
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


# Whose error a program reports; a surgeon's is "technical" or one of the needle.
_PROGRAM: Final = (
    r"(?:unexpected|unknown|unhandled|uncaught|internal|fatal|some|api|https?|server|client|network"
    r"|connection|time-?out|runtime|value|key|type|index|memory|io|os|cuda|gpu|torch|vllm|openai"
    r"|azure|gemini|claude|gpt|google|anthropic|qwen|model|inference|generation|processing|decod\w+"
    r"|pars\w+|json|video|image|frame|file|request|response|validation|authentication|permission"
    r"|system|python|batch|worker)"
)
MESSAGE_FIRST: Final = re.compile(
    rf"\W{{0,3}}(?:an )?(?:{_PROGRAM} )?(?:error|exception)(?:\s{{0,3}}[:\]]| \d{{3}})"
    rf"|\W{{0,3}}(?:an )?{_PROGRAM} (?:error|exception)(?: has)? occurred\b"
    r"|\W{0,3}(?:an )?(?:error|exception)(?: has)? occurred(?:\W{0,3}$|[.:!(]| please"
    rf"| (?:while|during|when|in|on|with)(?: \w{{1,20}}){{0,3}} (?:{_FILE}|{_TEXT}|requests?"
    r"|prompts?|inference|generation|decoding|processing|execution)\b)"
    rf"|\W{{0,3}}(?:{_PROGRAM} ){{1,3}}(?:error|exception)\W{{0,3}}$"
    rf"|\W{{0,3}}error (?:while |when |in )?\w{{1,10}}ing (?:the )?(?:{_FILE}|{_TEXT})\b"
    r"|\W{0,3}error (?:while |when )?(?:generating|processing|decoding|loading)\W{0,3}$"
    rf"|\W{{0,3}}(?:the )?(?:{_FILE} )?(?:failed to|could not be|cannot be|can(?:'|’)?t be)"
    r" (?:generated?|load(?:ed)?|open(?:ed)?|read|decoded?|process(?:ed)?)\W{0,3}$"
    r"|\W{0,3}(?:cannot|can(?:'|’)?t|could not|failed to)"
    r" (?:open|read|load|decode|process|access)"
    rf" (?:(?:the|this) )?(?:\w{{1,12}} )?(?:{_FILE})\b"
    rf"|\W{{0,3}}(?:{_FILE} )?{_FILE} (?:not found|unavailable|missing)\W{{0,3}}$"
    rf"|\W{{0,3}}(?:invalid|corrupt(?:ed)?|unsupported|missing) {_FILE}(?: file)?\W{{0,3}}$"
    r"|\W{0,3}(?:you(?:(?:'|’)ve| have) )?(?:hit|reached|exceeded) (?:your|the)"
    r" (?:\w{1,12} ){0,2}(?:rate|usage|token|request|quota)(?: limit)?s?\b"
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
    r"|placeholder|not (?:available|applicable|visible|found|specified)|object Object|string"
    r"|x{3,9}|nothing|none visible|blocked|safety|recitation"
    r"|no (?:valid )?(?:answer|output|prediction|response|caption|description|summary"
    r"|relevant content)(?: found| given| available)?"
    r"|(?:(?:your|the|model|insert|write|enter) ){0,3}"
    r"(?:answer|output|response|prediction|caption)(?: here)?)\W{0,3}$|[\W_]+$",
    re.IGNORECASE,
)
_I_AM: Final = r"(?:i|we)(?: (?:am|are|was|were)|(?:'|’)?(?:m|re))(?: \w{2,9})?"
_NOT: Final = r"(?:cannot|can(?:'|’)?t|can not|could not|couldn(?:'|’)?t|do not|don(?:'|’)?t)"
_SEEN: Final = r"(?:videos?|images?|frames?|visuals?)"
_GIVEN: Final = r"(?:provided|attached|given|found|available|uploaded|shared)"
# What only a model is unable to do: a surgeon "cannot see the duct" or is "unable to pass" it.
_TELL: Final = (
    r"(?:be )?(?:know|determine|answer|provide|assist|help|tell|identif|view|watch|process"
    r"|analy[sz]|say|describe|assess|judge|infer|predict|comply|summari|specif|conclude"
    r"|see(?=\W{0,3}$|[,.;]| (?:what|anything|enough)\b"
    rf"| (?:(?:the|this|that|your|any) )?(?:\w{{1,12}} )?(?:{_SEEN}|clip|content|footage)\b)"
    rf"|access (?:\w{{1,12}} )?{_SEEN})"
)
_ENDS: Final = r"\W{0,3}$|[,.;:]"
# "Unable to see the tip, the surgeon ..." describes.
_NO_CAPTION: Final = (
    r"(?![^.\n]{0,120}[,;] (?:so |and |but )?(?:the|a) (?:surgeon|assistant|nurse|trainee|operator"
    r"|doctor|student|team|hook|grasper|needle|gallbladder)\b)"
)
_BAD_LUCK: Final = (
    r"(?:unfortunately,? (?:(?:i|we) (?!see\b)|no |not |based on|without"
    r"|(?:it|this|that) (?:is|was) (?:not|im|un|dif)"
    r"|there (?:is|are|was|were) (?:no|not|insufficient)\b"
    rf"|(?:the |this )?(?:provided |given )?(?:clip|{_SEEN}) (?:does|do|did|is|are|was|were|can)"
    r"(?: ?no|n(?:'|’)t| too))"
    r"|leider (?:(?:kann|könn\w{2,3}|konnte|habe|haben|bin|sind) (?:ich|wir)\b"
    r"|(?:ist|war) (?:es|das|kein)|(?:gibt|liegt|liegen|wurden?|enthält|zeigt|fehl)))"
)
REFUSED: Final = re.compile(
    r"\W{0,5}(?:(?:based on|from|given|without|thank)\b[^,.\n]{0,50}, ?)?(?:but )?"
    rf"(?:sorry(?=\W{{0,3}}$|[,.;:!]| (?:but|i|we|for|about|no)\b)|(?:my )?apologies\b|{_BAD_LUCK}"
    r"|as an? (?:ai(?!-)|(?:(?:ai|large|small|text|vision|multi-?modal|language|based)[ -]){1,4}"
    r"(?:model|assistant)|model,? i)\b"
    r"|as an? (?:[a-z-]{2,20} ){0,2}ai,? (?:i|we)\b"
    r"|(?:i|we) (?:apologi[sz]e|regret|must decline|will not be able|won(?:'|’)?t be able|refuse)\b"
    r"|i(?:(?:'|’)d| would) rather not\b|(?:i|we)(?:(?:'|’)d| would)? need (?:more (?:information"
    rf"|context|details?|frames)|to (?:see|watch|view) the {_SEEN}|the {_SEEN})\b"
    r"|(?:could|can|would) you (?:please )?(?:provide|share|upload|attach|clarify|specify)\b"
    rf"|{_I_AM} (?:sorry|unable|not able|not sure|an ai|a (?:large )?language model)\b"
    r"|(?:i|we) (?:do not|don(?:'|’)?t) have (?:enough|sufficient|any) (?:information|context"
    r"|details?)\b"
    r"|the (?:answer|question) (?:(?:cannot|can(?:'|’)?t|can not|could not) be"
    r"|is not (?:provided|given|available|answerable))\b"
    r"|the (?:next |following )?(?:action|step) (?:(?:cannot|can(?:'|’)?t|can not|could not) be"
    r" (?:determin|identif|inferr|predict|answer|known)|is (?:unclear|unknown)\W{0,3}$)"
    r"|(?:i|we) (?:do not|don(?:'|’)?t|did not|didn(?:'|’)?t) (?:have|receive)(?: access to)?"
    rf" (?:the |a |any )?{_SEEN}|i {_NOT} see\b"
    rf"|{_NO_CAPTION}(?:(?:i |we |it )?{_NOT} {_TELL}|(?:unable|not able) to {_TELL}"
    rf"|unable(?={_ENDS})"
    r"|(?:it is |it(?:'|’)?s )?(?:"
    rf"(?:not possible|impossible)(?={_ENDS}| to {_TELL})|unknown(?: \w{{1,20}}){{0,2}}\W{{0,3}}$"
    rf"|unclear(?={_ENDS}| (?:from|what|which|whether|if|based|how|who|why|where|when|due)\b)"
    rf"|not sure(?={_ENDS}| (?:what|which|whether|if|how|about)\b)"
    r"|(?:difficult|hard) to (?:determine|say|tell|answer)\b)"
    rf"|(?:i have )?no idea(?={_ENDS}| (?:what|which|how)\b))"
    rf"|there is (?:no|not enough) (?:{_SEEN}|information|context)(?={_ENDS}| (?:provided|attached"
    r"|given|available|to|about|in|for|from|here|that|which|regarding)\b)"
    rf"|{_NO_CAPTION}(?:not enough|insufficient|no relevant) (?:information|context|evidence)"
    rf"(?={_ENDS}| (?:to|in|from|is|was|available|provided|for|about|given|regarding)\b)"
    rf"|no {_SEEN} (?:(?:was|were|is|are|has been) )?{_GIVEN}"
    r"|please (?:provide|upload|attach|share)\b"
    rf"|(?:it (?:appears|seems)(?: that)? )?(?:the )?{_SEEN} (?:was|were|is|are) not {_GIVEN}"
    rf"|the (?:provided |given )?(?:clip|{_SEEN}) (?:does|do) not (?:contain|provide|have) "
    r"(?:enough|sufficient|any) information(?![^.\n]{0,60}, but)|抱歉|对不起|很遗憾|我们?无法"
    r"|无法(?:确定|判断|识别|回答|提供|观看|访问|查看|分析|得知|描述|从)|申し訳|죄송|lo siento"
    r"|no puedo|n[ãa]o (?:posso|consigo) (?:ver|ajudar|responder|determinar)"
    r"|non (?:posso|riesco a) (?:vedere|aiutare|rispondere|determinare)|(?:я )?не могу|извините"
    r"|(?:동영상|비디오|영상)[^.\n]{0,20}수 없"
    r"|(?:je suis )?désolé|je ne (?:peux|sais) pas|(?:es )?tut mir leid"
    r"|ich kann (?:(?:(?:das|die|dieses) )?(?:videos?|bild\w{0,3}|frage) |\w{1,12} )?nicht)",
    re.IGNORECASE,
)
