"""The mask editor's window: tool bar, picture, and two ways out. The main window can be used meanwhile."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.gui.context import Context
from comfydesk.gui.form.mask import masked_file
from comfydesk.gui.form.mask.canvas import MaskCanvas
from comfydesk.gui.form.mask.layer import MaskLayer
from comfydesk.gui.form.mask.masked_file import Paintable
from comfydesk.gui.form.mask.tools import MaskTools
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.labels import ElidedLabel, label
from comfydesk.gui.widgets.placeholder import Skeleton
from comfydesk.gui.widgets.problem_line import ProblemLine
from comfydesk.gui.widgets.question import Question


class MaskEditor(QDialog):
    """Opens on a picture of this computer. `saved(path)`: the file that the field shall hold now.

    Where nothing is marked in the end, that is the picture as it was before any mask.
    """

    saved = Signal(str)

    def __init__(self, context: Context, path: str, folder: Path, parent: QWidget) -> None:
        """`folder`: where the picture with its mask is put."""
        super().__init__(parent)
        self._context, self._path, self._folder = context, path, folder
        self._paintable: Paintable | None = None
        self._is_changed = self._is_closing = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setWindowTitle(self.tr("Mask of {name}").format(name=Path(path).name))
        self.setModal(False)
        self.tools = MaskTools(context)
        self.canvas = MaskCanvas(context.theme)
        self.problem = ProblemLine(context.icons)
        self._pages = QStackedWidget()
        self._pages.addWidget(Skeleton(context.theme, "stage"))
        self._pages.addWidget(self.canvas)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        column.addWidget(self.tools)
        column.addWidget(self._pages, 1)
        column.addWidget(self.problem)
        column.addLayout(self._foot())
        self.resize(self._wanted_size(parent))
        self._connect()
        self._load()

    def _wanted_size(self, parent: QWidget) -> object:
        room = parent.window().size() * 0.86
        return room.expandedTo(self.minimumSizeHint())

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.hint = ElidedLabel(
            self.tr("Marked is what the workflow changes · right button erases · space drags · wheel zooms"), "small"
        )
        self.zoom = label("", "small")
        row.addWidget(self.hint, 1)
        row.addWidget(self.zoom)
        row.addSpacing(8)
        self.cancel = button(self.tr("Cancel"), clicked=self.reject)
        self.cancel.setAutoDefault(False)
        self.use = button(self.tr("Use this mask"), "primary", clicked=self.save)
        self.use.setAutoDefault(False)
        self.use.setEnabled(False)
        self.use.setToolTip(QKeySequence(QKeySequence.StandardKey.Save).toString())
        row.addWidget(self.cancel)
        row.addWidget(self.use)
        return row

    def _connect(self) -> None:
        self.tools.brush_changed.connect(self.canvas.set_brush)
        self.tools.erasing_changed.connect(self._set_erasing)
        self.tools.opacity_changed.connect(self.canvas.set_opacity)
        self.tools.asked.connect(self.do)
        self.canvas.brush_changed.connect(lambda: self.tools.show_brush(self.canvas.brush))
        self.canvas.changed.connect(self._on_changed)
        self.canvas.scale_changed.connect(self._show_scale)
        self.canvas.installEventFilter(self)

    def do(self, what: str) -> None:
        """undo, redo, invert, fill, clear or fit."""
        layer = self.canvas.layer
        if layer is None:
            return
        if what == "fit":
            self.canvas.fit()
            return
        acts = {
            "undo": layer.undo,
            "redo": layer.redo,
            "invert": layer.invert,
            "fill": layer.fill,
            "clear": layer.clear,
        }
        self.canvas.touched(acts[what]())

    def save(self) -> None:
        """Write the picture with its mask, and close."""
        layer, made = self.canvas.layer, self._paintable
        if layer is None or made is None or not self.use.isEnabled() or not self._context.bridge.is_attached:
            return
        if not self._is_changed or (layer.is_empty and made.original):
            self._done(made.original if layer.is_empty and made.original else self._path)
            return
        self.use.setEnabled(False)
        self.problem.clear()
        lane = self._context.bridge.engine.runtime.lane("decode", 2)
        future = lane.submit(masked_file.write, self._path, layer.image.copy(), self._folder)
        self._context.bridge.when_done(future, then=self._done, failed=self._failed)

    def _load(self) -> None:
        lane = self._context.bridge.engine.runtime.lane("decode", 2)
        self._context.bridge.when_done(
            lane.submit(masked_file.read, self._path), then=self._loaded, failed=self._failed
        )

    def _loaded(self, made: Paintable) -> None:
        self._paintable = made
        width, height = made.mask.size
        self.canvas.show_picture(made.shown, MaskLayer(width, height, made.mask))
        self._pages.setCurrentWidget(self.canvas)
        self.canvas.set_brush(self.canvas.brush.__class__(max(8, round(min(width, height) / 14)), 0.8))
        self.tools.show_brush(self.canvas.brush)
        self.use.setEnabled(True)
        self.canvas.setFocus()

    def _failed(self, problem: Problem) -> None:
        self.problem.show_problem(problem)
        self.use.setEnabled(self.canvas.layer is not None)

    def _done(self, path: str) -> None:
        self._is_closing = True
        self.saved.emit(path)
        self.accept()

    def _on_changed(self) -> None:
        self._is_changed = True
        history = self.canvas.layer.history
        self.tools.show_history(can_undo=history.can_undo, can_redo=history.can_redo)

    def _set_erasing(self, erasing: bool) -> None:
        self.canvas.erasing = erasing
        self.tools.show_erasing(erasing)
        self.canvas.update()

    def _show_scale(self) -> None:
        self.zoom.setText(f"{self.canvas.scale * self.devicePixelRatioF() * 100:.0f} %")

    def _ask_to_leave(self) -> None:
        question = Question(
            self,
            self.tr("Leave without this mask?"),
            self.tr("What you painted is not kept."),
            [("stay", self.tr("Go on painting"), "primary"), ("leave", self.tr("Leave"), "danger")],
            escape="stay",
        )

        def answered() -> None:
            question.deleteLater()
            if question.answer == "leave":
                self._is_closing = True
                self.reject()

        question.finished.connect(answered)
        question.open()

    # Qt

    def reject(self) -> None:
        if self._is_changed and not self._is_closing:
            self._ask_to_leave()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._is_changed and not self._is_closing:
            event.ignore()
            self._ask_to_leave()
        else:
            super().closeEvent(event)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Keys that the canvas shares with shortcuts of the main window are the canvas's."""
        if event.type() == QEvent.Type.ShortcutOverride and watched is self.canvas:
            event.accept()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {
            Qt.Key.Key_I: "invert",
            Qt.Key.Key_F: "fill",
            Qt.Key.Key_Delete: "clear",
            Qt.Key.Key_Backspace: "clear",
        }
        if event.matches(QKeySequence.StandardKey.Redo) or _is_ctrl(event, Qt.Key.Key_Y):
            self.do("redo")
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.do("undo")
        elif event.matches(QKeySequence.StandardKey.Save) or _is_ctrl(event, Qt.Key.Key_Return):
            self.save()
        elif event.key() in (Qt.Key.Key_B, Qt.Key.Key_E) and not event.modifiers():
            self._set_erasing(event.key() == Qt.Key.Key_E)
        elif event.key() in keys and not event.modifiers():
            self.do(keys[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # never a button: Enter sets the brush down
        else:
            super().keyPressEvent(event)


def _is_ctrl(event: QKeyEvent, key: Qt.Key) -> bool:
    return event.key() == key and event.modifiers() == Qt.KeyboardModifier.ControlModifier
