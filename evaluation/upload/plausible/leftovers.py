"""Content that does not belong in an answer: reasoning, tags, errors, JSON. Pure."""

import re
from collections.abc import Iterator

from evaluation.upload.plausible import no_answer
from evaluation.upload.plausible.kind import SOME, Fault, Kind, Seen, in_order, piece

_ALONE = "write only the answer"

OPEN = Kind("reasoning", "start with reasoning (“<think>”) that never ends",
            f"raise the token limit and remove the reasoning; {_ALONE}")  # fmt: skip
REASONING = Kind(
    "reasoning", "contain the model's reasoning, such as “<think>” or “Okay, let me”", _ALONE
)
TAGS = Kind("answer_tags", "contain tags, such as “<answer>”", _ALONE)
TOKENS = Kind("chat_tokens", "contain tokens or roles of the chat template", _ALONE)
FENCE = Kind("code_fence", "are in a code fence", _ALONE)
JSON = Kind("json_answer", "are JSON instead of the requested format", _ALONE)
DUMP = Kind("object_dump", "are a program's object, printed, instead of its text", _ALONE)
ECHO = Kind("question_echo", "start by repeating the question", _ALONE, SOME)

# Most answers have none of these: checking for them first is far faster than the patterns.
_HINTS = (
    "<", "＜", "◁", "&lt;", "\\u003c", "[think", "[reason", "[thought", "{think", "{reason",
    "```", "~~~", "\\boxed", "[inst", "[/inst", "assistantfinal", "ġ", "▁", "answer", "human",
    "user", "question", "/think", "/no_think", "\n###",
)  # fmt: skip
_THOUGHTS = (
    r"(?:(?:seed:|ant)?think(?:ing)?|(?:begin_of_|end_of_|chain_of_)?thoughts?|reason(?:ing)?"
    r"|rationale|analysis|reflection|reflect|cot|scratchpad|inner_?monologue|plan(?:ning)?"
    r"|observations?|思考)"
)
_OPENS, _CLOSES = r"(?:[<＜◁]|&lt;|\\u003c)\s?", r"(?:\s[^<>\n]{0,60})?\s?(?:[>＞▷]|&gt;|\\u003e)"
_WORD = r"(?:think(?:ing)?|thoughts?|reason(?:ing)?)"
_BEGINS = re.compile(rf"{_OPENS}({_THOUGHTS}){_CLOSES}|[\[{{]({_WORD})[\]}}]", re.IGNORECASE)
_ENDS = re.compile(rf"{_OPENS}/\s?{_THOUGHTS}{_CLOSES}|[\[{{]/{_WORD}[\]}}]", re.IGNORECASE)
# What may end reasoning in a long answer. Plain texts: patterns take minutes for a hostile file.
_FAR = ("</think", "</thought", "</reason", "</analysis", "</answer>", "◁/think")
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
            r"<[|｜][a-z_][^<>\s]{0,40}>|<[a-z_]{2,30}[|｜]>|</?s>|<(?:bos|eos|pad|unk)>|<<SYS>>"
            r"|\n\s{0,3}(?:human|user|question)\s?:"  # the model goes on with a turn of the user
            r"|<0x[0-9a-f]{2}>|\[/?INST\]|<(?:start|end)_of_turn>|[Ġ▁]\w|assistantfinal"
            r"|(?:^|\s)/(?:no_)?think\b|\n###\s*$",
            re.IGNORECASE,
        ),
        TOKENS,
    ),
    (
        re.compile(
            r"\n[#*\s]{0,6}(?:the )?(?:final )?answer[*\s]{0,4}[:：]"
            r"|\b(?:therefore|thus|hence|so),? the (?:\w{1,12} )?answer (?:is|must|would|should)\b",
            re.IGNORECASE,
        ),
        REASONING,
    ),
)
# Any other tag, but not markup as in CO<sub>2</sub>. Boxes in tags are explained with the other
# forms of boxes.
_TAG = re.compile(
    r"</?(?!box>|(?:br|su[bp]|em|strong)\b)[a-z][a-z_:]{1,30}(?:\s\w{1,20}=[^<>]{0,60})?\s?/?>",
    re.IGNORECASE,
)
_ECHO, _LEAST, _BEFORE = 60, 15, 100  # characters of a question, and before it
_END = 80  # characters at the end of a long answer
# What is said of a person who asks, not of one who "needs three attempts" or "wants to turn it".
_WANTS = (
    r"(?:wants?|needs?) (?:me|us|to (?:know|identify|understand|see|find)|(?:\w{1,12} ){0,3}"
    r"(?:answer|description|summar|caption|list|segment|time|box|label|name|location|score))\w{0,9}\b"
)
# The start of an answer.
_FIRST = (
    (re.compile(r"[\[{]\s{0,9}[\[{]?\s{0,9}[\"']|\{\s{0,9}\}$|\[\s{0,9}\]$"), JSON),
    (re.compile(r"[A-Z][A-Za-z]{3,40}\(\w{1,30}=|(?:tensor|array)\(|b(?:'|\")"), DUMP),
    (no_answer.EMPTY, no_answer.NOTHING),
    (
        re.compile(
            r"(?:okay|ok|alright|hmm+|wait|got it)(?:[,.!]| so\b)"
            r"|(?:(?:so|first|now),? )?let(?:(?:'|’)?s| me) (?:think|look|analy[sz]e|see"
            r"|start|break|watch|examine|consider|review|go through|check|verify|identify|recall)"
            r"|(?:so,? )?the (?:user|question|prompt) (?:(?:asks?|is asking|says)\b"
            rf"|{_WANTS})"
            r"|\W{0,6}(?:reasoning|think(?:ing)?|thoughts?(?: process)?|analysis|chain of thought"
            r"|internal monologue|思考(?:过程)?|推理(?:过程)?)(?:\.{3}|…)?[*_ ]{0,4}(?::|：|\n)"
            r"|(?:here(?:(?:'|’)s| is) )?my (?:reasoning|thought process)\b"
            r"|(?:i(?:(?:'|’)m| am)|we(?:(?:'|’)re| are)) (?:given|asked to|provided with)\b"
            r"|(?:so,? the|my) task is to\b"
            r"|looking at (?:the|these) (?:\w{1,12} )?(?:frames|screenshots)\b"
            r"|to (?:determine|identify|describe|find|decide|predict)\b[^.\n]{0,80},"
            r" (?:i|we) (?:need|will|must|should|can|have to)\b"
            r"|(?:first|so),? (?:i|we) (?:need|have) to|(?:i|we) need to\b"
            r"|to answer (?:this(?:,| i\b| \w{0,9} ?question)|the (?:question|user))"
            r"|i(?:(?:'|’)ll| will| should) (?:look|analy|start|begin|describe|watch|examine"
            r"|go)|嗯|首先[，,]?我(?!院|方|们?[可以能]{0,2}看到)|好的[，,]"
            r"|用户(?:现在)?(?:想|要|希望|需要|让|请|问|询问|提|给|的(?:问题|要求|请求|需求|指令))",
            re.IGNORECASE,
        ),
        REASONING,
    ),
    (no_answer.MESSAGE_FIRST, no_answer.ERRORS),
    (
        re.compile(
            # Not the surgical assistant in a list of the staff.
            r"\W{0,6}(?:assistant(?![\s\S]{0,400}\b(?:surgeon|nurse|operator)\W{0,4}:)"
            r"|user|human|gpt|bot|model|system)\s{0,3}(?::|\n)"
            r"|#{1,4} ?(?:assistant|response|answer|output)\b",
            re.IGNORECASE,
        ),
        TOKENS,
    ),
    (no_answer.REFUSED, no_answer.REFUSAL),
)


