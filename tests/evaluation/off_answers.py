"""Right answers in formats that score nothing: one small change for each kind of fault."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from evaluation.upload.plausible.clip import Clip

_NUMBER = re.compile(r"\d+\.\d+")
_HEAD = re.compile(r"^(\d+\.\d+)-(\d+\.\d+) seconds: ", re.MULTILINE)
_ENTRY = re.compile(r"(\d+\.\d+) seconds: \[([^\]]+)\]")

Change = Callable[[str, Clip], str]


def _times(write: Callable[[float, Clip], str]) -> Change:
    """Every number of a tal answer, written differently."""
    return lambda text, clip: _NUMBER.sub(lambda found: write(float(found[0]), clip), text)


def _times_and(write: Callable[[float, Clip], str], old: str, new: str) -> Change:
    """The same, and another unit."""
    change = _times(write)
    return lambda text, clip: change(text, clip).replace(old, new)


def _head(write: str | Callable[[float, float, Clip], str]) -> Change:
    """The start of every line of a dvc answer; a text has {a} and {b}."""

    def change(text: str, clip: Clip) -> str:
        def one(found: re.Match[str]) -> str:
            a, b = float(found[1]), float(found[2])
            return write.format(a=a, b=b) if isinstance(write, str) else write(a, b, clip)

        return _HEAD.sub(one, text)

    return change


def _entry(write: str | Callable[[float, list[float], Clip], str]) -> Change:
    """Every entry of an stg answer; a text has {t} and {box}."""

    def change(text: str, clip: Clip) -> str:
        def one(found: re.Match[str]) -> str:
            time, box = float(found[1]), [float(part) for part in found[2].split(",")]
            if isinstance(write, str):
                return write.format(t=time, box=box, a=box[0], b=box[1], c=box[2], d=box[3])
            return write(time, box, clip)

        return _ENTRY.sub(one, text)

    return change


def _clock(time: float) -> str:
    return f"{int(time) // 60}:{int(time) % 60:02d}"


def _seconds(clip: Clip) -> float:
    return (clip.end - clip.start) / 30


def boxes(write: Callable[[list[float]], list[float]]) -> Change:
    return _entry(lambda time, box, _clip: f"{time} seconds: {write(box)}")


def _at(write: Callable[[float, Clip], object]) -> Change:
    return _entry(lambda time, box, clip: f"{write(time, clip)} seconds: {box}")


def permille(box: list[float]) -> list[float]:
    """Of a picture of 1000 x 800, as the synthetic benchmark has."""
    return [round(value * 1000 / (1000, 800)[n % 2]) for n, value in enumerate(box)]


OFF: Final[Mapping[str, tuple[str, Mapping[str, Change]]]] = {
    "tal frame_numbers": ("tal", {
        "of the video": _times(lambda t, clip: f"{clip.start + t * 25:.0f}"),
        "of the video, 30 a second": _times(lambda t, clip: f"{clip.start + t * 30:.0f}"),
        "of the clip": _times(lambda t, _: f"{t * 25:.0f}"),
        "named": lambda text, _: "frames " + text.replace(" seconds.", ""),
        "named after": lambda text, _: text.replace(" seconds.", " frames"),
    }),
    "tal milliseconds": ("tal", {
        "with a unit": _times(lambda t, _: f"{t * 1000:.0f} ms"),
        "without": _times(lambda t, _: f"{t * 1000:.0f}"),
        "in words": lambda text, _: text.replace("seconds", "milliseconds"),
    }),
    "tal fractions": ("tal", {
        "of the clip": _times(lambda t, clip: f"{t / _seconds(clip):.3f}"),
        "two decimals": _times(lambda t, clip: f"{t / _seconds(clip):.2f}"),
        "per cent": _times(lambda t, clip: f"{100 * t / _seconds(clip):.0f}%"),
    }),
    "tal decimal_commas": ("tal", {
        "commas": lambda text, _: text.replace(".", ",").replace("seconds,", "seconds"),
        "with to": lambda text, _: text.replace(".", ",").replace("-", " to "),
    }),
    "tal clock_times": ("tal", {
        "m:ss": _times(lambda t, _: _clock(t)),
        "mm:ss": _times(lambda t, _: "0" + _clock(t)),
        "h:mm:ss with a hyphen": _times(lambda t, _: "0:0" + _clock(t)),
        "m:ss to m:ss": lambda text, _: _NUMBER.sub(
            lambda found: _clock(float(found[0])), text).replace("-", " to "),
    }),
    "tal clock_hours": ("tal", {
        "h:mm:ss": lambda text, _: _NUMBER.sub(
            lambda found: f"0:0{_clock(float(found[0]))}", text).replace("-", " to "),
        "hh:mm:ss": lambda text, _: _NUMBER.sub(
            lambda found: f"00:0{_clock(float(found[0]))}", text).replace("-", " to "),
    }),
    "tal video_times": ("tal", {"25 a second": _times(
        lambda t, clip: f"{clip.start / 25 + t:.1f}")}),
    "tal beyond_clip": ("tal", {"three hundred seconds on": _times(lambda t, _: f"{t + 300:.1f}")}),
    "tal minutes": ("tal", {
        "after": _times_and(lambda t, _: f"{t / 60:.2f}", " seconds.", " minutes"),
        "each": _times(lambda t, _: f"{t / 60:.2f} min"),
        "and seconds": _times(lambda t, _: f"{int(t) // 60}m{int(t) % 60:02d}s"),
        "in words": _times(lambda t, _: f"{int(t) // 60} min {int(t) % 60} s"),
    }),
    "tal to_beside_hyphen": ("tal", {
        "other numbers": lambda text, _: f"In 2-3 steps, at {text.replace('-', ' to ')}",
        "a date": lambda text, _: f"2024-05-06: {text.replace('-', ' to ')}",
    }),
    "tal unit_inside": ("tal", {
        "s": _times(lambda t, _: f"{t}s"),
        "seconds": _times(lambda t, _: f"{t} seconds"),
    }),
    "tal other_dash": ("tal", {"en dash": lambda text, _: text.replace("-", "–")}),
    "tal numbers_apart": ("tal", {
        "a list": lambda text, _: "[" + text.replace("-", ", ").replace(" seconds.", "]"),
        "in words": lambda text, _: "it starts at " + text.replace("-", " and ends at "),
        "an arrow": lambda text, _: text.replace("-", " -> "),
        "other languages": lambda text, _: text.replace("-", " bis "),
        "Chinese": lambda text, _: text.replace("-", "秒到").replace(" seconds", "秒"),
    }),
    "dvc frame_numbers": ("dense_captioning_gpt", {
        "of the video": _head(lambda a, b, clip: (
            f"{clip.start + a * 25:.0f}-{clip.start + b * 25:.0f} seconds: ")),
        "of the clip": _head(lambda a, b, _: f"{a * 25:.0f}-{b * 25:.0f} seconds: "),
        "named": _head(lambda a, b, _: f"Frames {a * 25:.0f}-{b * 25:.0f}: "),
        "named after": _head(lambda a, b, _: f"{a * 25:.0f}-{b * 25:.0f} frames: "),
        "each named": _head(lambda a, b, _: f"Frame {a * 25:.0f} to Frame {b * 25:.0f}: "),
        "letter": _head(lambda a, b, _: f"f{a * 25:.0f}-f{b * 25:.0f}: "),
    }),
    "dvc milliseconds": ("dense_captioning_gpt", {
        "with a unit": _head(lambda a, b, _: f"{a * 1000:.0f}-{b * 1000:.0f} ms: "),
        "without": _head(lambda a, b, _: f"{a * 1000:.0f}-{b * 1000:.0f} seconds: "),
    }),
    "dvc fractions": ("dense_captioning_gpt", {"of the clip": _head(lambda a, b, clip: (
        f"{a / _seconds(clip):.3f}-{b / _seconds(clip):.3f} seconds: "))}),
    "dvc decimal_commas": ("dense_captioning_gpt", {"commas": _head(lambda a, b, _: (
        f"{a}-{b} seconds: ".replace(".", ",")))}),
    "dvc clock_times": ("dense_captioning_gpt", {
        "m:ss": _head(lambda a, b, _: f"{_clock(a)}-{_clock(b)}: "),
        "m:ss seconds": _head(lambda a, b, _: f"{_clock(a)} - {_clock(b)} seconds: "),
        "in brackets": _head(lambda a, b, _: f"[{_clock(a)} - {_clock(b)}] "),
        "subtitles": _head(lambda a, b, _: f"00:0{_clock(a)},000 --> 00:0{_clock(b)},000\n"),
        "one": _head(lambda a, b, _: f"{_clock(a)}: "),
    }),
    "dvc video_times": ("dense_captioning_gpt", {"25 a second": _head(lambda a, b, clip: (
        f"{clip.start / 25 + a:.1f}-{clip.start / 25 + b:.1f} seconds: "))}),
    "dvc beyond_clip": ("dense_captioning_gpt", {"on": _head(lambda a, b, _: (
        f"{a + 300:.1f}-{b + 300:.1f} seconds: "))}),
    "dvc minutes": ("dense_captioning_gpt", {
        "after": _head(lambda a, b, _: f"{a / 60:.2f}-{b / 60:.2f} minutes: "),
        "and seconds": _head(lambda a, b, _: f"{a // 60:.0f}m{a % 60:02.0f}s-{b // 60:.0f}m0s: "),
    }),
    "dvc other_head": ("dense_captioning_gpt", {
        "one time": _head("{a} seconds: "), "named": _head("Start: {a}, End: {b}. "),
        "other dash": _head("{a}-{b} seconds — "), "no colon": _head("{a}-{b} seconds "),
        "capital": _head("{a}-{b} Seconds: "),
    }),
    "dvc unit_inside": ("dense_captioning_gpt", {
        "s": _head("{a}s-{b}s: "), "s and blanks": _head("{a}s - {b}s: "),
        "seconds": _head("{a} seconds - {b} seconds: "),
    }),
    "dvc no_unit": ("dense_captioning_gpt", {
        "none": _head("{a}-{b}: "), "s": _head("{a}-{b}s: "), "in brackets": _head("[{a}-{b}] "),
        "sec": _head("{a}-{b} sec: "), "tight": _head("{a}-{b}seconds: "),
        "a pair": _head("({a}, {b}): "), "a list": _head("[{a}, {b}] "),
        "German": _head("{a}-{b} Sekunden: "), "Chinese": _head("{a}-{b}秒："),
    }),
    "dvc bullets": ("dense_captioning_gpt", {
        "hyphens": _head("- {a}-{b} seconds: "), "stars": _head("* {a}-{b} seconds: "),
        "bold": _head("**{a}-{b} seconds:** "), "indent": _head("  {a}-{b} seconds: "),
        "events": _head("Event 1: {a}-{b} seconds: "), "numbers": _head("1. {a}-{b} seconds: "),
        "letters": _head("a) {a}-{b} seconds: "), "in brackets": _head("[1] {a}-{b} seconds: "),
        "a word": _head("Time: {a}-{b} seconds: "), "a sign": _head("#1 {a}-{b} seconds: "),
    }),
    "dvc no_blank": ("dense_captioning_gpt", {"tight": _head("{a}-{b} seconds:")}),
    "dvc one_line": ("dense_captioning_gpt", {
        "one line": lambda text, _: text.replace("\n", " ")}),
    "dvc blanks_in_head": ("dense_captioning_gpt", {
        "blanks": _head("{a} - {b} seconds: "), "to": _head("{a} to {b} seconds: "),
        "en dash": _head("{a}–{b} seconds: "),
        "arrow": _head("{a} -> {b} seconds: "), "tilde": _head("{a}~{b} seconds: "),
        "words": _head("Between {a} and {b} seconds: "),
    }),
    "stg coordinates_0_1": ("stg", {
        "three decimals": boxes(lambda box: [round(value / 1000, 3) for value in box]),
        "two decimals": boxes(lambda box: [round(value / 1001, 2) for value in box]),
    }),
    "stg corners_reversed": ("stg", {
        "x y w h": boxes(lambda box: [box[0], box[1], box[2] - box[0], box[3] - box[1]]),
        "centre": boxes(lambda box: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2,
                                    box[2] - box[0], box[3] - box[1]]),
        "corners exchanged": boxes(lambda box: [*box[2:], *box[:2]]),
    }),
    "stg no_area": ("stg", {
        "noughts": boxes(lambda _: [0, 0, 0, 0]),
        "a line": boxes(lambda box: [*box[:3], box[1]]),
        "a point": boxes(lambda box: [*box[:2], *box[:2]]),
    }),
    "stg other_times": ("stg", {
        "a tenth on": _at(lambda t, _: f"{t + 0.1:.1f}"),
        "half a second on": _at(lambda t, _: t + 0.5),
        "one tenth before": _at(lambda t, _: f"{t - 0.1:.1f}"),
    }),
    "stg frame_numbers": ("stg", {
        "of the video": _at(lambda t, clip: f"{clip.start + t * 25:.0f}"),
        "of the clip": _at(lambda t, _: f"{t * 25:.0f}"),
        "named": _entry("frame {t:.0f}: {box}"),
    }),
    "stg video_times": ("stg", {"25 a second": _at(lambda t, clip: f"{clip.start / 25 + t:.1f}")}),
    "stg finer_times": ("stg", {"5.04": _at(lambda t, _: f"{t + 0.04:.2f}")}),
    "stg clock_times": ("stg", {
        "m:ss": _entry(lambda t, box, _: f"{_clock(t)}: {box}"),
        "m:ss seconds": _entry(lambda t, box, _: f"{_clock(t)} seconds: {box}"),
    }),
    "stg decimal_commas": ("stg", {"commas": _entry(
        lambda t, box, _: f"{t} seconds: ".replace(".", ",").replace(",0 ", ",0 ") + str(box))}),
    "stg time_form": ("stg", {
        "s": _entry("{t}s: {box}"), "second": _entry("{t} second: {box}"),
        "capital": _entry("{t} Seconds: {box}"), "no unit": _entry("{t}: {box}"),
        "at": _entry("At {t}, {box}"), "tight": _entry("{t}seconds: {box}"),
        "no colon": _entry("{t} seconds {box}"), "blank": _entry("{t} seconds : {box}"),
    }),
    "stg minutes": ("stg", {
        "minutes": _entry(lambda t, box, _: f"{t / 60:.2f} minutes: {box}"),
        "min": _entry(lambda t, box, _: f"{t / 60:.2f} min {box}"),
    }),
    "stg no_time": ("stg", {
        "boxes": _entry("{box}"), "in brackets": _entry("[{t}] {box}"),
        "Chinese": _entry("{t}秒: {box}"), "German": _entry("{t} Sekunden: {box}"),
    }),
    "stg other_box": ("stg", {
        "no commas": _entry("{t} seconds: [{a} {b} {c} {d}]"),
        "points": _entry("{t} seconds: [({a}, {b}), ({c}, {d})]"),
        "named": _entry("{t} seconds: [x1={a}, y1={b}, x2={c}, y2={d}]"),
        "five": _entry("{t} seconds: [{a}, {b}, {c}, {d}, 0.9]"),
        "no brackets": _entry("{t} seconds: {a}, {b}, {c}, {d}"),
    }),
    "stg other_brackets": ("stg", {"round": _entry("{t} seconds: ({a}, {b}, {c}, {d})")}),
    "skill_assessment other_names": ("skill_assessment", {
        "title case": lambda text, _: text.title(),
        "lower case": lambda text, _: text.lower(),
        "upper case": lambda text, _: text.upper(),
        "underscores": lambda text, _: re.sub(r"(?<=\w) (?=\w)", "_", text),
        "bullets": lambda text, _: ", ".join(f"- {part}" for part in text.split(", ")),
        "other words": lambda text, _: text.replace("Respect for tissue", "Tissue handling"),
    }),
    "skill_assessment no_commas": ("skill_assessment", {
        "lines": lambda text, _: text.replace(", ", "\n"),
        "semicolons": lambda text, _: text.replace(", ", "; "),
        "and": lambda text, _: text.replace(", ", " and "),
        "wide commas": lambda text, _: text.replace(", ", "，"),
        "numbered lines": lambda text, _: "\n".join(
            f"{n}. {part}" for n, part in enumerate(text.split(", "), 1)),
    }),
    "cvs_assessment no_commas": ("cvs_assessment", {
        "lines": lambda text, _: text.replace(", ", "\n"),
        "semicolons": lambda text, _: text.replace(", ", "; "),
        "and": lambda text, _: text.replace(", ", " and "),
    }),
    "skill_assessment decimals": ("skill_assessment", {
        "point nought": lambda text, _: text.replace("/5", ".0/5"),
        "half": lambda text, _: text.replace("/5", ".5/5"),
        "without fives": lambda text, _: text.replace("/5", ".5"),
    }),
    "skill_assessment no_fives": ("skill_assessment", {
        "none": lambda text, _: text.replace("/5", "")}),
    "skill_assessment blank_in_score": ("skill_assessment", {
        "blanks": lambda text, _: text.replace("/5", " / 5")}),
    "skill_assessment other_scale": ("skill_assessment", {
        "ten": lambda text, _: re.sub(r"(\d)/5", lambda f: f"{2 * int(f[1])}/10", text),
        "out of": lambda text, _: text.replace("/5", " out of 5"),
    }),
    "skill_assessment other_form": ("skill_assessment", {
        "hyphens": lambda text, _: text.replace(": ", " - "),
        "equal signs": lambda text, _: text.replace(": ", "="),
        "brackets": lambda text, _: re.sub(r": (\d/5)", r" (\1)", text),
        "scores alone": lambda text, _: ", ".join(re.findall(r"\d/5", text)),
        "wide colon": lambda text, _: text.replace(": ", "："),
    }),
    "skill_assessment words": ("skill_assessment", {
        "words": lambda text, _: re.sub(r"\d/5", "good", text)}),
    "skill_assessment markup": ("skill_assessment", {
        "bold": lambda text, _: re.sub(r"([A-Z][^:]+):", r"**\1:**", text)}),
    "cvs_assessment decimals": ("cvs_assessment", {
        "point nought": lambda text, _: re.sub(r"(\d)", r"\1.0", text),
        "half": lambda text, _: re.sub(r"(\d)", r"\1.5", text),
    }),
    "cvs_assessment words": ("cvs_assessment", {
        "numbers": lambda text, _: re.sub(r"\d", "two", text),
        "yes and no": lambda text, _: re.sub(r"\d", "Yes", text),
        "is": lambda text, _: re.sub(r": \d", " is achieved", text),
    }),
    "cvs_assessment other_names": ("cvs_assessment", {
        "initials": lambda text, _: re.sub(r"(\w)\w+ (\w)\w+:", r"\1\2:", text),
        "underscores": lambda text, _: re.sub(r"(?<=[a-z]) (?=[a-z])", "_", text),
        "numbers alone": lambda text, _: ", ".join(re.findall(r"\d", text)),
    }),
    "next_action letters": ("next_action", {
        "letter": lambda text, _: "ABCD"[len(text) % 4],
        "bracket": lambda text, _: f"({'abc'[len(text) % 3]})",
        "answer": lambda text, _: f"Answer: {'ABC'[len(text) % 3]}.",
    }),
    "next_action numbers": ("next_action", {
        "number": lambda text, _: str(len(text) % 9),
        "option": lambda text, _: f"Option {len(text) % 4}",
    }),
    "next_action refusals": ("next_action", {
        "unknown": lambda _text, _: "I don't know", "sorry": lambda _text, _: "I'm sorry, I can't.",
    }),
    "next_action text_beside_label": ("next_action", {
        "explained": lambda _text, _: "Suturing\nExplanation: the edges of the wound are close.",
        "reasons": lambda _text, _: "Two forceps hold the tissue, so that it must be gallbladder "
                                    "dissection.",
        "two": lambda _text, _: "Either clipping-and-cutting or, more probably, it is cleaning "
                                "and coagulation.",
    }),
    "next_action off_label": ("next_action", {
        "elsewhere": lambda text, _: f"Buy {len(text)} oranges at noon",
        "times": lambda text, _: f"{len(text)}.5-99.0 seconds.",
    }),
}  # fmt: skip
