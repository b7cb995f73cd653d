"""Notes in the top bar: one action, one of a kind, never over the work."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from comfydesk.gui.style.icons import Icons
from comfydesk.gui.widgets.toast import ToastHost, Undo


def test_a_toast_offers_its_action_once_and_goes_away(qtbot: QtBot, icons: Icons) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    area.resize(800, 600)
    area.show()
    host = ToastHost(icons, area)
    undone = []
    toast = host.show("Queued 8 runs", "Undo", lambda: undone.append(1))
    assert toast.geometry().bottom() < 600
    toast.action.click()
    assert undone == [1]
    assert host.toasts == ()


def test_at_most_three_toasts_are_shown_and_none_twice(qtbot: QtBot, icons: Icons) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    host = ToastHost(icons, area)
    for text in ("one", "two", "two", "three", "four"):
        host.show(text)
    assert [toast.text for toast in host.toasts] == ["two", "three", "four"]


def test_a_note_goes_when_nothing_is_left_to_undo_and_gives_way_to_its_like(qtbot: QtBot, icons: Icons) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    host = ToastHost(icons, area)
    is_open = True
    for text in ("Queued 8 runs", "Queued 1 run"):
        host.show(text, "Undo", Undo(lambda: None, lambda: is_open, "queued"))
    assert [toast.text for toast in host.toasts] == ["Queued 1 run"]
    is_open = False
    qtbot.waitUntil(lambda: host.toasts == ())


def test_a_note_stands_where_it_covers_nothing(qtbot: QtBot, icons: Icons) -> None:
    area = QWidget()
    qtbot.addWidget(area)
    area.resize(800, 600)
    area.show()
    free = [(300, 800, 50)]
    host = ToastHost(icons, area, lambda: free[0])
    toast = host.show("Queued 8 runs", "Undo", lambda: None)
    assert toast.geometry().left() > 300 and toast.geometry().top() < 10
    free[0] = (300, 400, 50)
    area.resize(820, 600)
    assert toast.geometry().top() >= 50
