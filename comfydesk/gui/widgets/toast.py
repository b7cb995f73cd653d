"""Short notes at the foot of the window, with at most one action: “Queued 8 · Undo”."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ..style.icons import Icons
from .buttons import button, icon_button
from .icon_label import IconLabel
from .labels import label

_AT_MOST = 3
_SECONDS, _SECONDS_WITH_ACTION = 5, 9
_TONES = frozenset({"error", "warning", "good"})  # the icon and the colour of that name


class Toast(QFrame):
    """One note. `closed` once; it stays while the pointer rests on it."""

    closed = Signal()

    def __init__(
        self, icons: Icons, text: str, action: str, callback: Callable[[], object] | None, tone: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.text = text
        self.setProperty("kind", "toast")
        self._callback = callback
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(12)
        if tone in _TONES:
            row.addWidget(IconLabel(icons, tone, 18, tone))
        said = label(text, wrap=len(text) > 70)
        said.setMaximumWidth(520)
        if len(text) > 70:
            said.setMinimumWidth(360)
        row.addWidget(said, 1)
        if action:
            self.action = button(action, "link", clicked=self._act)
            self.action.setProperty("ring", False)
            row.addWidget(self.action)
        row.addWidget(icon_button(icons.icon("close", "muted"), self.tr("Close"), clicked=self.close_now))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval((_SECONDS_WITH_ACTION if action or tone == "error" else _SECONDS) * 1000)
        self._timer.timeout.connect(self.close_now)
        self._timer.start()

    def _act(self) -> None:
        callback, self._callback = self._callback, None
        self.close_now()
        if callback is not None:
            callback()

    def close_now(self) -> None:
        self._timer.stop()
        self.hide()
        self.closed.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._timer.start()


class ToastHost(QObject):
    """Shows toasts over the foot of `area`, newest lowest, at most three; the same text is not shown twice."""

    def __init__(self, icons: Icons, area: QWidget) -> None:
        super().__init__(area)
        self._icons, self._area = icons, area
        self._toasts: list[Toast] = []
        area.installEventFilter(self)

    @property
    def toasts(self) -> tuple[Toast, ...]:
        return tuple(self._toasts)

    def show(
        self, text: str, action: str = "", callback: Callable[[], object] | None = None, *, tone: str = ""
    ) -> Toast:
        """Say `text` (plain text). `action` is a word like "Undo", `callback` what it does."""
        for old in [t for t in self._toasts if t.text == text]:
            old.close_now()
        while len(self._toasts) >= _AT_MOST:
            self._toasts[0].close_now()
        toast = Toast(self._icons, text, action, callback, tone, self._area)
        toast.closed.connect(lambda: self._forget(toast))
        self._toasts.append(toast)
        toast.show()
        self._place()
        return toast

    def clear(self) -> None:
        for toast in list(self._toasts):
            toast.close_now()

    def _forget(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        foot = self._area.height() - 16
        for toast in reversed(self._toasts):
            toast.adjustSize()
            foot -= toast.height()
            toast.move(max(8, (self._area.width() - toast.width()) // 2), foot)
            toast.raise_()
            foot -= 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._area and event.type() == QEvent.Type.Resize:
            self._place()
        return False
