"""Undo, redo and reset in the open form, and the keys for them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from comfydesk.form.fields import SeedMode
from comfydesk.form.history import Part
from comfydesk.gui.form.actions import FormAction, FormActions, Section
from comfydesk.gui.form.session import FormSession
from comfydesk.gui.queue.words import counted

UNDO, REDO = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
ALSO_REDO = (QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y"))


class FormEdits(QObject):
    """What a person did to the open form, backwards and forwards.

    `moved(keys)`: undo or redo changed these fields. `toast_requested(text, action, callback)`.
    """

    moved = Signal(object)
    toast_requested = Signal(str, str, object)

    def __init__(self, session: FormSession, actions: FormActions, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._keys = BoxKeys(session, parent)
        redo = dict.fromkeys([*QKeySequence.keyBindings(REDO), *ALSO_REDO])
        for keys, act in ((QKeySequence.keyBindings(UNDO), self.undo), (redo, self.redo)):
            for each in keys:
                QShortcut(each, parent).activated.connect(act)
        actions.add(
            Section.EDIT,
            FormAction(self._undo_words, self.undo, lambda: self._what("undo_what") is not None, "Ctrl+Z", "undo"),
            FormAction(self._redo_words, self.redo, lambda: self._what("redo_what") is not None, "Ctrl+Shift+Z"),
            FormAction(lambda: self.tr("Put all values of the file back"), self.reset_all, self._has_changes),
        )

    def undo(self) -> None:
        """Take the last step back."""
        if self._session.history is not None:
            self._move(self._session.history.undo())

    def redo(self) -> None:
        if self._session.history is not None:
            self._move(self._session.history.redo())

    def reset(self, keys: Iterable[str], what: str) -> list[str]:
        """Put the file's values of some fields back, as one step named `what`. Returns the keys that changed."""
        state = self._session.state
        if state is None:
            return []
        changed = [key for key in keys if state.is_changed(key)]
        others = [each for key in changed for each in state.reset(key)]
        if changed:
            self._session.values_changed.emit(others)
            self._session.edited(what=what)
        return changed

    def reset_all(self) -> None:
        """Put all values of the file back; a note can undo that."""
        state = self._session.state
        if state is None:
            return
        changed = self.reset(state.changed(), self.tr("reset of all fields"))
        if changed:
            what = counted(len(changed), self.tr("field"), self.tr("fields"))
            self.offer_undo(self.tr("Put back {fields}").format(fields=what))

    def more_seeds(self) -> None:
        """Let fixed seeds count up, so that each run gives another result."""
        session, state = self._session, self._session.state
        if state is not None:
            for key in state.modes:
                state.set_mode(key, SeedMode.INCREMENT)
            session.values_changed.emit(list(state.modes))
            session.edited([], self.tr("more seeds"))

    def offer_undo(self, said: str) -> None:
        """Say what was done just now; "Undo" takes it back as long as nothing else was done after it."""
        session, state, history = self._session, self._session.state, self._session.history
        mark = history.mark if history is not None else None

        def undo() -> None:
            if state is session.state and history is session.history and history.mark == mark:
                self.undo()

        self.toast_requested.emit(said, self.tr("Undo"), undo)

    def _move(self, parts: dict[Part, object]) -> None:
        state = self._session.state
        if state is None or not parts:
            return
        keys = state.put(parts)
        self._session.values_changed.emit(keys)
        self._session.moved(keys)
        self.moved.emit(keys)

    def _what(self, name: str) -> str | None:
        return getattr(self._session.history, name) if self._session.history is not None else None

    def _undo_words(self) -> str:
        what = self._what("undo_what")
        return self.tr("Undo: {what}").format(what=what) if what else self.tr("Undo")

    def _redo_words(self) -> str:
        what = self._what("redo_what")
        return self.tr("Redo: {what}").format(what=what) if what else self.tr("Redo")

    def _has_changes(self) -> bool:
        return self._session.state is not None and bool(self._session.state.changed())


class BoxKeys(QObject):
    """Ctrl+Z in a text box is the box's own as long as it has letters to take back, then the form's."""

    def __init__(self, session: FormSession, panel: QWidget) -> None:
        super().__init__(panel)
        self._session = session
        self._panel = panel
        self._watched: QWidget | None = None
        QApplication.instance().focusChanged.connect(self._on_focus)

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self._watched is not None:
            self._watched.removeEventFilter(self)
            self._watched.destroyed.disconnect(self._forget)
            self._watched = None
        if isinstance(now, QLineEdit | QPlainTextEdit) and self._panel.isAncestorOf(now):
            self._watched = now
            now.installEventFilter(self)
            now.destroyed.connect(self._forget)

    def _forget(self) -> None:
        self._watched = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QLineEdit | QPlainTextEdit):
            return False
        undo, redo = event.matches(UNDO), event.matches(REDO) or QKeySequence(event.keyCombination()) in ALSO_REDO
        if not undo and not redo:
            return False
        has = _has_undo(watched) if undo else _has_redo(watched)
        if event.type() == QEvent.Type.ShortcutOverride:
            event.setAccepted(has)  # else it is the form's shortcut
            return True
        if event.type() == QEvent.Type.KeyPress and undo and has:
            history = self._session.history
            if history is not None:
                with history.rewinding():
                    watched.undo()
                return True
        return False


def _has_undo(box: QLineEdit | QPlainTextEdit) -> bool:
    return box.isUndoAvailable() if isinstance(box, QLineEdit) else box.document().isUndoAvailable()


def _has_redo(box: QLineEdit | QPlainTextEdit) -> bool:
    return box.isRedoAvailable() if isinstance(box, QLineEdit) else box.document().isRedoAvailable()
