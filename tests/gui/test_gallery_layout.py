"""Where tiles stand: every row has one place, and every place one row."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from comfydesk.gui.gallery.layout import GridLayout, Section
from comfydesk.gui.gallery.sections import Sections
from comfydesk.gui.gallery.words import files_text, size_text, value_text

titles = st.lists(st.sampled_from("abc"), min_size=1, max_size=60)


def runs_of(names: list[str]) -> list[tuple[str, int]]:
    return [(title, len(list(rows))) for title, rows in groupby(names)]


def layout_of(names: list[str], width: int, wish: int = 100) -> GridLayout:
    return GridLayout(Sections(runs_of(names)).as_list(), width, wish)


def test_headings_follow_rows_that_come_and_go() -> None:
    sections = Sections([("a", 2), ("b", 1), ("a", 1)])
    assert sections.as_list() == [Section("a", 0, 2), Section("b", 2, 1), Section("a", 3, 1)]
    sections.put_first("a")
    sections.put_first("c")
    assert sections.as_list()[:2] == [Section("c", 0, 1), Section("a", 1, 3)]
    sections.cut(4, 1)
    assert sections.as_list() == [Section("c", 0, 1), Section("a", 1, 4)], "neighbours with one title are one"
    sections.cut(0, 5)
    assert sections.as_list() == [] and sections.total == 0


@given(titles, st.data())
def test_cutting_rows_is_as_if_they_had_never_been(names: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(names) - 1))
    count = data.draw(st.integers(1, len(names) - first))
    sections = Sections(runs_of(names))
    sections.cut(first, count)
    left = names[:first] + names[first + count :]
    assert sections.as_list() == Sections(runs_of(left)).as_list()
    assert sections.titles(0, len(left)) == left


@given(titles, st.integers(1, 1500))
def test_a_point_inside_a_tile_finds_its_row(names: list[str], width: int) -> None:
    layout = layout_of(names, width)
    for row in range(len(names)):
        box = layout.tile_box(row)
        assert layout.row_at(box.x + box.width // 2, box.y + box.height // 2) == row
        assert box.y + box.height <= layout.height


@given(titles, st.integers(200, 1500), st.integers(0, 3000), st.integers(1, 900))
def test_exactly_the_rows_that_touch_a_range_are_painted(names: list[str], width: int, top: int, height: int) -> None:
    layout = layout_of(names, width)
    painted = [row for rows in layout.rows_between(top, top + height) for row in rows]
    touching = []
    for row in range(len(names)):
        box = layout.tile_box(row)
        if box.y < top + height and box.y + box.height > top:
            touching.append(row)
    assert set(touching) <= set(painted)
    assert len(painted) == len(set(painted))
    assert len(painted) <= len(touching) + 2 * layout.columns * (1 + len(layout.sections))


@given(titles, st.integers(200, 1500), st.data())
def test_arrow_keys_stay_inside_and_down_then_up_never_skips_a_section(
    names: list[str], width: int, data: st.DataObject
) -> None:
    layout = layout_of(names, width)
    row = data.draw(st.integers(0, len(names) - 1))
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        reached = layout.neighbour(row, dx, dy, len(names))
        assert 0 <= reached < len(names)
        if dy > 0:
            assert reached >= row
        if dy < 0:
            assert reached <= row


def test_tiles_do_not_overlap_headings() -> None:
    layout = layout_of(["a"] * 7 + ["b"] * 3, 420)
    for number, section in enumerate(layout.sections):
        heading = layout.heading_box(number, 420)
        assert layout.tile_box(section.first).y >= heading.y + heading.height
        if number:
            above = layout.tile_box(section.first - 1)
            assert above.y + above.height <= heading.y


def test_words() -> None:
    assert size_text(999) == "999 B"
    assert size_text(1_400_000) == "1.4 MB"
    assert (files_text(1), files_text(1204)) == ("1 file", "1,204 files")
    assert (value_text(7.0), value_text(0.55), value_text(True), value_text("x")) == ("7.0", "0.55", "yes", "x")
