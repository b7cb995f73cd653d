"""One text of all that a prompt may become, drawn with a seed: the same seed draws the same, on any computer."""

from __future__ import annotations

import hashlib
import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence

from comfydesk.base.errors import Problem
from comfydesk.form.prompt_text.reading import ONE, Choice, Option, Parts, Wildcard, read
from comfydesk.form.prompt_text.wildcards import NO_FILES, Entries, Files
from comfydesk.workflow.conversion.texts import MAX_NESTING

MAX_ADDED = 200_000  # letters that choices and wildcards may add to a prompt
MAX_STEPS = 50_000  # choices that wildcards may add to it
MAX_LEVEL = 50  # choices and wildcards inside each other, all files together
_ESCAPED = re.compile(r"\\([{}|])")


class Dice:
    """Numbers that only depend on the seed and on how many were drawn before.

    Not `random`: what its methods do with a seed may change with Python's version.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn = 0

    def below(self, end: int) -> int:
        """A number from 0 up to, not including, `end`."""
        digest = hashlib.sha256(f"ComfyDesk prompt {self._seed} {self._drawn}".encode()).digest()
        self._drawn += 1
        return int.from_bytes(digest, "big") * end >> 256


def expand(text: str, seed: int, files: Files = NO_FILES, *, page: bool = True) -> str:
    """The text that is sent for a seed. `page`: see `reading.read`.

    Names of wildcards that there are no files for stay as they are written, and so does a wildcard inside itself.
    Raises Problem prompt_expands for a text that opens out to more than can be sent.
    """
    parts = read(text, page)
    if not page and all(isinstance(part, str) for part in parts):
        return text  # nothing is drawn: no letter of it is touched
    return _Drawing(Dice(seed), files, len(text)).text_of(parts, 0, ())


class _Drawing:
    def __init__(self, dice: Dice, files: Files, written: int) -> None:
        self._dice = dice
        self._files = files
        self._letters = MAX_ADDED + written
        self._steps = MAX_STEPS + written

    def text_of(self, parts: Parts, depth: int, inside: tuple[str, ...], level: int = 0) -> str:
        """`depth` of braces in this text, `inside` the wildcards around it, `level` both together in all texts."""
        made: list[str] = []
        for part in parts:
            if isinstance(part, str):
                self._spend(len(part), 0)
                made.append(part)
            elif isinstance(part, Wildcard):
                made.append(self._wildcard(part, inside, level))
            else:
                made.append(self._choice(part, depth, inside, level))
        text = "".join(made)
        return _ESCAPED.sub(r"\1", text) if depth <= MAX_NESTING and "\\" in text else text

    def _choice(self, choice: Choice, depth: int, inside: tuple[str, ...], level: int) -> str:
        self._spend(0, 1)
        lone = choice.lone_wildcard
        entries = self._entries(lone, inside, level) if lone is not None else None
        if lone is not None and entries is not None:
            places = self._picks(entries.weights, self._how_many(choice, len(entries.texts)))
            name = (*inside, lone.name)
            return choice.joiner.join(self._entry(entries.texts[place], name, level) for place in places)
        weights = [option.weight for option in choice.options]
        weights = weights if any(weights) else [ONE] * len(weights)
        wanted = self._how_many(choice, sum(map(bool, weights))) if choice.counted else 1
        drawn = [self._option(choice.options[at], depth, inside, level) for at in self._picks(weights, wanted)]
        return choice.joiner.join(drawn)

    def _option(self, option: Option, depth: int, inside: tuple[str, ...], level: int) -> str:
        return self.text_of(option.parts, depth + 1, inside, level + 1)

    def _wildcard(self, wildcard: Wildcard, inside: tuple[str, ...], level: int) -> str:
        self._spend(0, 1)
        entries = self._entries(wildcard, inside, level)
        if entries is None:
            return wildcard.written
        return self._entry(entries.at(self._dice.below(entries.total)), (*inside, wildcard.name), level)

    def _entries(self, wildcard: Wildcard, inside: tuple[str, ...], level: int) -> Entries | None:
        if wildcard.name in inside or level >= MAX_LEVEL:
            return None
        entries = self._files.entries(wildcard.name)
        return entries if entries is not None and entries.texts else None

    def _entry(self, text: str, inside: tuple[str, ...], level: int) -> str:
        return self.text_of(read(text, False), 0, inside, level + 1)

    def _how_many(self, choice: Choice, there: int) -> int:
        low, high = min(choice.low, there), min(choice.high, there)
        return low + self._dice.below(high - low + 1) if high > low else low

    def _picks(self, weights: Sequence[int], wanted: int) -> list[int]:
        """Places, each at most once, in the order in which they are drawn."""
        left, total = list(weights), sum(weights)
        picked: list[int] = []
        while len(picked) < wanted and total:
            place = bisect_right(list(itertools.accumulate(left)), self._dice.below(total))
            self._spend(0, 1)
            picked.append(place)
            total -= left[place]
            left[place] = 0
        return picked

    def _spend(self, letters: int, steps: int) -> None:
        self._letters -= letters
        self._steps -= steps
        if self._letters < 0 or self._steps < 0:
            raise Problem("prompt_expands", letters=f"{MAX_ADDED:,}")
