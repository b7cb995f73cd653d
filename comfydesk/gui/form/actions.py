"""What can be done with the open form: each feature registers its entries, the header's ⋯ menu shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from comfydesk.gui.style.icons import Icons
from comfydesk.gui.widgets.buttons import menu


class Section(IntEnum):
    """The parts of the menu, from top to bottom."""

    EDIT = 0  # undo, redo, reset
    KEEP = 1  # presets, profile, defaults
    OUT = 2  # compare, copy as


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class FormAction:
    """One entry. `words` and `is_enabled` are asked each time the menu opens; `keys` is shown only, whoever hears the
    key is elsewhere. With `entries` it is a menu of its own, and `act` is not used.
    """

    words: Callable[[], str]
    act: Callable[[], object] = _always
    is_enabled: Callable[[], bool] = _always
    keys: str = ""
    icon: str = ""
    entries: Callable[[], Sequence[FormAction]] | None = None


class FormActions(QObject):
    """Made by the form panel (`panel.actions`); entries stay in the order in which they were added."""

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._added: dict[Section, list[FormAction]] = {section: [] for section in Section}

    def add(self, section: Section, *actions: FormAction) -> None:
        """Show these entries at the end of a section from now on."""
        self._added[section] += actions

    def menu(self, parent: QWidget) -> QMenu:
        """A menu with all entries as they are now; it goes away with its last use."""
        made = menu(parent)
        made.aboutToHide.connect(made.deleteLater)
        for section in Section:
            if self._added[section] and not made.isEmpty():
                made.addSeparator()
            self._fill(made, self._added[section])
        return made

    def open_below(self, widget: QWidget) -> QMenu:
        """Open the menu with its right edge below a button."""
        made = self.menu(widget)
        corner = widget.mapToGlobal(widget.rect().bottomRight())
        made.popup(QPoint(corner.x() - made.sizeHint().width(), corner.y() + 4))
        return made

    def _fill(self, made: QMenu, actions: Sequence[FormAction]) -> None:
        for action in actions:
            words = action.words().replace("&", "&&")
            if action.entries is not None:
                inner = menu(made)
                inner.setTitle(words)
                self._fill(inner, action.entries())
                inner.setEnabled(action.is_enabled() and not inner.isEmpty())
                made.addMenu(inner)
                entry = inner.menuAction()
            else:
                entry = made.addAction(words)
                entry.triggered.connect(lambda _=False, act=action.act: act())
                entry.setEnabled(action.is_enabled())
            if action.icon:
                entry.setIcon(self._icons.icon(action.icon))
            if action.keys:
                entry.setShortcut(QKeySequence(action.keys))
                entry.setShortcutVisibleInContextMenu(True)
