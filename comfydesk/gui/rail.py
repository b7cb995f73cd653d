"""The rail of pages at the left edge: icon and word, and a badge on the queue."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from .pages import PageSpec
from .style.fonts import sized
from .style.icons import Icons
from .style.theme import Theme
from .style.tokens import RAIL_WIDTH
from .widgets.labels import set_plain_tooltip


class Rail(QFrame):
    """`page_requested(str)`: the key of a page."""

    page_requested = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, pages: Sequence[PageSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.setFixedWidth(RAIL_WIDTH)
        self._buttons: dict[str, RailButton] = {}
        group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 12, 6, 12)
        layout.setSpacing(4)
        for page in [p for p in pages if not p.at_foot]:
            layout.addWidget(self._make(theme, icons, page, group))
        layout.addStretch(1)
        for page in [p for p in pages if p.at_foot]:
            layout.addWidget(self._make(theme, icons, page, group))

    def _make(self, theme: Theme, icons: Icons, page: PageSpec, group: QButtonGroup) -> RailButton:
        made = RailButton(theme, icons, page)
        made.clicked.connect(lambda: self.page_requested.emit(page.key))
        group.addButton(made)
        self._buttons[page.key] = made
        return made

    def button(self, key: str) -> RailButton:
        return self._buttons[key]

    def show_current(self, key: str) -> None:
        """Mark the page that is shown; none of them while the start page is."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)
            return
        group = next(iter(self._buttons.values())).group()
        group.setExclusive(False)
        for made in self._buttons.values():
            made.setChecked(False)
        group.setExclusive(True)

    def set_badge(self, key: str, count: int) -> None:
        self._buttons[key].set_badge(count)


class RailButton(QToolButton):
    """One page."""

    def __init__(self, theme: Theme, icons: Icons, page: PageSpec) -> None:
        super().__init__()
        self._theme = theme
        self._word = page.title
        self._badge = 0
        self.setProperty("kind", "rail")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIcon(icons.icon(page.icon, "muted", on="accent"))
        self.setIconSize(QSize(22, 22))
        self.setText(self._word)
        self.setFixedSize(RAIL_WIDTH - 12, 50)
        self.setAccessibleName(self._word)
        if page.shortcut:
            keys = QKeySequence(page.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            set_plain_tooltip(self, f"{self._word}  {keys}")

    def group(self) -> QButtonGroup:
        found = super().group()
        assert found is not None
        return found

    def set_badge(self, count: int) -> None:
        """A number at the icon's corner; 0 takes it away."""
        if count != self._badge:
            self._badge = count
            self.setAccessibleDescription(self.tr("{n} open").format(n=count) if count else "")
            self.update()

    @property
    def badge(self) -> int:
        return self._badge

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._badge:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(sized(self.font(), 10, weight=QFont.Weight.DemiBold))
        text = str(self._badge) if self._badge < 1000 else "999+"
        width = max(16, painter.fontMetrics().horizontalAdvance(text) + 9)
        room = QRectF(min(self.width() / 2 + 3, self.width() - width - 2), 3, width, 15)
        tokens = self._theme.tokens
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(room, 7.5, 7.5)
        painter.setPen(QColor(tokens.on_accent))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
