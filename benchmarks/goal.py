"""A measured figure, with the goal it must meet if it has one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`seen` and `most` have one unit; the goal is met while `seen <= most`. `details`: what it was made from."""

    name: str
    what: str
    seen: float
    unit: str
    most: float | None = None  # None: a figure to know, without a goal
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return self.most is None or self.seen <= self.most

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def table(figures: list[Figure]) -> str:
    """Goal, seen and verdict in aligned columns, the details below each line."""
    rows = [("figure", "goal", "seen", "")]
    for figure in figures:
        goal = "" if figure.most is None else f"≤ {figure.most:g} {figure.unit}"
        verdict = "" if figure.most is None else "met" if figure.met else "MISSED"
        rows.append((figure.what, goal, f"{figure.seen:.2f} {figure.unit}", verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for index, figure in reversed(list(enumerate(figures))):
        details = " · ".join(f"{name} {value}" for name, value in figure.details.items())
        if details:
            lines.insert(index + 2, f"    {details}")
    return "\n".join(lines)
