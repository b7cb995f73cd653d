"""The grid is divided by day and workflow, in words."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from comfydesk.gallery.model import GalleryItem
from comfydesk.gallery.sections import runs, section_of

TODAY = date(2026, 3, 18)  # a Wednesday


def at(year: int, month: int, day: int, hour: int = 12) -> float:
    return datetime(year, month, day, hour).timestamp()


@pytest.mark.parametrize(
    ("made", "heading"),
    [
        (at(2026, 3, 18, 0), "Today · SDXL"),
        (at(2026, 3, 18, 23), "Today · SDXL"),
        (at(2026, 3, 17), "Yesterday · SDXL"),
        (at(2026, 3, 16), "Monday · SDXL"),
        (at(2026, 3, 12), "Thursday · SDXL"),
        (at(2026, 3, 11), "Wednesday 11 March · SDXL"),
        (at(2026, 1, 1), "Thursday 1 January · SDXL"),
        (at(2025, 12, 31), "31 December 2025 · SDXL"),
        (at(2026, 3, 19), "Thursday 19 March · SDXL"),
    ],
)
def test_the_heading_says_the_day(made: float, heading: str) -> None:
    assert section_of(GalleryItem(1, "p", "n", "picture", 1, made, "SDXL"), TODAY) == heading


def test_a_file_without_a_workflow_stands_under_its_day() -> None:
    assert section_of(GalleryItem(1, "p", "n", "picture", 1, at(2026, 3, 18), ""), TODAY) == "Today"


def test_a_grid_can_be_laid_out_before_it_has_rows() -> None:
    rows = [
        (at(2026, 3, 18), "SDXL"),
        (at(2026, 3, 18, 9), "SDXL"),
        (at(2026, 3, 18, 8), "Flux"),
        (at(2026, 3, 17), "Flux"),
    ]
    assert runs(rows, TODAY) == [("Today · SDXL", 2), ("Today · Flux", 1), ("Yesterday · Flux", 1)]
    assert runs([], TODAY) == []
