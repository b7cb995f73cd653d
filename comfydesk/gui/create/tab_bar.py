"""The slim row of open workflows above the form; it shows itself from the second one on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QTabBar, QToolButton, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.widgets.buttons import icon_button, menu
from comfydesk.gui.widgets.labels import plain_tooltip

HEIGHT = 34
WIDEST = 200


class WorkflowTabs(QTabBar):
    """`chosen(name)`, `closed(name)`, `others_closed(name)`, `moved(from, to)` by hand; `show_tabs` tells nothing."""

    chosen = Signal(str)
    closed = Signal(str)
    others_closed = Signal(str)
    moved = Signal(int, int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._is_telling = True
        self.setProperty("kind", "workflows")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMovable(True)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(self.tr("Open workflows"))
        self.hide()
        self.currentChanged.connect(self._on_current)
        self.tabMoved.connect(lambda to, from_: self.moved.emit(to, from_) if self._is_telling else None)

    def show_tabs(self, names: Sequence[str], current: str, titles: Mapping[str, str]) -> None:
        """Show these workflows; `titles` by name."""
        self._is_telling = False
        try:
            self._fit(len(names))
            for place, name in enumerate(names):
                title = titles.get(name) or name.rsplit("/", 1)[-1]
                if self.tabData(place) != name or self._words(place) != title:
                    self.setTabData(place, name)
                    self.setTabText(place, title.replace("&", "&&"))
                    self.setTabToolTip(place, plain_tooltip(name.replace("/", " / ")))
            if current in names:
                self.setCurrentIndex(list(names).index(current))
        finally:
            self._is_telling = True
        self.setVisible(len(names) > 1)

    def name_at(self, place: int) -> str:
        return str(self.tabData(place) or "")

    def _words(self, place: int) -> str:
        return self.tabText(place).replace("&&", "&")

    def _fit(self, count: int) -> None:
        while self.count() > count:
            self.removeTab(self.count() - 1)
        while self.count() < count:
            self.setTabButton(self.addTab(""), QTabBar.ButtonPosition.RightSide, self._cross())

    def _cross(self) -> QWidget:
        cross = icon_button(self._context.icons.icon("close", "muted"), self.tr("Close (Ctrl+W)"), kind="tight")
        cross.setIconSize(QSize(12, 12))
        cross.setFixedSize(20, 20)
        cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        cross.clicked.connect(lambda: self._close_of(cross))
        return cross

    def _close_of(self, cross: QWidget) -> None:
        side = QTabBar.ButtonPosition.RightSide
        place = next((n for n in range(self.count()) if self.tabButton(n, side) is cross), -1)
        if place >= 0:
            self.closed.emit(self.name_at(place))

    def _on_current(self, place: int) -> None:
        if self._is_telling and place >= 0:
            self.chosen.emit(self.name_at(place))

    # Qt

    def tabSizeHint(self, index: int) -> QSize:
        hint = super().tabSizeHint(index)
        return QSize(min(hint.width(), WIDEST), HEIGHT)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self.tabAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.MiddleButton and place >= 0:
            self.closed.emit(self.name_at(place))
        else:
            super().mouseReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel brings tabs into sight that have no room, and leaves the forms alone."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        arrow = self.findChild(QToolButton, "ScrollLeftButton" if delta > 0 else "ScrollRightButton")
        if delta and isinstance(arrow, QToolButton) and arrow.isVisible() and arrow.isEnabled():
            arrow.click()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = self.tabAt(event.pos())
        if place < 0:
            return
        name = self.name_at(place)
        made = menu(self)
        made.aboutToHide.connect(made.deleteLater)
        made.addAction(self.tr("Close"), lambda: self.closed.emit(name))
        made.addAction(self.tr("Close the others"), lambda: self.others_closed.emit(name))
        made.popup(event.globalPos())