def look(seen: Seen) -> Iterator[Fault]:
    """The first leftover found in an answer."""
    looked = seen.text
    if len(seen.whole) > len(looked):
        looked = f"{looked}\n{seen.whole[-_END:]}"
    low = looked.lower()
    hinted = any(hint in low for hint in _HINTS)
    if hinted:
        begins = _BEGINS.search(looked)
        ends = _ENDS.search(looked)
        if begins or ends:
            closed = ends or _closed(begins, seen.whole)
            yield (REASONING if closed else OPEN), piece(looked, begins or ends)
            return
    far = _far(seen.whole)
    if far and "answer" not in far:
        yield REASONING, far
        return
    text = seen.text.strip()
    if seen.question and _asked(seen.question) in text[: _ECHO + _BEFORE]:
        yield ECHO, piece(text)
        return
    found = next(in_order(_INSIDE, looked), None) if hinted else None
    if found or far:
        yield found or (TAGS, far or "")
        return
    at = no_answer.message(looked, low)
    if at is not None:
        yield no_answer.ERRORS, piece(looked[at:])
        return
    for pattern, kind in _FIRST:
        if pattern.match(text):
            yield kind, piece(text)
            return
    if "<" in text:
        yield from in_order(((_TAG, TAGS),), looked)


def _closed(begins: re.Match[str] | None, whole: str) -> bool:
    """Whether the tag that `begins` reasoning is closed anywhere in the answer."""
    return begins is not None and f"/{begins[1] or begins[2]}".lower() in whole.lower()


def _far(whole: str) -> str | None:
    if "</" not in whole and "◁/" not in whole:
        return None
    return next((mark for mark in _FAR if mark in whole), None)


def _asked(question: str) -> str:
    """The start of a question, as a model that repeats its input writes it."""
    asked = question.replace("<video>", "").strip()
    return asked[:_ECHO] if len(asked) >= _LEAST else asked + "\0"  # one or two words may be chance
