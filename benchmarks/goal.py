"""A measured figure with the goal it must meet."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`seen` and `most` have the same unit; the goal is met while `seen <= most`. `details`: what it was made from."""

    name: str
    what: str
    seen: float
    most: float
    unit: str
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return self.seen <= self.most

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def table(figures: list[Figure]) -> str:
    """Goal, seen and verdict in aligned columns, the details below each line."""
    rows = [("figure", "goal", "seen", "")]
    for figure in figures:
        goal, seen = f"≤ {figure.most:g} {figure.unit}", f"{figure.seen:.2f} {figure.unit}"
        rows.append((figure.what, goal, seen, "met" if figure.met else "MISSED"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for index, figure in reversed(list(enumerate(figures))):
        details = " · ".join(f"{name} {value}" for name, value in figure.details.items())
        lines.insert(index + 2, f"    {details}")
    return "\n".join(lines)
