"""Seeds: what Random draws, and the seeds of the runs of one press."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from comfydesk.form.fields import Field, Form, Kind, Role, SeedMode

DRAWN_BELOW = 2**50  # the limit of ComfyUI's own page, whose numbers lose digits above 2^53
SEEDS = 2**64


class Rng(Protocol):
    """What draws: the `secrets` module, or `random.Random` through an adapter in tests."""

    def randbelow(self, exclusive_upper_bound: int, /) -> int: ...


def draw(rng: Rng = secrets, *, low: int = 0, high: int = SEEDS - 1) -> int:
    """A fresh seed, 0 to 2^50−1, less where the node takes less (`low`, `high` inclusive)."""
    low = max(0, low)
    return low + rng.randbelow(max(1, min(DRAWN_BELOW, high - low + 1)))


def plan(start: int, mode: SeedMode, count: int, *, low: int = 0, high: int = SEEDS - 1) -> list[int]:
    """The seeds of `count` runs that begin with `start`.

    Random and increment add 1 a run, decrement takes 1, fixed stays. Wraps around at the ends of the node's range (0 to
    2^64−1 in stock samplers).
    """
    step = {SeedMode.FIXED: 0, SeedMode.DECREMENT: -1}.get(mode, 1)
    span = high - low + 1
    if span <= 0 or not low <= start <= high:
        return [(start + step * number) % SEEDS for number in range(count)]
    return [low + (start - low + step * number) % span for number in range(count)]


def seed_fields(form: Form) -> list[Field]:
    """The seeds of a form, the most important first."""
    return [item for item in form.fields if item.kind is Kind.SEED]


def primary(form: Form) -> tuple[str, ...]:
    """The keys of the seed that `--seed` means: the first stage's, with those linked to it. () where there is none."""
    first = next((item for item in form.fields if item.role is Role.SEED and item.kind is Kind.SEED), None)
    if first is None:
        first = next(iter(seed_fields(form)), None)
    if first is None:
        return ()
    linked = [item.key for item in seed_fields(form) if first.seed_group and item.seed_group == first.seed_group]
    return tuple(linked) or (first.key,)


def groups(form: Form, values: Mapping[str, Any], modes: Mapping[str, SeedMode]) -> list[tuple[SeedMode, list[Field]]]:
    """Seeds that move together, with their mode: linked in the file, still equal in `values`, and of one mode.

    A linked seed without a mode of its own has that of the first of its group.
    """
    found: dict[tuple[str, str, SeedMode], list[Field]] = {}
    for item in seed_fields(form):
        own = item.seed_mode or SeedMode.RANDOM
        mode = SeedMode(modes.get(item.key, modes.get(item.seed_group, own)))
        value = str(values.get(item.key, item.value))
        found.setdefault((item.seed_group or item.key, value, mode), []).append(item)
    return [(key[2], fields) for key, fields in found.items()]


def bounds(fields: Iterable[Field]) -> tuple[int, int]:
    """The range that all of these seeds take."""
    low, high = 0, SEEDS - 1
    for item in fields:
        low = max(low, int(item.min)) if item.min is not None else low
        high = min(high, int(item.max)) if item.max is not None else high
    return low, max(low, high)
