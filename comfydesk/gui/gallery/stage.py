"""Where the viewer shows a file, with arrows to its neighbours that come when the pointer moves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QToolButton, QWidget

from comfydesk.gui.context import Context
from comfydesk.gui.widgets.buttons import icon_button

SIDE = 52  # pixels at each side that belong to the arrows: a video is drawn above everything that lies on it
_ARROW = QSize(40, 64)
_IDLE_MS = 1800


class ViewerStage(QWidget):
    """One page at a time. `step_requested(±1)`."""

    step_requested = Signal(int)

    def __init__(self, context: Context, pages: Sequence[QWidget]) -> None:
        super().__init__()
        self._stack = QStackedWidget(self)
        self._back = self._arrow(context, "chevron-left", self.tr("Newer (←)"), -1)
        self._on = self._arrow(context, "chevron-right", self.tr("Older (→)"), 1)
        self._ends = (False, False)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(self._rest)
        for page in pages:
            self.add_page(page)
        self.setMouseTracking(True)

    def _arrow(self, context: Context, icon: str, tip: str, by: int) -> QToolButton:
        made = icon_button(context.icons.icon(icon), tip, clicked=lambda: self.step_requested.emit(by), kind="plain")
        made.setIconSize(QSize(24, 24))
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setParent(self)
        made.hide()
        return made

    @property
    def page(self) -> QWidget:
        return self._stack.currentWidget()

    def add_page(self, page: QWidget) -> None:
        self._stack.addWidget(page)
        page.setMouseTracking(True)
        page.installEventFilter(self)

    def show_page(self, page: QWidget) -> None:
        self._stack.setCurrentWidget(page)

    def set_ends(self, can_go_back: bool, can_go_on: bool) -> None:
        """Whether there are neighbours."""
        self._ends = can_go_back, can_go_on
        if self._idle.isActive():
            self._wake()

    def _wake(self) -> None:
        self._back.setVisible(self._ends[0])
        self._on.setVisible(self._ends[1])
        self._idle.start()

    def _rest(self) -> None:
        if self._back.underMouse() or self._on.underMouse():
            self._idle.start()
            return
        self._back.hide()
        self._on.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove:
            self._wake()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.Enter):
            self._wake()
        elif event.type() == QEvent.Type.Leave:
            self._idle.stop()
            self._back.hide()
            self._on.hide()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stack.setGeometry(self.rect().adjusted(SIDE, 0, -SIDE, 0))
        top = (self.height() - _ARROW.height()) // 2
        self._back.setGeometry(0, top, _ARROW.width(), _ARROW.height())
        self._on.setGeometry(self.width() - _ARROW.width(), top, _ARROW.width(), _ARROW.height())
        self._back.raise_()
        self._on.raise_()
