"""The button in the form's head that says which preset is in the form."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent

from comfydesk.gui.context import Context
from comfydesk.gui.widgets.buttons import Button
from comfydesk.gui.widgets.labels import set_plain_tooltip

_LONGEST = 150  # pixels
_DOT = "\u2002•"


class PresetButton(Button):
    """Shows a name, shortened to its room, a dot where the form differs from it, and ▾."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._name, self._is_edited = "", False
        self.setProperty("kind", "quiet")
        self.setIcon(context.icons.icon("chevron-down", "muted"))
        self.setIconSize(QSize(14, 14))
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the icon behind the words
        self.setMaximumWidth(_LONGEST)
        self.show_preset("", is_edited=False)

    def show_preset(self, name: str, *, is_edited: bool) -> None:
        """`name` "": none was applied."""
        self._name, self._is_edited = name, is_edited
        shown = name or self.tr("Preset")
        words = self.tr("Preset: {name}").format(name=name) if name else self.tr("Presets and styles")
        if is_edited:
            words = self.tr("Preset: {name}, edited").format(name=name)
        self.setAccessibleName(words)
        set_plain_tooltip(self, words)
        self._whole = shown + (_DOT if is_edited else "")
        self._fit()
        self.updateGeometry()

    def _fit(self) -> None:
        room = min(self.maximumWidth(), max(self.width(), 40)) - 44
        dot = _DOT if self._is_edited else ""
        room -= self.fontMetrics().horizontalAdvance(dot)
        name = self._name or self.tr("Preset")
        self.setText((self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room) + dot).replace("&", "&&"))

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        wide = self.fontMetrics().horizontalAdvance(self._whole) + 46
        return QSize(min(wide, _LONGEST), hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(72, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
