"""In which order and under which headings workflows are listed."""

from __future__ import annotations

import time

from comfydesk.gui.library.sections import Filter, Heading, Row, Sections, Sort, Which, within
from comfydesk.gui.library.words import section_words
from comfydesk.library.model import WorkflowEntry
from tests.gui.stand_in import starters
from tests.gui.stand_in_library import entry

NOW = time.mktime((2026, 3, 4, 15, 0, 0, 0, 0, -1))
HOUR, DAY = 3600.0, 86_400.0


def sections() -> Sections:
    return Sections(section_words(), lambda: NOW)


def said(rows: list[Row]) -> list[str]:
    """Headings in brackets, workflows by name."""
    return [f"[{row.text}]" if isinstance(row, Heading) else row.name for row in rows]


def everything() -> list[WorkflowEntry]:
    return [
        *starters(),
        entry("zebra", modified_at=NOW - HOUR, opened_at=NOW - 2 * DAY),
        entry("Apple", modified_at=NOW - 40 * DAY, favourite=True),
        entry("video/b/wan", modified_at=NOW - 3 * DAY, opened_at=NOW - HOUR, tags=("Clip",)),
        entry("video/ltx", modified_at=NOW - 2 * HOUR, favourite=True),
    ]


def test_by_name_each_folder_has_its_heading_and_starters_come_last() -> None:
    rows = sections().rows(everything(), Filter(), Sort.NAME, ["empty", "video", "video/b"])
    assert said(rows) == [
        *("[Mine]", "Apple", "zebra", "[empty]", "[video]", "video/ltx", "[video / b]", "video/b/wan"),
        *("[Starters]", "sdxl", "flux-schnell"),
    ]
    empty = next(row for row in rows if isinstance(row, Heading) and row.text == "empty")
    assert empty.folder == "empty" and not empty.can_fold


def test_a_folded_heading_hides_its_workflows() -> None:
    rows = sections().rows(everything(), Filter(), Sort.NAME, [], {"starters", "folder:video"})
    assert said(rows) == ["[Mine]", "Apple", "zebra", "[video]", "[video / b]", "video/b/wan", "[Starters]"]
    assert [row.is_folded for row in rows if isinstance(row, Heading)] == [False, True, False, True]


def test_the_newest_first_is_told_by_days() -> None:
    rows = sections().rows(everything(), Filter(), Sort.MODIFIED)
    assert said(rows)[:7] == ["[Today]", "zebra", "video/ltx", "[Last seven days]", "video/b/wan", "[Older]", "Apple"]
    opened = sections().rows(everything(), Filter(), Sort.OPENED)
    assert said(opened)[:4] == ["[Today]", "video/b/wan", "[Last seven days]", "zebra"]
    assert said(opened)[4] == "[Not opened yet]"


def test_a_filter_narrows_the_list() -> None:
    made = sections()
    assert said(made.rows(everything(), Filter(Which.FAVOURITES), Sort.NAME)) == ["[Favourites]", "Apple", "video/ltx"]
    assert said(made.rows(everything(), Filter(Which.TAG, "clip"), Sort.NAME)) == ["[clip]", "video/b/wan"]
    recent = ["[Today]", "video/b/wan", "[Last seven days]", "zebra"]
    assert said(made.rows(everything(), Filter(Which.RECENT), Sort.NAME)) == recent
    folder = ["[video]", "video/ltx", "[video / b]", "video/b/wan"]
    assert said(made.rows(everything(), Filter(Which.FOLDER, "video"), Sort.NAME, ["other", "video"])) == folder
    assert made.rows(everything(), Filter(Which.TAG, "nothing"), Sort.NAME) == []


def test_a_folder_holds_what_lies_below_it_without_regard_to_case() -> None:
    assert within("Video/b", "video") and within("video", "VIDEO") and within("a", "")
    assert not within("videos", "video") and not within("", "video")


def test_what_a_search_found_keeps_its_order() -> None:
    found = [entry("b"), entry("a")]
    assert said(sections().found(found)) == ["[Found]", "b", "a"]
    assert sections().found([]) == []
