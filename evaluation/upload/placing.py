"""The rules that match answers to questions, each applied to what is not matched yet. Pure.

See docs/submission-format.md, "How answers find their questions".
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Final, NamedTuple

from core.benchmark import task_of
from evaluation.clips import clip_of, video_of
from evaluation.upload.records import Prediction

# The rules' names, as in the report.
BY_QUESTION: Final = "by their question"
BY_INDEX: Final = "by their place in the file"
BY_POSITION: Final = "by their place within the qa_type"
BY_ID: Final = "by id and qa_type"
BY_ORDER: Final = "by question and video in order of appearance"

# Characters: a shorter question may be part of another by chance.
_LEAST: Final = 15

_Key = Callable[[int], Hashable]  # of the place or record at an index; None if there is none
_Kind = Callable[[str], str | None]  # of a qa_type

# A name without suffix means any of its kind.
OPEN_NAMES: Final = frozenset({"dc", "dense_captioning", "video_summary", "region_caption"})


class Place(NamedTuple):
    """One question: where an answer may go. `names` are other names of its clip."""

    id: str
    qa_type: str
    question: str | None = None
    names: tuple[str, ...] = ()


class Placing:
    """The place of each record, and the rule that gave it; None if not matched yet.

    `clips[i]` is the test set's id of record i's clip, None if it is unknown there.
    """

    def __init__(self, places: Sequence[Place], records: Sequence[Prediction]) -> None:
        self._places, self._records = places, records
        self.clips = _clips(places, records)
        self.at: list[int | None] = [None] * len(records)
        self.rules: list[str | None] = [None] * len(records)
        self._taken = bytearray(len(places))
        named = {one.qa_type for one in places} | {one.qa_type for one in records}
        self._same_words: tuple[_Key, _Key] | None = None
        self._open_tasks = {_task(name) for name in named & OPEN_NAMES}

    def by_question(self) -> None:
        """Rule 0: the same question about the same clip; else about the same video."""
        if not any(one.question for one in self._records):
            return
        asked = [_words(one.question) for one in self._records]
        words = [_words(one.question) for one in self._places]
        if not any(words) or not any(asked):
            return
        videos = [_videos(one) for one in self._places]
        of_clip = {one.id: video for one, video in zip(self._places, videos, strict=True)}
        about = [
            of_clip[clip] if clip is not None else _videos(one)
            for clip, one in zip(self.clips, self._records, strict=True)
        ]
        asked = self._within_prompts(asked, words, videos, about)
        self._match(
            BY_QUESTION,
            lambda index: (words[index], self._places[index].id) if words[index] else None,
            lambda index: (asked[index], self.clips[index]) if asked[index] else None,
        )
        # Clips of one video may share their question. Then only a unique answer is matched at
        # once, and order of appearance decides if nothing else does (`by_leftover_words`).
        self._same_words = (
            lambda index: (words[index], videos[index]) if words[index] else None,
            lambda index: (asked[index], about[index]) if asked[index] else None,
        )
        self._match(BY_QUESTION, *self._same_words, sole=True)

    def _within_prompts(
        self, asked: list[str], words: list[str], videos: list[str], about: list[str]
    ) -> list[str]:
        """`asked`, where a prompt around a question of the same clip, else of the same video, is
        reduced to that question; of several, to the longest.

        words, videos: of each place; about: the video of each record.
        """
        known = set(words)
        of_clip: dict[str, set[str]] = {}
        of_video: dict[str, set[str]] = {}
        for place, text, video in zip(self._places, words, videos, strict=True):
            if len(text) >= _LEAST:
                of_clip.setdefault(place.id, set()).add(text)
                of_video.setdefault(video, set()).add(text)
        found = []
        for text, clip, video in zip(asked, self.clips, about, strict=True):
            among = of_video.get(video, ()) if clip is None else of_clip.get(clip, ())
            inside = [one for one in among if one in text] if text not in known else []
            found.append(max(inside, key=lambda one: (len(one), one), default=text))
        return found

    def by_leftover_words(self) -> None:
        """The end of rule 0: as many answers left as places with this question about the video."""
        if self._same_words is not None:
            self._match(BY_ORDER, *self._same_words, equal=True)

    def by_index(self) -> None:
        """Rule 1: as many records as questions, and each fits the question at its index."""
        count = len(self._records)
        if count == len(self._places) and all(self._may_stand(i, i) for i in range(count)):
            for index in range(count):
                self._put(index, index, BY_INDEX)

    def by_position(self) -> None:
        """Within a qa_type that is complete and in order; only if an id is unknown."""
        if None not in self.at:
            return
        places = self._grouped(self._places)
        for name, records in self._grouped(self._records).items():
            there = places.get(name, [])
            pairs = list(zip(records, there, strict=False))
            if len(records) != len(there) or not all(self._may_stand(*pair) for pair in pairs):
                continue
            if any(self.clips[index] is None and self.at[index] is None for index in records):
                for index, place in pairs:
                    self._put(index, place, BY_POSITION)

    def by_id(self) -> None:
        """Rule 2: by (id, qa_type), within one such pair by order of appearance."""
        self._match(BY_ID, lambda index: self._places[index].id, lambda index: self.clips[index])

    def undecided(self) -> int:
        """How many records rule 2 matched by order alone: another question left for it has the
        same id and qa_type."""
        settled = {
            at for at, rule in zip(self.at, self.rules, strict=True) if rule not in (None, BY_ID)
        }
        of_clip: dict[str, list[str]] = {}
        for index, place in enumerate(self._places):
            if index not in settled:
                of_clip.setdefault(place.id, []).append(place.qa_type)
        return sum(
            sum(fits(record.qa_type, other) for other in of_clip[self._places[at].id]) > 1
            for record, at, rule in zip(self._records, self.at, self.rules, strict=True)
            if rule == BY_ID and at is not None
        )

    def _match(
        self,
        rule: str,
        of_place: _Key,
        of_record: _Key,
        *,
        sole: bool = False,
        equal: bool = False,
    ) -> None:
        """Matches records and places with the same key and a compatible qa_type, in order.

        `sole`: only if one record and one place have the key; `equal`: only if both have the
        same number.
        """
        for kind_of_place, kind_of_record in self._kinds():
            if None not in self.at:
                return
            free: dict[Hashable, list[int]] = {}
            for index, place in enumerate(self._places):
                kind, key = kind_of_place(place.qa_type), of_place(index)
                if not self._taken[index] and kind is not None and key is not None:
                    free.setdefault((kind, key), []).append(index)
            claims: dict[Hashable, list[int]] = {}
            for index, record in enumerate(self._records):
                kind, key = kind_of_record(record.qa_type), of_record(index)
                if self.at[index] is None and kind is not None and key is not None:
                    claims.setdefault((kind, key), []).append(index)
            for both, records in claims.items():
                there = free.get(both, [])
                if (sole and not len(records) == len(there) == 1) or (
                    equal and len(records) != len(there)
                ):
                    continue
                for index, at in zip(records, there, strict=False):
                    self._put(index, at, rule)

    def _kinds(self) -> list[tuple[_Kind, _Kind]]:
        """Compatible qa_types: equal ones first, then names without suffix with any."""
        kinds: list[tuple[_Kind, _Kind]] = [(str, str)]
        if self._open_tasks:
            kinds += [(_task, _open_task), (_open_task, _task)]
        return kinds

    def _may_stand(self, index: int, at: int) -> bool:
        place, clip = self._places[at], self.clips[index]
        return fits(self._records[index].qa_type, place.qa_type) and clip in (None, place.id)

    def _put(self, index: int, at: int, rule: str) -> None:
        if self.at[index] is None and not self._taken[at]:
            self.at[index], self.rules[index] = at, rule
            self._taken[at] = True

    def _grouped(self, what: Sequence[Place | Prediction]) -> dict[str, list[int]]:
        groups: dict[str, list[int]] = {}
        for index, one in enumerate(what):
            task = _task(one.qa_type)
            groups.setdefault(task if task in self._open_tasks else one.qa_type, []).append(index)
        return groups


def fits(qa_type: str, other: str) -> bool:
    """Whether a record of one qa_type may answer a question of the other."""
    if qa_type == other:
        return True
    return bool(OPEN_NAMES & {qa_type, other}) and _task(qa_type) == _task(other)


def _task(qa_type: str) -> str:
    return task_of(qa_type) or qa_type


def _open_task(qa_type: str) -> str | None:
    return _task(qa_type) if qa_type in OPEN_NAMES else None


def _words(question: str | None) -> str:
    """A question normalised for comparison: without the video token, whitespace and case."""
    if not question:
        return ""
    return " ".join(question.replace("<video>", " ").replace("<image>", " ").split()).casefold()


def _videos(one: Place | Prediction) -> str:
    """The video of a question or record, from the first name that has it."""
    for name in (one.id, *one.names):
        video = video_of(name)
        if video != name:
            return video
    return one.id


def _clips(places: Sequence[Place], records: Sequence[Prediction]) -> list[str | None]:
    """The test set's id of each record's clip: as written, else by another name of the clip."""
    ids = {place.id for place in places}
    if all(record.id in ids for record in records):
        return [record.id for record in records]
    told: dict[tuple[str, str, str], set[str]] = {}
    for place in places:
        for name in (place.id, *place.names):
            clip = clip_of(name)
            if clip is not None:
                told.setdefault(clip, set()).add(place.id)
    found: list[str | None] = []
    for record in records:
        known = record.id if record.id in ids else None
        for name in (record.id, *record.names) if known is None else ():
            among = {name} & ids or told.get(clip_of(name) or ("", "", ""), set())
            if len(among) == 1:
                (known,) = among
                break
        found.append(known)
    return found
