"""Short notes in the free room of the top bar, with at most one action: “Queued 8 runs · Undo”."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ..style.icons import Icons
from .buttons import button, icon_button
from .icon_label import IconLabel
from .labels import breakable, label

_AT_MOST = 3
_SECONDS, _SECONDS_WITH_ACTION = 5, 9
_LOOK_EVERY_MS = 250
_AT_LEAST_LOOKS = 6  # a note is read before it goes, even where its action is open for a moment only
_MARGIN = 8
_TONES = frozenset({"error", "warning", "good"})  # the icon and the colour of that name


@dataclass(frozen=True)
class Undo:
    """What a note's action does, while it can: the note goes when `is_open` is false, and when another note of the
    same `topic` comes.
    """

    act: Callable[[], object]
    is_open: Callable[[], bool]
    topic: str

    def __call__(self) -> None:
        self.act()


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
        row.setContentsMargins(14, 3, 6, 3)
        row.setSpacing(12)
        if tone in _TONES:
            row.addWidget(IconLabel(icons, tone, 18, tone))
        said = label(breakable(text), wrap=len(text) > 70)
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
        self._looks = 0
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_EVERY_MS)
        self._look.timeout.connect(self._check)
        if isinstance(callback, Undo):
            self._look.start()

    @property
    def topic(self) -> str:
        return self._callback.topic if isinstance(self._callback, Undo) else ""

    def _check(self) -> None:
        """Go when nothing is left to undo."""
        self._looks += 1
        if self._looks >= _AT_LEAST_LOOKS and isinstance(self._callback, Undo) and not self._callback.is_open():
            self.close_now()

    def _act(self) -> None:
        callback, self._callback = self._callback, None
        self.close_now()
        if callback is not None:
            callback()

    def close_now(self) -> None:
        self._timer.stop()
        self._look.stop()
        self.hide()
        self.closed.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._timer.start()


class ToastHost(QObject):
    """Shows toasts over the head of `area`, newest lowest, at most three; the same text is not shown twice.

    `free`: the strip of `area` at its top where a note covers nothing, as (left, right, height); where a note does not
    fit there, it stands below it. Notes never lie over the work: the form, the rows of the queue, Stop.
    """

    def __init__(self, icons: Icons, area: QWidget, free: Callable[[], tuple[int, int, int]] | None = None) -> None:
        super().__init__(area)
        self._icons, self._area, self._free = icons, area, free
        self._toasts: list[Toast] = []
        area.installEventFilter(self)

    @property
    def toasts(self) -> tuple[Toast, ...]:
        return tuple(self._toasts)

    def show(
        self, text: str, action: str = "", callback: Callable[[], object] | None = None, *, tone: str = ""
    ) -> Toast:
        """Say `text` (plain text). `action` is a word like "Undo", `callback` what it does."""
        topic = callback.topic if isinstance(callback, Undo) else ""
        for old in [t for t in self._toasts if t.text == text or (topic and t.topic == topic)]:
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
        left, right, height = self._free() if self._free is not None else (0, self._area.width(), 0)
        top = _MARGIN // 2 if height else _MARGIN
        for toast in self._toasts:
            toast.adjustSize()
            fits = toast.width() + 2 * _MARGIN <= right - left
            if height and not fits:
                top = max(top, height + _MARGIN)
            start, end = (left, right) if fits else (0, self._area.width())
            toast.move(max(_MARGIN, start + (end - start - toast.width()) // 2), top)
            toast.raise_()
            top = toast.geometry().bottom() + 1 + _MARGIN

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._area and event.type() == QEvent.Type.Resize:
            self._place()
        return False
