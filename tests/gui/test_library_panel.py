"""The library beside the form: what it shows, and what the pointer, the keys and the menus do with workflows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from comfydesk.base.errors import Problem
from comfydesk.gui.context import Context
from comfydesk.gui.drops import OWN_DRAG, Drop
from comfydesk.gui.library.delegate import star_at
from comfydesk.gui.library.filter_popup import HOST
from comfydesk.gui.library.panel import FOLDED_WIDTH, LibraryPanel
from comfydesk.gui.library.sections import Filter, Heading, Sort, Which
from comfydesk.library.model import LibraryChanged
from tests.gui.stand_in import StandInEngine, starters
from tests.gui.stand_in_library import NOON, entry

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> Iterator[LibraryPanel]:
    stand_in.entries = [
        *starters(),
        entry("fox", favourite=True, tags=("animals",), results=3, opened_at=NOON),
        entry("owl", tags=("animals", "night")),
        entry("video/wan", node_count=58),
        entry("video/broken", problem="broken.json is not valid JSON: it ends too early.", kind="", node_count=0),
    ]
    stand_in.extra_folders = ["empty", "video"]
    made = LibraryPanel(context)
    qtbot.addWidget(made)
    made.resize(248, 760)
    made.show()
    made.attach(stand_in)
    qtbot.waitUntil(lambda: made.model.row_of("fox") >= 0)
    yield made
    made.detach()


def shown(panel: LibraryPanel) -> list[str]:
    return [f"[{row.text}]" if isinstance(row, Heading) else row.name for row in panel.model.rows]


def rect_of(panel: LibraryPanel, name: str) -> Any:
    return panel.view.visualRect(panel.model.index(panel.model.row_of(name)))


def click(qtbot: QtBot, panel: LibraryPanel, name: str, keys: Any = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.mouseClick(panel.view.viewport(), LEFT, keys, rect_of(panel, name).center())


def words(made: QMenu) -> list[str]:
    return [action.text() for action in made.actions() if not action.isSeparator()]


def action(made: QMenu, text: str) -> QAction:
    return next(item for item in made.actions() if item.text() == text)


def test_until_the_library_was_read_nobody_says_that_it_is_empty(
    qtbot: QtBot, context: Context, stand_in: StandInEngine
) -> None:
    made = LibraryPanel(context)
    qtbot.addWidget(made)
    made.show()
    made.attach(stand_in)
    made.set_folded(False)
    assert made.states.pages.currentWidget() is made.states.loading
    qtbot.waitUntil(lambda: made.states.pages.currentWidget() is made.view)
    made.detach()


def test_workflows_stand_under_their_folders_with_their_facts(panel: LibraryPanel) -> None:
    assert shown(panel) == [
        *("[Mine]", "fox", "owl", "[empty]", "[video]", "video/broken", "video/wan"),
        *("[Starters]", "sdxl", "flux-schnell"),
    ]
    broken = panel.model.index(panel.model.row_of("video/broken"))
    assert "ends too early" in broken.data(Qt.ItemDataRole.ToolTipRole)
    assert broken.data(Qt.ItemDataRole.AccessibleTextRole) == "Broken, Cannot be read"
    fox = panel.model.index(panel.model.row_of("fox"))
    assert fox.data(Qt.ItemDataRole.AccessibleTextRole) == "Fox, 7 nodes · 3 results, favourite"
    assert not panel.grab().toImage().isNull()


def test_a_click_opens_and_ctrl_or_shift_only_select(qtbot: QtBot, panel: LibraryPanel) -> None:
    opened: list[str] = []
    panel.workflow_chosen.connect(opened.append)
    click(qtbot, panel, "fox")
    assert opened == ["fox"]
    click(qtbot, panel, "owl", Qt.KeyboardModifier.ControlModifier)
    click(qtbot, panel, "video/wan", Qt.KeyboardModifier.ShiftModifier)
    assert opened == ["fox"] and len(panel.view.selected()) > 1
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert opened == ["fox", "video/wan"]


def test_the_star_is_pressed_without_opening(qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine) -> None:
    opened: list[str] = []
    panel.workflow_chosen.connect(opened.append)
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=star_at(rect_of(panel, "owl")).center())
    qtbot.waitUntil(lambda: stand_in.asked_for("set_favourite") == [("owl", True)])
    assert opened == []
    panel.set_filter(Filter(Which.FAVOURITES))
    qtbot.waitUntil(lambda: shown(panel) == ["[Favourites]", "fox", "owl"])


def test_f2_renames_in_place_and_the_open_workflow_stays_open_under_its_new_name(
    qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine
) -> None:
    opened: list[str] = []
    panel.workflow_chosen.connect(opened.append)
    panel.choose("fox")
    panel.view.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_F2)
    line = panel.view.viewport().findChild(QLineEdit)
    assert line.text() == "Fox" and line.selectedText() == "Fox"
    stand_in.announce(LibraryChanged())  # what is typed outlives news
    qtbot.wait(120)
    qtbot.keyClicks(line, "Red fox")
    with qtbot.waitSignal(panel.workflow_renamed) as renamed:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert stand_in.asked_for("rename_workflow") == [("fox", "Red fox")]
    assert renamed.args == ["fox", "Red fox"] and opened == ["Red fox"]
    panel.choose("Red fox")
    qtbot.waitUntil(lambda: [e.name for e in panel.view.selected()] == ["Red fox"])


def test_a_starter_is_neither_renamed_nor_moved_nor_removed(
    qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine
) -> None:
    panel.view.select(["sdxl"])
    qtbot.keyClick(panel.view, Qt.Key.Key_F2)
    assert panel.view.viewport().findChild(QLineEdit) is None
    with qtbot.waitSignal(panel.toast_requested) as said:
        qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert said.args[0] == "SDXL came with ComfyDesk and stays."
    made = panel.menus.of(panel.view.selected())
    assert not action(made, "Rename").isEnabled() and not action(made, "Move to the trash").isEnabled()
    made.deleteLater()
    assert stand_in.asked_for("remove_workflows") == []


def test_what_goes_to_the_trash_comes_back_by_undo(qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine) -> None:
    panel.view.select(["fox", "owl"])
    with qtbot.waitSignal(panel.toast_requested) as said:
        qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert said.args[:2] == ["Moved 2 workflows to the trash; results stay", "Undo"]
    qtbot.waitUntil(lambda: panel.model.row_of("fox") < 0)
    said.args[2]()
    qtbot.waitUntil(lambda: panel.model.row_of("fox") >= 0)


def test_a_search_asks_the_engine_for_the_newest_words_only_and_enter_opens_the_first(
    qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine
) -> None:
    opened: list[str] = []
    panel.workflow_chosen.connect(opened.append)
    stand_in.asked.clear()
    qtbot.keyClicks(panel.search, "night")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(panel) == ["[Found]", "owl"])
    assert opened == ["owl"]
    assert stand_in.asked_for("workflows")[-1][0] == "night" and len(stand_in.asked_for("workflows")) <= 2
    panel.search.setText("zzz")
    qtbot.waitUntil(lambda: panel.states.pages.currentWidget() is panel.states.nothing)
    assert panel.states.nothing.title.text() == "Nothing found"
    qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    assert panel.search.text() == "" and panel.model.row_of("sdxl") >= 0


def test_down_leads_from_the_search_into_the_list(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.activateWindow()
    panel.search.setFocus()
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    assert panel.view.hasFocus() and panel.view.current() is not None


def test_the_filter_offers_folders_as_a_tree_tags_and_the_host(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.choose_filter()
    popup = panel._popup
    assert popup is not None
    assert popup.choices() == [
        *(Filter(Which.ALL), Filter(Which.FAVOURITES), Filter(Which.RECENT)),
        *(Filter(Which.FOLDER, "empty"), Filter(Which.FOLDER, "video")),
        *(Filter(Which.TAG, "animals"), Filter(Which.TAG, "night"), HOST),
    ]
    for _ in range(5):
        qtbot.keyClick(popup.tree, Qt.Key.Key_Down)
    qtbot.keyClick(popup.tree, Qt.Key.Key_Return)
    assert panel._popup is None and panel.shown == Filter(Which.TAG, "animals")
    assert shown(panel) == ["[animals]", "fox", "owl"]
    assert panel.head.filter.accessibleName() == "Shown: animals"


def test_an_empty_folder_and_no_favourites_say_how_to_fill_them(
    qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine
) -> None:
    panel.set_filter(Filter(Which.FOLDER, "empty"))
    assert panel.states.nothing.title.text() == "This folder is empty"
    stand_in.entries = starters()
    panel.set_filter(Filter(Which.FAVOURITES))
    panel.reload()
    qtbot.waitUntil(lambda: panel.states.nothing.title.text() == "No favourites yet")
    panel.show_all()
    assert panel.states.invitation.isVisible(), "only what came with ComfyDesk: drop your own"
    stand_in.entries = []
    stand_in.extra_folders = []
    panel.reload()
    qtbot.waitUntil(lambda: panel.states.pages.currentWidget() is panel.states.empty)


def test_loading_shows_shapes_and_says_so_when_it_takes_long(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.detach()
    assert panel.states.pages.currentWidget() is panel.states.loading
    panel.states._say_slow()
    assert panel.states._busy.isVisible()


def test_the_order_is_kept_and_folded_headings_too(qtbot: QtBot, panel: LibraryPanel, context: Context) -> None:
    panel.set_sort(Sort.OPENED)
    assert shown(panel)[1] == "fox"
    panel.set_sort(Sort.NAME)
    heading = panel.view.visualRect(panel.model.index(0))
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=heading.center())
    assert shown(panel)[:2] == ["[Mine]", "[empty]"]
    again = LibraryPanel(context)
    qtbot.addWidget(again)
    assert again.sort is Sort.NAME and again._folded_sections() == {"folder:"}


def test_several_are_moved_tagged_and_starred_at_once(
    qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine
) -> None:
    panel.view.select(["fox", "owl", "video/wan"])
    made = panel.menus.of(panel.view.selected())
    assert words(made) == ["Add to favourites", "Tags…", "Move to folder", "Move 3 workflows to the trash"]
    action(made, "Add to favourites").trigger()
    qtbot.waitUntil(lambda: stand_in.asked_for("set_favourite") == [("owl", True), ("video/wan", True)])
    inner = action(made, "Move to folder").menu()
    assert words(inner) == ["None", "empty", "video", "New folder…"]
    with qtbot.waitSignal(panel.toast_requested) as said:
        action(inner, "empty").trigger()
    assert said.args[0] == "Moved 3 workflows to “empty”"
    assert stand_in.asked_for("move_workflows") == [(["fox", "owl", "video/wan"], "empty")]
    made.deleteLater()


def test_one_has_a_whole_menu_by_pointer_and_by_key(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.view.select(["fox"])
    made = panel.menus.of(panel.view.selected())
    assert words(made) == [
        *("Open", "Open in a new tab", "Open in ComfyUI", "Remove from favourites", "Tags…", "Rename", "Duplicate"),
        "Move to folder",
        *("Versions…", "Show in the file manager", "Copy as JSON", "Save to the host", "Move to the trash"),
    ]
    made.deleteLater()
    panel.view.menu_requested.emit(panel.model.row_of("fox"), QPoint(10, 10))
    popup = next(menu for menu in panel.findChildren(QMenu) if menu.isVisible())
    popup.close()
    panel.view.menu_requested.emit(-1, QPoint(10, 10))
    assert next(menu for menu in panel.findChildren(QMenu) if menu.isVisible()).actions()[0].text() == "Files…"
    for menu in panel.findChildren(QMenu):
        menu.close()


def test_a_copy_is_named_at_once(qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine) -> None:
    panel.view.select(["fox"])
    qtbot.keyClick(panel.view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.view.viewport().findChild(QLineEdit) is not None)
    assert [e.name for e in panel.view.selected()] == ["fox 2"]


def drop(panel: LibraryPanel, name: str, data: QMimeData) -> None:
    place = QPointF(rect_of(panel, name).center())
    none = Qt.KeyboardModifier.NoModifier
    panel.view.dropEvent(QDropEvent(place, Qt.DropAction.CopyAction, data, LEFT, none))


def test_workflows_are_dragged_into_folders(qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine) -> None:
    data = panel.model.mime_of([e for e in panel.model.entries if e.name in ("fox", "sdxl", "video/wan")])
    assert data.hasFormat(OWN_DRAG) and len(data.urls()) == 3
    drop(panel, "video/broken", data)
    qtbot.waitUntil(lambda: stand_in.asked_for("move_workflows") == [(["fox"], "video")])


def test_what_is_dropped_on_a_folder_goes_into_it(qtbot: QtBot, panel: LibraryPanel) -> None:
    brought: list[Drop] = []
    panel.files_dropped.connect(brought.append)
    data = QMimeData()
    data.setUrls([QUrl("https://example.com/fox.png")])
    drop(panel, "video/wan", data)
    data.setUrls([QUrl.fromLocalFile("/f/fox.png")])
    drop(panel, "sdxl", data)
    assert brought == [Drop(url="https://example.com/fox.png", folder="video"), Drop(files=("/f/fox.png",))]
    panel.set_filter(Filter(Which.FOLDER, "video"))
    QGuiApplication.clipboard().setText('{"3": {}}')
    panel.incoming.paste()
    assert brought[-1].folder == "video" and brought[-1].text == '{"3": {}}'
    QGuiApplication.clipboard().setText("just words")
    with qtbot.waitSignal(panel.toast_requested) as said:
        panel.incoming.paste()
    assert "holds no workflow" in said.args[0]


def test_a_folder_is_made_renamed_and_removed(qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine) -> None:
    heading = next(row for row in panel.model.rows if isinstance(row, Heading) and row.folder == "empty")
    made = panel.menus.of_folder(heading)
    assert made is not None and words(made) == ["New folder…", "Rename folder…", "Remove folder"]
    with qtbot.waitSignal(panel.toast_requested) as said:
        action(made, "Remove folder").trigger()
    assert said.args[1] == "Undo" and stand_in.asked_for("remove_folder") == [("empty",)]
    made.deleteLater()
    panel.dialogs.new_folder(None, "video")
    dialog = panel.dialogs.open_one
    dialog.line.setText("..")
    dialog.button.click()
    assert dialog.problem.isVisible()
    dialog.line.setText("clips")
    dialog.button.click()
    qtbot.waitUntil(lambda: stand_in.asked_for("make_folder") == [("video/clips",)])
    panel.dialogs.rename_folder("video")
    panel.dialogs.open_one.line.setText("films")
    panel.dialogs.open_one.button.click()
    qtbot.waitUntil(lambda: stand_in.asked_for("rename_folder") == [("video", "films")])


def test_a_narrow_column_shows_pictures_and_unfolds_by_hand(qtbot: QtBot, panel: LibraryPanel) -> None:
    panel.set_folded(True)
    assert not panel.search.isVisible() and not panel.head.filter.isVisible()
    qtbot.mouseClick(panel.head.fold, LEFT)
    assert not panel.is_folded and panel.search.isVisible() and panel.minimumWidth() == 248
    qtbot.mouseClick(panel.head.fold, LEFT)
    assert panel.is_folded and panel.maximumWidth() == FOLDED_WIDTH


def test_the_host_gets_a_copy_and_is_asked_before_it_loses_one(
    qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fox = next(e for e in panel.model.entries if e.name == "fox")
    with qtbot.waitSignal(panel.toast_requested) as said:
        panel.commands.save_to_host(fox)
    assert said.args[0] == "Saved “Fox” on gpu-box."
    opened: list[str] = []
    from comfydesk.gui.library import commands

    monkeypatch.setattr(commands.QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    panel.commands.values_of = lambda name: {"3.seed": 7} if name == "fox" else None
    with qtbot.waitSignal(panel.toast_requested) as said:
        panel.commands.open_in_comfyui(fox)
    assert opened == ["http://gpu-box:8188/"] and "press W" in said.args[0]
    assert stand_in.asked_for("open_in_comfyui") == [("fox", {"3.seed": 7}, "gpu-box")]
    stand_in.host = None
    with qtbot.waitSignal(panel.toast_requested) as said:
        panel.commands.save_to_host(fox)
    assert "No host is chosen" in said.args[0]


def test_a_refused_name_is_told_and_the_title_stays(
    qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine, context: Context
) -> None:
    stand_in.problems["rename_workflow"] = Problem("name_taken", name="owl")
    with qtbot.waitSignal(context.bridge.failed) as failed:
        panel.commands.rename(next(e for e in panel.model.entries if e.name == "fox"), "owl")
    assert failed.args[0].code == "name_taken" and panel.model.row_of("fox") >= 0


def test_five_thousand_workflows_are_listed_searched_and_scrolled_at_once(
    qtbot: QtBot, panel: LibraryPanel, stand_in: StandInEngine
) -> None:
    stand_in.entries = [entry(f"folder {n % 40}/workflow {n}", tags=("many",)) for n in range(5000)]
    panel.reload()
    qtbot.waitUntil(lambda: len(panel.model.entries) == 5000)
    took = []
    for which in (Filter(Which.TAG, "many"), Filter(), Filter(Which.TAG, "many"), Filter()):
        before = time.thread_time()
        panel.set_filter(which)
        panel.view.grab()
        took.append(time.thread_time() - before)
    assert min(took) < 0.1, took
    bar = panel.view.verticalScrollBar()
    before = time.thread_time()
    for step in range(20):
        bar.setValue(bar.maximum() * step // 20)
        panel.view.viewport().repaint()
    assert (time.thread_time() - before) / 20 < 0.033
