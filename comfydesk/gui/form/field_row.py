"""One field of the form: label, editor, the dot of a changed value, and the line that says what is wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from comfydesk.form.fields import Field, Issue, Kind
from comfydesk.gui import drops
from comfydesk.gui.context import Context
from comfydesk.gui.form.combo_editor import ComboEditor
from comfydesk.gui.form.editor import RING, Editor
from comfydesk.gui.form.issue_line import IssueLine, severity_shown
from comfydesk.gui.form.registry import is_wide, make_editor
from comfydesk.gui.style.tokens import RADIUS
from comfydesk.gui.widgets.labels import ElidedLabel, set_plain_tooltip

MAX_TOOLTIP = 1200
DOT = 16  # pixels, with the room around it


class ChangeDot(QAbstractButton):
    """A small dot: this value differs from the file; a click puts the file's value back."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(QSize(DOT, DOT))
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Changed: put the file's value back"))
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        tokens = self._context.theme.tokens
        lit = self.underMouse() or self.hasFocus()
        painter.setBrush(QColor(tokens.accent_hover if lit else tokens.accent))
        radius = 4.0 if lit else 3.0
        painter.drawEllipse(QRectF(8 - radius, 8 - radius, 2 * radius, 2 * radius))


class FieldRow(QWidget):
    """A row of one or more fields that belong together.

    `edited(key, value)`, `reset_requested(key)`, `mend_requested(Issue, value)`, `look_again_requested`,
    `validity_changed`: an editor's text became a value, or is none any more. `menu_requested(keys, point)`: what can
    be done with these fields, there on the screen.
    """

    edited = Signal(str, object)
    mode_edited = Signal(str, object)
    reset_requested = Signal(str)
    mend_requested = Signal(object, object)
    look_again_requested = Signal()
    validity_changed = Signal()
    menu_requested = Signal(object, QPoint)
    result_dropped = Signal(object, int)  # keys, the result's id in the gallery

    def __init__(self, field: Field, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.field = field
        self.editors: dict[str, Editor] = {}
        self._issues: dict[str, Issue] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self._issue_line: IssueLine | None = None
        self._dot: ChangeDot | None = None
        self._head = QHBoxLayout()
        self._fill_head(field.label)
        if field.kind is Kind.LINK:
            head = QWidget(self)
            head.setLayout(self._head)
            head.hide()
            column.addWidget(head)
        else:
            column.addLayout(self._head)
        self._fill(column)
        self._column = column
        self._is_target = False
        self.setAcceptDrops(field.kind is not Kind.LINK)

    # Most rows never need these two, and a form is there sooner without them.

    @property
    def issue_line(self) -> IssueLine:
        """What is wrong; made when it is first asked for."""
        if self._issue_line is None:
            line = self._issue_line = IssueLine(self.context, self)
            line.mend_requested.connect(self.mend_requested)
            line.look_again_requested.connect(self.look_again_requested)
            self._column.addWidget(line)
        return self._issue_line

    @property
    def dot(self) -> ChangeDot:
        """The dot of a changed value; made when it is first asked for, in the room that is kept for it."""
        if self._dot is None:
            self._dot = ChangeDot(self.context, self)
            self._dot.clicked.connect(self._reset)
            place = self._head.indexOf(self._dot_room)
            self._head.takeAt(place)
            self._head.insertWidget(place, self._dot)
        return self._dot

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.editors)

    @property
    def is_wide(self) -> bool:
        return is_wide(self.field)

    def set_value(self, key: str, value: Any) -> None:
        self.editors[key].set_value(value)

    def set_changed(self, keys: set[str]) -> None:
        """Show the dot if one of these is a field of this row."""
        changed = any(key in keys for key in self.editors)
        if changed or self._dot is not None:
            self.dot.setVisible(changed)

    def set_caption(self, text: str) -> None:
        self.caption.set_text(text)

    def set_issue(self, key: str, issue: Issue | None) -> None:
        """Say what is wrong with one field of the row; an editor's own complaint goes first."""
        if issue is None:
            self._issues.pop(key, None)
        else:
            self._issues[key] = issue
        self.editors[key].set_issue(None if issue is None else _as_shown(issue))
        self._say()

    @property
    def problem(self) -> str:
        """Why the text in an editor is no value, "" if all are."""
        return next((editor.problem for editor in self.editors.values() if editor.problem), "")

    def jump(self, key: str = "") -> None:
        self.editors[key or next(iter(self.editors))].jump()

    def _fill_head(self, text: str) -> None:
        row = self._head
        row.setContentsMargins(RING + 1, 0, 0, 0)
        row.setSpacing(2)
        self.caption = ElidedLabel(text, "field", parent=self)
        row.addWidget(self.caption)
        if self.field.seed_group:
            row.addWidget(self._link_sign())
        self._dot_room = QSpacerItem(DOT, DOT, QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row.addItem(self._dot_room)
        row.addStretch(1)
        if self.field.tooltip:
            set_plain_tooltip(self, self.field.tooltip[:MAX_TOOLTIP])

    def _link_sign(self) -> QLabel:
        sign = QLabel()
        sign.setPixmap(self.context.icons.pixmap("link", 14, "muted", ratio=self.devicePixelRatioF()))
        sign.setContentsMargins(4, 0, 0, 0)
        sign.setToolTip(self.tr("Moves together with the other seed that has the same value"))
        return sign

    def _fill(self, column: QVBoxLayout) -> None:
        editor = make_editor(self.field, self.context, self)
        column.addWidget(editor)
        self._hold(self.field, editor)

    def _hold(self, field: Field, editor: Editor) -> None:
        key = field.key
        self.editors[key] = editor
        editor.value_changed.connect(lambda value: self.edited.emit(key, value))
        editor.problem_changed.connect(self._say)
        editor.problem_changed.connect(self.validity_changed)
        if field.remote and isinstance(editor, ComboEditor):
            editor.look_again_requested.connect(self.look_again_requested)
        if field.kind is Kind.SEED:
            editor.mode_changed.connect(lambda mode: self.mode_edited.emit(key, mode))

    def _reset(self) -> None:
        for key in self.editors:
            self.reset_requested.emit(key)

    def _say(self) -> None:
        issue = next(iter(self._issues.values()), None)
        if self._issue_line is None and issue is None and not self.problem:
            return
        before = self.issue_line.isVisibleTo(self)
        if self.problem:
            self.issue_line.show_text(self.problem)
        else:
            self.issue_line.show_issue(issue)
        if self.issue_line.isVisibleTo(self) != before:
            self.updateGeometry()

    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A result gives the field the value that it was made with; anything else is the window's."""
        if drops.result_id(event.mimeData()) is None:
            event.ignore()
            return
        self._set_target(True)
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_target(False)
        item_id = drops.result_id(event.mimeData())
        if item_id is not None:
            event.acceptProposedAction()
            self.result_dropped.emit(self.keys, item_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._is_target:
            tokens = self.context.theme.tokens
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.setBrush(QColor(tokens.selection))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def _set_target(self, is_target: bool) -> None:
        self._is_target = is_target
        self.update()

    def place_in(self, ancestor: QWidget) -> QPoint:
        """Where the row is, for scrolling to it."""
        return self.mapTo(ancestor, QPoint(0, 0))

    # Qt

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """On the label and the room around the editor; a text has a menu of its own."""
        if self.field.kind is Kind.LINK:
            event.ignore()
        else:
            self.menu_requested.emit(self.keys, event.globalPos())


def _as_shown(issue: Issue) -> Issue:
    """The issue with the severity in which its outline is drawn."""
    return Issue(issue.key, issue.code, issue.facts, severity_shown(issue), issue.suggestions, issue.message)
