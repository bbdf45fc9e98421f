"""Content that does not belong in an answer: reasoning, tags, errors, JSON. Pure."""

import re
from collections.abc import Iterator

from evaluation.upload.plausible.kind import SOME, Fault, Kind, Seen, in_order, piece

_ALONE = "write only the answer"

OPEN = Kind("reasoning", "start with reasoning (“<think>”) that never ends",
            f"raise the token limit and remove the reasoning; {_ALONE}")  # fmt: skip
REASONING = Kind(
    "reasoning", "still contain the model's reasoning, such as “<think>” or “Okay, let me”", _ALONE
)
TAGS = Kind("answer_tags", "still contain tags, such as “<answer>”", _ALONE)
TOKENS = Kind("chat_tokens", "still contain tokens or roles of the chat template", _ALONE)
ERRORS = Kind("errors", "are an error message instead of an answer",
              "run these questions again")  # fmt: skip
FENCE = Kind("code_fence", "are in a code fence", _ALONE)
JSON = Kind("json_answer", "are JSON instead of the requested format", _ALONE)
NOTHING = Kind("placeholder", "are a placeholder (“None”, “nan”) instead of an answer",
               "run these questions again")  # fmt: skip
ECHO = Kind("question_echo", "start by repeating the question", _ALONE, SOME)
REFUSAL = Kind("refusals", "refuse to answer", "a refusal is scored as a wrong answer", SOME)

# Most answers have none of these: checking for them first is far faster than the patterns.
_HINTS = (
    "<", "◁", "```", "~~~", "error", "memory", "traceback", "exception", "http",
    "status code", "rate limit", "connection", "timed out", "timeout", "failed", "context length",
    "no such file", "\\boxed", "[inst", "[/inst", "max retries", "gateway", "unavailable", "nccl",
    "content policy", "content filter", "content management", "quota",
)  # fmt: skip
_BEGINS = re.compile(r"<(?:think|thinking|reasoning|thought|scratchpad)>|◁think▷", re.IGNORECASE)
_ENDS = re.compile(r"</(?:think|thinking|reasoning|thought|scratchpad)>|◁/think▷", re.IGNORECASE)
_INSIDE = (
    (
        re.compile(
            r"</?(?:final_?)?(?:answer|response|caption|prediction|output|result)>|\\boxed\{",
            re.IGNORECASE,
        ),
        TAGS,
    ),
    (re.compile(r"```|~~~"), FENCE),
    (
        re.compile(
            r"CUDA error|out of memory\b|OutOfMemory|Traceback \(most recent call"
            r"|(?-i:\bOOM\b|[A-Z][A-Za-z]{2,30}(?:Error|Exception)\b)"
            r"|HTTP(?:/1\.1)?[ :]{1,3}[45]\d\d\b|(?:Error|status) code|rate limit"
            r"|Internal Server Error|connection (?:error|refused|reset|aborted)"
            r"|(?:request|generation|inference) (?:timed out|failed)|context length"
            r"|No such file or directory|failed to (?:load|decode|open|read|generate)"
            r"|Max retries exceeded|Bad Gateway|Gateway Time-?out|NCCL (?:error|WARN|timeout)"
            r"|Service (?:Temporarily )?Unavailable|content (?:management )?(?:policy|filter)"
            r"|(?:exceeded|insufficient) (?:your |the )?(?:\w{1,20} )?quota|quota exceeded",
            re.IGNORECASE,
        ),
        ERRORS,
    ),
    (
        re.compile(
            r"<\|[a-z_]{2,30}\|>|</?s>|<eos>|<pad>|<unk>|\[/?INST\]|<(?:start|end)_of_turn>",
            re.IGNORECASE,
        ),
        TOKENS,
    ),
)
_ECHO, _LEAST = 60, 15  # characters of a question
# The start of an answer.
_FIRST = (
    (re.compile(r"[\[{]\s{0,9}[\[{]?\s{0,9}[\"']|\{\s{0,9}\}$|\[\s{0,9}\]$"), JSON),
    (
        re.compile(
            r"\W{0,3}(?:none|null|nan|n/?a|undefined|nil|todo|tbd|placeholder|error"
            r"|no (?:answer|output|prediction|response)|object Object|string"
            r"|(?:your|the|model) (?:answer|output|response|prediction)(?: here)?)\W{0,3}$",
            re.IGNORECASE,
        ),
        NOTHING,
    ),
    (re.compile(r"[\W_]+$"), NOTHING),
    (
        re.compile(
            r"(?:okay|alright|hmm|wait)\b[,.]|(?:so, )?let(?:'s| me) (?:think|look|analy[sz]e|see"
            r"|start|break)|(?:reasoning|thinking|thought|analysis)\s{0,3}:|(?:first|so), (?:i|we)"
            r" (?:need|have) to|i need to (?:look|find|analy[sz]e|identify|determine)",
            re.IGNORECASE,
        ),
        REASONING,
    ),
    (
        re.compile(
            r"\W{0,3}(?:error|exception)\s{0,3}[:\]]|(?:killed|terminated|aborted)\W{0,3}$"
            r"|segmentation fault|<!doctype html|<html\b|core dumped"
            r"|blocked\s{0,3}:\s{0,3}(?:safety|recitation|prohibited|other)",
            re.IGNORECASE,
        ),
        ERRORS,
    ),
    (re.compile(r"(?:assistant|user|human|gpt)\s{0,3}(?::|\n)", re.IGNORECASE), TOKENS),
    (
        re.compile(
            r"\W{0,5}(?:(?:unfortunately|sorry|apologies|as an ai)\b|i(?:'|’)?m (?:sorry|unable|"
            r"not able|not sure)|i am (?:sorry|unable|not able|not sure|an ai)|i apologi[sz]e"
            r"|i (?:do not|don(?:'|’)?t|cannot|can(?:'|’)?t|can not|could not|couldn(?:'|’)?t) "
            r"(?:know|see|determine|answer|provide|assist|help|tell|identify|view|watch|process"
            r"|analy[sz]e)|(?:it is |it(?:'|’)?s )?(?:not possible|impossible|unclear|unable|cannot"
            r"|unknown|not sure)\b|no idea\b|there is (?:no|not enough) (?:video|information"
            r"|image))",
            re.IGNORECASE,
        ),
        REFUSAL,
    ),
)


def look(seen: Seen) -> Iterator[Fault]:
    """The first leftover found in an answer."""
    low = seen.text.lower()
    # "OOM" only in capitals, as its pattern has it: "room" is a word of surgery.
    if "OOM" in seen.text or any(hint in low for hint in _HINTS):
        begins = _BEGINS.search(seen.text)
        if begins or _ENDS.search(seen.text):
            yield (REASONING if _ENDS.search(seen.whole) else OPEN), piece(seen.text, begins)
            return
        inside = list(in_order(_INSIDE, seen.text))
        if inside:
            yield from inside
            return
    elif "</think>" in seen.whole:
        yield REASONING, "</think>"
        return
    text = seen.text.strip()
    if seen.question and text.startswith(_asked(seen.question)):
        yield ECHO, piece(text)
        return
    for pattern, kind in _FIRST:
        if pattern.match(text):
            yield kind, piece(text)
            return


def _asked(question: str) -> str:
    """The start of a question, as a model that repeats its input writes it."""
    asked = question.replace("<video>", "").strip()
    return asked[:_ECHO] if len(asked) >= _LEAST else asked + "\0"  # one or two words may be chance
