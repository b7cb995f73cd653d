"""The library's dialogs: tags, versions, a link, and what the host has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from comfydesk.base.errors import Problem
from comfydesk.gui.context import Context
from comfydesk.gui.drops import Drop
from comfydesk.gui.library.from_host import TEMPLATES, WORKFLOWS, HostDialog
from comfydesk.gui.library.panel import LibraryPanel
from comfydesk.gui.library.rows import RowsModel
from comfydesk.gui.library.tags import TagsDialog
from comfydesk.gui.library.versions import PREVIOUS, VersionsDialog
from comfydesk.library.compare import Difference
from comfydesk.library.model import Version
from comfydesk.server.templates import RemoteTemplate, Templates
from comfydesk.server.userdata import RemoteUser, RemoteWorkflow
from tests.gui.stand_in import StandInEngine
from tests.gui.stand_in_library import NOON, entry

ON, PART, OFF = Qt.CheckState.Checked, Qt.CheckState.PartiallyChecked, Qt.CheckState.Unchecked


@pytest.fixture
def desk(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    yield made
    for dialog in made.findChildren(TagsDialog) + made.findChildren(VersionsDialog) + made.findChildren(HostDialog):
        dialog.reject()


def rows(model: RowsModel) -> list[str]:
    return [row.title if row.item is not None else f"[{row.title}]" for row in model.rows]


# tags


def test_a_tag_that_only_some_have_is_ticked_in_part_and_stays_so(
    qtbot: QtBot, context: Context, desk: QWidget
) -> None:
    entries = [entry("fox", tags=("animals", "sdxl")), entry("owl", tags=("Animals",))]
    dialog = TagsDialog(context, desk, entries, [("animals", 2), ("sdxl", 1), ("video", 9)])
    dialog.open()
    assert {tag: box.checkState() for tag, box in dialog.boxes.items()} == {"animals": ON, "sdxl": PART, "video": OFF}
    qtbot.keyClicks(dialog.line, "vid")
    assert [tag for tag, box in dialog.boxes.items() if box.isVisible()] == ["video"]
    dialog.line.setText("new one")
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    dialog.boxes["animals"].click()
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    assert chosen.args == [["new one"], ["animals"]]


def test_tags_are_put_on_each_workflow_beside_those_it_keeps(
    qtbot: QtBot, context: Context, stand_in: StandInEngine
) -> None:
    stand_in.entries = [entry("fox", tags=("animals", "sdxl")), entry("owl", tags=("night",))]
    panel = LibraryPanel(context)
    qtbot.addWidget(panel)
    panel.attach(stand_in)
    qtbot.waitUntil(lambda: len(panel.model.entries) == 2)
    panel.commands.tag(panel.model.entries, ["night"], ["animals"])
    qtbot.waitUntil(lambda: stand_in.asked_for("set_tags") == [("fox", ["sdxl", "night"])])
    panel.detach()


# versions


@pytest.fixture
def versions(qtbot: QtBot, context: Context, desk: QWidget, stand_in: StandInEngine) -> VersionsDialog:
    stand_in.versions = [
        Version(7, NOON, 2000, "saved", True),
        Version(5, NOON - 9e4, 1900, "outside", False),
        Version(1, NOON - 9e5, 1800, "first", False),
    ]
    stand_in.differences = [Difference("value", "3", "KSampler", "steps", 20, 28), Difference("added", "9", "Save")]
    dialog = VersionsDialog(context, desk, stand_in, entry("fox"))
    dialog.open()
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog.table)
    return dialog


def test_the_version_before_is_compared_with_now_first(
    qtbot: QtBot, versions: VersionsDialog, stand_in: StandInEngine
) -> None:
    model = versions.differences
    said = [[model.index(row, column).data() for column in range(4)] for row in range(model.rowCount())]
    assert said == [["KSampler", "steps", "20", "28"], ["Save", "(added)", "–", "–"]]
    assert stand_in.asked_for("compare_versions") == [("fox", 5, None)] and versions.said.text() == "2 differences"
    versions.against.set_value(PREVIOUS)
    qtbot.waitUntil(lambda: stand_in.asked_for("compare_versions")[-1] == ("fox", 1, 5))
    assert model.headerData(3, Qt.Orientation.Horizontal) == "After"
    versions.view.setCurrentIndex(versions.list.index(2))
    assert versions._same.title.text() == "This is the first version"


def test_going_back_can_be_undone(qtbot: QtBot, versions: VersionsDialog, stand_in: StandInEngine) -> None:
    versions.view.setCurrentIndex(versions.list.index(0))
    assert not versions.restore.isEnabled(), "this is what the file holds"
    versions.view.setCurrentIndex(versions.list.index(2))
    with qtbot.waitSignal(versions.toast_requested) as said:
        versions.restore.click()
    assert said.args[0].startswith("“Fox” is as it was") and said.args[1] == "Undo"
    said.args[2]()
    qtbot.waitUntil(lambda: stand_in.asked_for("restore_version") == [("fox", 1), ("fox", 7)])


def test_a_version_that_is_gone_is_told_in_the_dialog(
    qtbot: QtBot, versions: VersionsDialog, stand_in: StandInEngine
) -> None:
    stand_in.problems["compare_versions"] = Problem("version_gone", name="fox")
    versions.view.setCurrentIndex(versions.list.index(2))
    qtbot.waitUntil(versions.problem.isVisible)
    assert "not kept any more" in versions.problem.sentence.text()


# a link


def test_only_a_web_link_is_fetched(qtbot: QtBot, context: Context, stand_in: StandInEngine) -> None:
    panel = LibraryPanel(context)
    qtbot.addWidget(panel)
    panel.attach(stand_in)
    brought: list[Drop] = []
    panel.files_dropped.connect(brought.append)
    panel.dialogs.link()
    dialog: Any = panel.dialogs.open_one
    dialog.line.setText("file:///etc/passwd")
    dialog.button.click()
    assert dialog.problem.isVisible() and brought == []
    dialog.line.setText(" https://example.com/fox.json ")
    dialog.button.click()
    assert brought == [Drop(url="https://example.com/fox.json")] and panel.dialogs.open_one is None
    panel.detach()


# the host


REMOTE = [RemoteWorkflow("fox.json", "fox", 2000, NOON), RemoteWorkflow("video/wan.json", "video/wan", 9000, 0)]
TEMPLATE = RemoteTemplate(
    "t2i", "Text to Image", "Words become pictures", "Basics", models=("SDXL",), thumbnail_url="/x.webp"
)
PAID = RemoteTemplate("kling", "Kling", "A service", "Video", open_source=False)


def host_dialog(qtbot: QtBot, context: Context, desk: QWidget, engine: StandInEngine, tab: str) -> HostDialog:
    dialog = HostDialog(context, desk, engine, tab)
    dialog.open()
    return dialog


def test_workflows_of_the_host_are_found_and_copied(
    qtbot: QtBot, context: Context, desk: QWidget, stand_in: StandInEngine
) -> None:
    stand_in.remote = REMOTE
    dialog = host_dialog(qtbot, context, desk, stand_in, WORKFLOWS)
    qtbot.waitUntil(lambda: rows(dialog.models[WORKFLOWS]) == ["fox", "[video]", "wan"])
    assert dialog.heading.text() == "From gpu-box" and not dialog.open_button.isEnabled()
    qtbot.keyClicks(dialog.search, "wan")
    qtbot.waitUntil(lambda: rows(dialog.models[WORKFLOWS]) == ["wan"])
    with qtbot.waitSignal(dialog.added) as added:
        qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert added.args[0].name == "wan"
    assert stand_in.asked_for("open_host_workflow") == [("gpu-box", "video/wan.json")]


def test_templates_stand_under_their_categories_and_paid_ones_are_marked(
    qtbot: QtBot, context: Context, desk: QWidget, stand_in: StandInEngine
) -> None:
    stand_in.templates = Templates((TEMPLATE, PAID))
    dialog = host_dialog(qtbot, context, desk, stand_in, TEMPLATES)
    model = dialog.models[TEMPLATES]
    qtbot.waitUntil(lambda: rows(model) == ["[Basics]", "Text to Image", "[Video]", "Kling"])
    assert [row.mark for row in model.rows if row.item is not None] == ["", "paid service"]
    qtbot.waitUntil(lambda: stand_in.asked_for("template_thumbnail") == [("gpu-box", "t2i")])
    qtbot.keyClick(dialog.search, Qt.Key.Key_Down)
    assert dialog.open_button.isEnabled()
    with qtbot.waitSignal(dialog.added):
        dialog.open_button.click()
    assert stand_in.asked_for("open_template") == [("gpu-box", "t2i")]


def test_a_host_that_is_away_says_so_and_is_asked_again(
    qtbot: QtBot, context: Context, desk: QWidget, stand_in: StandInEngine
) -> None:
    stand_in.problems["host_workflows"] = Problem("refused", address="gpu-box:8188")
    dialog = host_dialog(qtbot, context, desk, stand_in, WORKFLOWS)
    qtbot.waitUntil(dialog.problem.isVisible)
    stand_in.problems.clear()
    dialog._again()
    qtbot.waitUntil(lambda: dialog.nothing.title.text() == "Nothing is saved there yet")
    assert not dialog.problem.isVisible()


def test_a_host_of_several_people_asks_whose(
    qtbot: QtBot, context: Context, desk: QWidget, stand_in: StandInEngine
) -> None:
    stand_in.remote = REMOTE
    stand_in.users = [RemoteUser("u1", "Ann"), RemoteUser("u2", "Bob")]
    stand_in.problems["host_workflows"] = Problem("remote_user", address="gpu-box", names="Ann, Bob")
    dialog = host_dialog(qtbot, context, desk, stand_in, WORKFLOWS)
    qtbot.waitUntil(lambda: dialog.user.isVisible() and dialog.nothing.title.text() == "Whose workflows?")
    dialog.user.choose("Bob")
    qtbot.waitUntil(lambda: rows(dialog.models[WORKFLOWS]) == ["fox", "[video]", "wan"])
    assert stand_in.asked_for("set_host_user") == [("gpu-box", "u2")]


def test_without_a_host_or_templates_the_dialog_says_why(
    qtbot: QtBot, context: Context, desk: QWidget, stand_in: StandInEngine
) -> None:
    stand_in.templates = Templates((), Problem("remote_none", address="gpu-box"))
    dialog = host_dialog(qtbot, context, desk, stand_in, TEMPLATES)
    qtbot.waitUntil(lambda: "keeps no workflows and templates" in dialog.nothing.title.text())
    dialog.reject()
    stand_in.host = None
    dialog = host_dialog(qtbot, context, desk, stand_in, WORKFLOWS)
    qtbot.waitUntil(lambda: dialog.nothing.title.text() == "No host is chosen")


def test_an_answer_that_comes_after_the_dialog_is_for_nobody(
    qtbot: QtBot, context: Context, desk: QWidget, stand_in: StandInEngine
) -> None:
    dialog = host_dialog(qtbot, context, desk, stand_in, WORKFLOWS)
    dialog.reject()
    qtbot.waitUntil(lambda: not desk.findChildren(HostDialog))
    qtbot.wait(50)
