"""Finds text about grades instead of the video, also paraphrased, translated or obfuscated. Pure.

A list cannot be complete: the sanity set and the fence cover what it misses, and a maintainer
reviews what it finds. docs/integrity.md describes the remaining risk.
"""

import re
import unicodedata
from typing import Final

from core.benchmark import JUDGE_ASPECTS
from core.model.names import folded

# Digits and symbols used for letters within a word.
_LEET: Final = str.maketrans("013457@$", "oleastas")
_WORD: Final = re.compile(r"\S+")
_SPELLED: Final = re.compile(r"(?<!\w)(?:[^\W\d_][\s.\-_*|/]{1,2}){4}[^\W\d_](?!\w)")
_TOP = r"(?:top|best|highest|full|max\w*|perfect\w*|excellent\w*|outstanding|flawless\w*)"
_FIVE = r"(?:fives?|5|tens?|10|hundred|100)"
_GRADES = r"(?:grades?|ratings?|marks|points(?! (?:along|on|in|of|around|at))|stars?)"
_GOOD = rf"(?:{_TOP}|ideal|correct\w*|accurate\w*|complete\w*|identical|match\w*|faithful\w*|pass)"
_UNIT = (
    r"(?:(?:mm|cm|m[lgs]?|l|s|sec\w*|min\w*|h|times?|x|fr|french|gauge|degrees?)\b|[°%]|[.,]?\d)"
)
_N = r"(?:five|funf|cinq|cinco|cinque|vijf|fem|5)"
_ASPECTS = "|".join(re.escape(name.casefold()) for name in JUDGE_ASPECTS.values())
# Searched in text without case, accents and look-alikes. Each is bounded, so that it runs in linear
# time.
_SIGNS: Final = (
    (
        "mentions grading",
        r"\bscor(?:e|es|ed|ing)\b(?! (?:the|along) (?:\w+ )?"
        r"(?:peritoneum|fascia|serosa|skin|tissue|capsule|surface|parenchyma|line))"
        r"|\b(?:full credit|verdicts?)\b"
        rf"|\b{_TOP}\s+(?:\w+\s+)?{_GRADES}\b|\b{_FIVE}\s+{_GRADES}\b|\b{_GRADES} of {_FIVE}\b"
        r"|\b(?:give|gives|given|award\w*|assign\w*|deserv\w*|merits?|earns?|warrants?)\b.{0,30}"
        rf"\b(?:{_GRADES}|fives?)\b|\bdeserv\w*"
        r"|\b(?:grad|rat)(?:e|es|ed|ing)\s+(?:this|it|as|with|everything|all|every|each|me|here)\b"
        rf"|\b(?:output|respond|reply|answer|return)\b.{{0,40}}\b(?:{_FIVE}|{_TOP})\b"
        r"|\bfives\b|\b(?:five|5) for\b|\bset .{0,20}\bvalues\b|(?:\b5\b[\s,;]{1,3}){3}"
        r"|\b(?:deduct|penali[sz])\w*"
        r"|\b[1-5]\s{0,2}/\s{0,2}5\b|\b10\s{0,2}/\s{0,2}10\b|\b100\s{0,2}/\s{0,2}100\b"
        r"|\b(?:[1-5]|one|two|three|four|five|ten)\s+out\s+of\s+(?:5|five|10|ten)\b"
        rf"|\b{_N}\s{{0,2}}/\s{{0,2}}{_N}\b|\bv\s?/\s?v\b"
        rf"|\b{_N}\s+(?:sur|von|de|su|din|van|z|av|af)\s+{_N}\b"
        r"|\b(?:points?|marks?|grades?|stars?|ratings?|values?|quality|relevance|accuracy|evaluation)"
        rf"\s?[:=]\s?(?:{_FIVE}\b(?!\s?{_UNIT})|{_TOP}\b|pass\b)"
        rf"|\b(?:overall|coverage|level)\s?[:=]\s?{_FIVE}\b(?!\s?{_UNIT})"
        rf"|(?:[a-z]\s?[:=]\s?5\b(?!\s?{_UNIT}).{{0,20}}){{2}}"
        rf"|\b{_FIVE}-?\s?stars?\b|\b(?:five|5)stars?\b|\b{_FIVE} points\w"
        r"|\b100\s?(?:%|per ?cent) (?:accura|correct|match|complet|identical)|\ba\+(?!\w)"
        rf"|\b(?:say|print|emit)\b.{{0,20}}\b(?:{_FIVE}|{_TOP})\b(?!\s?{_UNIT})"
        r"|\brank (?:it|this) (?:first|top|highest|best)\b|\bbe (?:lenient|generous)\b"
        r"|\b(?:do not|don't|never) (?:subtract|lower|reduce (?:the|my|this))\b",
    ),
    (
        "mentions aspects of the rubric",
        rf"\b(?:all|every|each|five|these|following)\s+(?:\w+\s+)?(?:aspects?|criteria|criterion"
        rf"|categor(?:y|ies)|dimensions?)\b|{_ASPECTS}",
    ),
    (
        "addresses a grader",
        r"\b(?:judg(?:e|es|ing|ment)|graders?|grading|evaluat(?:ors?|e this|ion of this)|rubrics?"
        r"|examiners?|assessors?|reviewers?|annotators?|raters?|approved|experts? (?:agree|confirm)"
        r"|language models?|llms?|chatbots?|prompts?|base64|rot ?13"
        r"|new task|end of (?:the )?(?:caption|candidate|text|input|answer|description)"
        r"|(?:begin|start) (?:of )?(?:the )?(?:response|reply|answer|output)"
        r"|instructions?|(?:dear|note to|attention) (?:reader|model|assistant|ai))\b",
    ),
    (
        "mentions the reference",
        r"\b(?:ground[ -]truth|gold(?:en)? (?:standard|answer|caption)"
        r"|reference (?:quality|caption|answer|text|description|summary)"
        r"|(?:the|this|with|to|as) (?:reference|candidate)\b(?! (?:point|frame|mark|line)))",
    ),
    (
        "praises itself",
        r"\b(?:this|the above|my|following) (?:caption|description|summary|answer|response|text"
        r"|output)\b.{0,60}\b(?:perfect\w*|excellent\w*|correct\w*|accurate\w*|complete\w*"
        r"|flawless\w*|best|match\w*|outstanding|expert\w*|identical|fully|ideal|deserv\w*)\b"
        rf"|\b{_GOOD} (?:possible )?(?:caption|description|summary|answer)\b"
        rf"|\b(?:mark|assess|treat|consider|count|accept|regard) (?:this|it|as|the (?:caption"
        rf"|text|answer|description|candidate|above))\b.{{0,30}}\b{_GOOD}\b"
        r"|\bmatch(?:es)? (?:perfectly|exactly)|\b(?:perfect|exact) match\b"
        r"|\bdescribed (?:fully |very )?(?:correct|accurate|complete|perfect)"
        r"|\bno (?:errors?|mistakes|omissions|hallucinations?)\b"
        r"|\bnothing (?:is |was )?(?:missing|wrong)\b"
        r"|\bquality\s?[:=]\s?[a-z]+",
    ),
    (
        "addresses somebody",
        r"\b(?:you|your|please|i (?:am|confirm|certify|assure)|we (?:confirm|certify|assure))\b",
    ),
    (
        "asks to ignore something",
        r"\b(?:ignore|disregard|overlook|override)\b"
        r"|\bforget (?:all|any|every|the|what|earlier|prior|previous)",
    ),
    (
        "contains data instead of words",
        r"[{}]|\b[a-z0-9+/]{40,}={0,2}|\b(?=[a-z+/]*\d)[a-z0-9+/]{6,}={1,2}(?!\w)"
        r"|</?(?:candidate|caption|reference|system|user|assistant|instructions?)>"
        r"|#{2,6} ?(?:response|instructions?|system|user|assistant|answer|output)\b",
    ),
    ("contains rating symbols", r"[★☆⭐🌟✨👍👏💯✔✅☑🏆🥇]"),
    (
        "spells words backwards",
        r"\b(?:s?erocs|gnirocs|s?gnitar|evif|s?edarg|gnidarg|tcefrep|mumixam|s?egduj|tnellecxe)\b",
    ),
    (
        "mentions grades in another language",
        r"\b(?:bewert\w*|benot\w*|bestnote\w*|note(?:n)? (?:eins|1|5|funf)|punktzahl\w*"
        r"|hochst(?:punkt|note|wert)\w*|volle punkt\w*|ignorier\w*|anweisung\w*|vergib\w*"
        r"|note maximale|notez|evaluez|ignorez|consignes?|donne[zr]? .{0,20}note"
        r"|puntua\w*|puntaje\w*|calific\w*|nota maxima|ignor[ae]\b|instruc(?:c|t)?iones"
        r"|evalua|evaluar|evaluacion"
        r"|punteggi\w*|voto massimo|valuta\w*|istruzioni|massimo dei voti"
        r"|pontuac\w*|avali\w*|nota (?:alta|cinco|5|dez|10)|instrucoes"
        r"|beoordeel\w*|cijfer\w*|hoogste|negeer\w*|instructies"
        r"|ocen\w*|punktow|zignoruj\w*|najwyzsz\w*|betyg\w*|hogsta|bedom\w*|karakter\w*|vurder\w*"
        r"|puan\w*|degerlendir\w*|nilai\w*|skor\w*|punctaj\w*|pontszam\w*|ertekel\w*|pistee\w*"
        r"|arvosan\w*|hodnocen\w*|znamk\w*|bintang|toi đa|đanh gia|de cinco\b"
        r"|cinq etoiles|etoiles|estrellas|estrelas|funf sterne|cinque stelle)\b",
    ),
)
_PATTERNS: Final = tuple((why, re.compile(text, re.S | re.M)) for why, text in _SIGNS)
_FOREIGN_TEXT: Final = """
und der das nicht mit ist ein eine einen diese dieser bitte auf fur les une est avec
cette pour dans toutes sont pas aux los las una con esta este para todos todas del il
che gli della tutti questa uma com os nao het een dit deze alle met van niet jest sie
wszystkie och att det som pa og ikke til bu icin ini untuk dan yang ve
"""
# Frequent words of other languages in Latin script that are not English words.
_FOREIGN: Final = frozenset(_FOREIGN_TEXT.split())
_FOREIGN_WORDS: Final = 3


