"""Ranges: what a number may be, and the smaller range that a slider offers because people use that part.

A slider over KSampler's own steps (1–10,000) or cfg (0–100) is useless; typing may leave the soft range.
"""

from __future__ import annotations

from dataclasses import dataclass

from comfydesk.form.fields import Field, Kind, Role

SEED_MAX = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Soft:
    """A slider's range; `step` only where the spec's own is too fine to be of use."""

    low: float | int
    high: float | int
    step: float | int | None = None


BY_ROLE: dict[Role, Soft] = {
    Role.STEPS: Soft(1, 60),
    Role.CFG: Soft(1.0, 15.0, 0.1),
    Role.GUIDANCE: Soft(0.0, 15.0, 0.1),
    Role.DENOISE: Soft(0.0, 1.0, 0.01),
    Role.WIDTH: Soft(256, 2048, 64),
    Role.HEIGHT: Soft(256, 2048, 64),
    Role.BATCH_SIZE: Soft(1, 16),
    Role.LENGTH: Soft(1, 161),
}

BY_NAME: tuple[tuple[str, Soft], ...] = (
    ("strength", Soft(-2.0, 2.0, 0.05)),
    ("shift", Soft(0.0, 16.0, 0.1)),
    ("megapixels", Soft(0.1, 4.0, 0.05)),
    ("fps", Soft(1, 60)),
    ("frame_rate", Soft(1, 60)),
)

WIDEST = 1_000  # steps over which a slider cannot be aimed; 388 of 627 stock INT inputs span more


def soft_range(field: Field) -> tuple[float | int | None, float | int | None]:
    """The slider's range of a numeric field, (None, None) where a slider makes no sense.

    Always within the field's own range, and wide enough for the value in the file.
    """
    if field.kind not in (Kind.INT, Kind.FLOAT) or isinstance(field.value, bool):
        return None, None
    soft = _soft(field)
    if soft is None:
        return _own_range(field)
    low, high = soft.low, soft.high
    if field.role is Role.CFG and field.min is not None and field.min > low:
        low = field.min
    low = low if field.min is None else max(low, field.min)
    high = high if field.max is None else min(high, field.max)
    if isinstance(field.value, int | float) and field.value == field.value:
        low, high = min(low, field.value), max(high, field.value)
    if field.kind is Kind.FLOAT:
        low, high = float(low), float(high)
    return (low, high) if low < high else (None, None)


def soft_step(field: Field) -> float | int | None:
    """The step of spin box and slider: the spec's, or the role's where that is coarser."""
    soft = _soft(field) if field.kind in (Kind.INT, Kind.FLOAT) else None
    if soft is None or soft.step is None:
        return field.step
    if field.step is None:
        return soft.step
    return max(field.step, soft.step) if field.role in (Role.WIDTH, Role.HEIGHT) else field.step


def _soft(field: Field) -> Soft | None:
    if field.role in BY_ROLE:
        return BY_ROLE[field.role]
    name = field.input_name.rsplit(".", 1)[-1].lower()
    return next((soft for part, soft in BY_NAME if part in name), None)


def _own_range(field: Field) -> tuple[float | int | None, float | int | None]:
    if field.min is None or field.max is None or not field.min < field.max:
        return None, None
    step = field.step or (1 if field.kind is Kind.INT else 0.01)
    if field.display != "slider" and (field.max - field.min) / step > WIDEST:
        return None, None
    return field.min, field.max
