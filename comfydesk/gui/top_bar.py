"""The bar above the pages: the host with its state, and the demo's mark."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from .hosts.chip import HostChip
from .hosts.states import HostStates
from .style.icons import Icons
from .style.theme import Theme
from .widgets.buttons import button
from .widgets.labels import label

_EXPLAINS_FROM = 1000  # px; narrower, the state of the host needs the room


class TopBar(QFrame):
    """Made of the host chip and, in the demo, what the demo is and how to leave it."""

    def __init__(self, theme: Theme, icons: Icons, states: HostStates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.chip = HostChip(theme, icons, states)
        self._demo = QWidget()
        self.leave_demo = button(self.tr("Leave the demo"), "link")
        demo = QHBoxLayout(self._demo)
        demo.setContentsMargins(0, 0, 0, 0)
        demo.setSpacing(10)
        demo.addWidget(label(self.tr("Demo"), "tag", tone="warning"), 0, Qt.AlignmentFlag.AlignVCenter)
        self._explains = label(self.tr("Painted on this computer, kept apart from your own results"), "small")
        demo.addWidget(self._explains)
        demo.addWidget(self.leave_demo)
        self._demo.hide()
        row = QHBoxLayout()
        row.setContentsMargins(16, 7, 16, 7)
        row.setSpacing(16)
        row.addWidget(self.chip)
        row.addStretch(1)
        row.addWidget(self._demo)
        line = QFrame()
        line.setProperty("kind", "line")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(row)
        outer.addWidget(line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explains.setVisible(event.size().width() >= _EXPLAINS_FROM)

    def free_room(self) -> tuple[int, int, int]:
        """Where a note covers nothing: left, right and the bar's height, in the bar's pixels."""
        right = self._demo.x() if not self._demo.isHidden() else self.width()
        return self.chip.geometry().right() + 1, right, self.height()

    def show_demo(self, is_demo: bool) -> None:
        """Mark everything below as the demo's."""
        self._demo.setVisible(is_demo)