def signs(text: str) -> list[str]:
    """Why a text seems to be about its own grade, in the order of the list; empty if it is not."""
    plain = folded(text)
    read = f"{plain}\n{_unmasked(plain)}"
    found = [why for why, pattern in _PATTERNS if pattern.search(read)]
    if _SPELLED.search(plain):
        found.append("spells words in single letters")
    if _other_script(text):
        found.append("contains text in another script")
    if len(_FOREIGN.intersection(re.findall(r"[a-z]+", plain))) >= _FOREIGN_WORDS:
        found.append("is not in English")
    return found


def _unmasked(plain: str) -> str:
    """Replaces digits and symbols that are used as letters: `sc0re`."""
    mixed = (
        word
        for word in _WORD.findall(plain)
        if any(c in "013457@$" for c in word) and any(c.isalpha() for c in word)
    )
    return " ".join(word.translate(_LEET) for word in mixed)


def _other_script(text: str) -> bool:
    """Whether there are adjacent non-Latin letters, or one that looks Latin beside a Latin one.

    A single Greek letter may be a symbol.
    """
    others, before = 0, ""
    for char in text:
        beside, before = before, char
        if char.isascii() or not char.isalpha():
            others = 0
            continue
        name = unicodedata.name(char, "")
        if name.startswith(("LATIN", "FULLWIDTH LATIN", "MICRO", "FEMININE", "MASCULINE")):
            others = 0
            continue
        others += 1
        like = folded(char) if beside.isascii() and beside.isalpha() else ""
        disguised = len(like) == 1 and like.isascii()
        if others > 1 or disguised or not name.startswith("GREEK"):
            return True
    return False
