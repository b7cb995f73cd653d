"""One line over the form that says what a run would lack or cost; it opens to the list with the cures."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from comfydesk.form.fields import Form, Issue
from comfydesk.form.issue_groups import IssueGroup, Subject, grouped
from comfydesk.gui.context import Context
from comfydesk.gui.form import check_words
from comfydesk.gui.form.check_rows import MAX_ITEMS, CheckRow
from comfydesk.gui.widgets.buttons import button, icon_button
from comfydesk.gui.widgets.icon_label import IconLabel
from comfydesk.gui.widgets.labels import ElidedLabel, label, restyle

TALLEST, LEAST = 300, 90  # pixels of the open list; the rest scrolls


class CheckBar(QFrame):
    """Hidden while there is nothing to say. `mend_requested(Issue, value)`, `jump_requested(key)`,
    `look_again_requested`: the host may have it by now. `toggled(bool)`: the list was opened or closed.
    """

    mend_requested = Signal(object, object)
    jump_requested = Signal(str)
    look_again_requested = Signal()
    toggled = Signal(bool)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._groups: list[IssueGroup] = []
        self._form: Form | None = None
        self.setProperty("kind", "note")
        self._picture = IconLabel(context.icons, "info", 16, "muted")
        self.headline = ElidedLabel()
        self.toggle = icon_button(
            context.icons.icon("chevron-down", "muted"), self.tr("Show what it is"), clicked=self._toggle, kind="tight"
        )
        self.toggle.setFixedSize(22, 22)
        head = QHBoxLayout()
        head.setContentsMargins(10, 5, 6, 5)
        head.setSpacing(8)
        head.addWidget(self._picture)
        head.addWidget(self.headline, 1)
        head.addWidget(self.toggle)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._scroll)
        self.rows: list[CheckRow] = []
        self.hide()

    @property
    def is_open(self) -> bool:
        return self._scroll.isVisibleTo(self)

    @property
    def wanted_height(self) -> int:
        """Pixels that the bar with its open list wants."""
        return self.toggle.height() + 10 + self._scroll.maximumHeight()

    def show_issues(self, issues: Iterable[Issue], form: Form | None) -> None:
        """Say what a check found; what concerns one field alone is left to the field."""
        groups = check_words.shown(grouped(issues, form))
        if groups == self._groups and form is self._form:
            return
        self._groups, self._form = groups, form
        self.setVisible(bool(groups))
        if not groups:
            self.close_list()
            return
        is_note = all(group.severity == "note" for group in groups)
        restyle(self, kind="raised" if is_note else "note", tone="" if is_note else "warning")
        self._picture.set_icon("info" if is_note else "warning", "muted" if is_note else "warning")
        self.headline.set_text(check_words.headline(groups))
        self.headline.set_kind("muted" if is_note else "")
        if self.is_open:
            self._fill()

    def _toggle(self) -> None:
        if self.is_open:
            self.close_list()
        else:
            self._fill()
            self._scroll.show()
            self._show_chevron()
            self.toggled.emit(True)

    def close_list(self) -> None:
        """Back to the one line."""
        self._scroll.hide()
        self._drop_list()
        self._show_chevron()
        self.toggled.emit(False)

    def _show_chevron(self) -> None:
        name = "chevron-up" if self.is_open else "chevron-down"
        self.toggle.setIcon(self._context.icons.icon(name, "muted"))

    def _drop_list(self) -> None:
        self.rows = []
        old = self._scroll.takeWidget()
        if old is not None:
            old.deleteLater()

    def _fill(self) -> None:
        """Make the list anew; it is short, and issues change seldom."""
        place = self._scroll.verticalScrollBar().value()
        self._drop_list()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(34, 2, 12, 12)
        column.setSpacing(8)
        for group in self._groups:
            column.addWidget(label(check_words.heading(group), "section"))
            for item in group.items[:MAX_ITEMS]:
                row = CheckRow(self._context, group.subject, item, self._form)
                row.mend_requested.connect(self.mend_requested)
                row.jump_requested.connect(self.jump_requested)
                self.rows.append(row)
                column.addWidget(row)
            if len(group.items) > MAX_ITEMS:
                more = self.tr("and {n} more").format(n=f"{len(group.items) - MAX_ITEMS:,}")
                column.addWidget(label(more, "muted"))
        if any(group.subject in (Subject.NODES, Subject.MODELS) for group in self._groups):
            column.addWidget(self._look_again())
        self._scroll.setWidget(inside)
        inside.setAutoFillBackground(False)
        self._scroll.viewport().setAutoFillBackground(False)
        height = self._height(inside)
        self._scroll.setMinimumHeight(min(height, LEAST))
        self._scroll.setMaximumHeight(height)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._scroll.verticalScrollBar().setValue(place)

    def _look_again(self) -> QWidget:
        self.look_again = button(
            self.tr("Look again on the server"),
            "link",
            icon=self._context.icons.icon("retry", "accent"),
            clicked=self.look_again_requested.emit,
        )
        return self.look_again

    def _height(self, inside: QWidget) -> int:
        width = max(120, self.width())
        layout = inside.layout()
        needed = layout.heightForWidth(width) if layout is not None and layout.hasHeightForWidth() else -1
        return min(TALLEST, needed if needed > 0 else inside.sizeHint().height())

    # Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The whole line opens and closes the list."""
        if event.button() is Qt.MouseButton.LeftButton and event.position().y() <= self.toggle.geometry().bottom() + 5:
            self._toggle()
        else:
            super().mousePressEvent(event)
