"""Names that differ between hosts: the same name in another spelling, and the nearest names to a missing one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from comfydesk.form.fields import Field, Form, Issue, Kind

THRESHOLD = 0.3  # below it two names share nothing that a person would see
_PARTS = re.compile(r"[a-z]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ENDINGS = frozenset(
    "safetensors sft ckpt pt pth bin gguf onnx engine png jpg jpeg webp gif mp4 webm wav mp3 flac glb".split()  # noqa: SIM905
)
# Families of models: a file of the same family may well do the work of a missing one.
_FAMILIES = frozenset(
    ["xl", "sdxl", "pony", "illustrious", "flux", "schnell", "klein", "wan", "qwen", "ltx", "ltxv", "hunyuan", "chroma"]
)
# Words that say how a file is stored, not what it is.
_WEAK = frozenset(
    "fp bf e m fn scaled safetensors pruned emaonly ema only model v final comfyui diffusion it q k s f".split()  # noqa: SIM905
)


def same_name(a: Any, b: Any) -> bool:
    """Are these one name? `/` and `\\` are equal: a host on Windows lists with one, a host on Linux with the other."""
    if a == b and type(a) is type(b):
        return True
    return isinstance(a, str) and isinstance(b, str) and a.replace("\\", "/") == b.replace("\\", "/")


def own_spelling(value: Any, choices: Sequence[Any]) -> Any:
    """`value` as the host spells it; unchanged where the host does not have it."""
    if not isinstance(value, str) or value in choices or ("/" not in value and "\\" not in value):
        return value
    return next((choice for choice in choices if same_name(value, choice)), value)


class _Name(NamedTuple):
    leaf: str  # "sd_xl_base_1.0.safetensors", lower case
    stem: str  # letters and digits only: "sdxlbase10"
    words: frozenset[str]


@lru_cache(maxsize=16_384)
def _name(text: str) -> _Name:
    leaf = text.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    head, dot, tail = leaf.rpartition(".")
    bare = head if dot and tail.lower() in _ENDINGS else leaf
    words = _PARTS.findall(bare if bare.islower() else _CAMEL.sub(" ", bare).lower())
    stem = "".join(words)
    return _Name(leaf.lower(), stem, frozenset(words))


def nearest(name: Any, choices: Iterable[Any], n: int = 5, *, threshold: float = THRESHOLD) -> list[Any]:
    """Up to `n` choices that are near to `name`, best first: the same file in another folder, then by likeness.

    With `threshold` 0 there is always an answer where there is a choice.
    """
    if not isinstance(name, str):
        name = str(name)
    wanted = _name(name)
    pairs = tuple({"".join(pair) for pair in pairwise(wanted.stem)})
    scored = []
    for place, choice in enumerate(choices):
        if not isinstance(choice, str):
            if str(choice) == name:
                scored.append((-1.0, place, choice))
            continue
        score = _score(wanted, pairs, _name(choice))
        if score >= threshold:
            scored.append((-score, place, choice))
    scored.sort(key=lambda item: item[:2])
    return [choice for _, _, choice in scored[:n]]


def _score(a: _Name, pairs: tuple[str, ...], b: _Name) -> float:
    """How alike two names are, 0 to 3; `pairs` are the letter pairs of `a`.

    Whole equal names first, then one within the other, then shared parts.
    """
    if a.leaf == b.leaf:
        return 3.0
    if a.stem == b.stem and a.stem:
        return 2.5
    stem = b.stem
    # Two letters of one that occur in the other; exact sets of pairs would cost three times as much for 5,000 names.
    dice = 2 * sum([pair in stem for pair in pairs]) / (len(pairs) + len(stem) or 1)
    shared = a.words & b.words
    if shared:
        strong = sum(1.0 if word not in _WEAK else 0.2 for word in shared)
        all_of = sum(1.0 if word not in _WEAK else 0.2 for word in a.words)
        dice = dice * 0.5 + 0.5 * max(dice, strong / all_of)
    if _FAMILIES & _families(a) & _families(b):
        dice += 0.25
    short, long = (a.stem, b.stem) if len(a.stem) <= len(b.stem) else (b.stem, a.stem)
    if len(short) >= 4 and short in long:
        dice += 1.0 if long.startswith(short) else 0.7
    return dice


def _families(name: _Name) -> frozenset[str]:
    return name.words | {"xl"} if "sdxl" in name.words else name.words


def mend(form: Form, values: Mapping[str, Any], issues: Iterable[Issue], choice: Any = None) -> dict[str, Any]:
    """The values with each issue's first suggestion taken (or `choice`), everywhere where the same name is missing."""
    mended = dict(values)
    for issue in issues:
        field = form.get(issue.key)
        suggestion = choice if choice is not None else next(iter(issue.suggestions), None)
        if field is None or suggestion is None:
            continue
        missing = mended.get(field.key, field.value)
        if field.kind is not Kind.COMBO:
            mended[field.key] = suggestion
            continue
        if choice is None and own_spelling(missing, field.choices) in field.choices:
            continue  # mended already, by the same name elsewhere
        mended[field.key] = suggestion
        for other in form.fields:
            if _wants_too(other, mended, missing, suggestion):
                mended[other.key] = suggestion
    return mended


def _wants_too(field: Field, values: Mapping[str, Any], missing: Any, suggestion: Any) -> bool:
    if field.kind is not Kind.COMBO or not field.choices_known or suggestion not in field.choices:
        return False
    value = values.get(field.key, field.value)
    return same_name(value, missing) and own_spelling(value, field.choices) not in field.choices
