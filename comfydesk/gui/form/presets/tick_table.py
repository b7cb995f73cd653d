"""A table of fields with a tick each: label, what the form says, and what something else says."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QHeaderView, QLineEdit, QTableView, QVBoxLayout, QWidget

from comfydesk.base.fuzzy import rank
from comfydesk.form.fields import LocalFile
from comfydesk.gui.widgets.labels import beginning, counted, plain_tooltip
from comfydesk.gui.widgets.plain_table import plain_table

Index = QModelIndex | QPersistentModelIndex
FILTER_FROM = 10  # rows
_LONGEST_TIP = 800


@dataclass(frozen=True, slots=True)
class Line:
    """One field. `values`: one for each column of values; `place`: the node, where the label alone is not enough."""

    key: str
    label: str
    place: str
    values: tuple[Any, ...]


class TickModel(QAbstractTableModel):
    """`ticked_changed`: other rows are ticked now."""

    ticked_changed = Signal()

    def __init__(self, lines: Sequence[Line], heads: Sequence[str], ticked: Collection[str], parent: QObject) -> None:
        super().__init__(parent)
        self._all = list(lines)
        self._shown = list(lines)
        self._heads = list(heads)
        self.ticked = {line.key for line in lines if line.key in ticked}

    @property
    def shown(self) -> list[str]:
        return [line.key for line in self._shown]

    def narrow(self, query: str) -> None:
        """Only the fields whose label or node has these letters; those that are not shown keep their tick."""
        self.beginResetModel()
        found = rank(query, [f"{line.label} {line.place}" for line in self._all])
        self._shown = [self._all[at] for at in sorted(found)]
        self.endResetModel()

    def tick(self, keys: Collection[str], on: bool) -> None:
        self.ticked = self.ticked | set(keys) if on else self.ticked - set(keys)
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, 0))
        self.ticked_changed.emit()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        both = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return both | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else both

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        line, column = self._shown[index.row()], index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == 0:
            return Qt.CheckState.Checked if line.key in self.ticked else Qt.CheckState.Unchecked
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        name = f"{line.label} · {line.place}" if line.place else line.label
        text = name if column == 0 else said(line.values[column - 1])
        if role == Qt.ItemDataRole.DisplayRole:
            return beginning(" ".join(text[:2000].split()))
        return plain_tooltip(text if len(text) <= _LONGEST_TIP else text[:_LONGEST_TIP] + "…")

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self.tick([self._shown[index.row()].key], Qt.CheckState(value) is Qt.CheckState.Checked)
        return True


class TickTable(QWidget):
    """The table with a search line where it is long, and a tick for all that is shown. `ticked_changed`."""

    ticked_changed = Signal()

    def __init__(
        self,
        name: str,
        lines: Sequence[Line],
        heads: Sequence[str],
        ticked: Collection[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = TickModel(lines, heads, ticked, self)
        self.model.ticked_changed.connect(self._say)
        self.search = QLineEdit()
        self.search.setProperty("kind", "search")
        self.search.setPlaceholderText(self.tr("Find a field"))
        self.search.setAccessibleName(self.tr("Find a field"))
        self.search.textChanged.connect(self._narrow)
        self.every = QCheckBox()
        self.every.clicked.connect(self._tick_all)
        self.view = self._make_view(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.every)
        column.addWidget(self.view, 1)
        self.search.setVisible(len(lines) >= FILTER_FROM)
        self.every.setVisible(len(lines) > 1)
        self._say()

    @property
    def ticked(self) -> set[str]:
        return set(self.model.ticked)

    def _make_view(self, name: str) -> QTableView:
        view = plain_table(self.model, name, QAbstractItemView.SelectionMode.ExtendedSelection)
        head = view.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for section in range(self.model.columnCount()):
            head.setSectionResizeMode(section, QHeaderView.ResizeMode.Stretch)
        view.installEventFilter(self)
        if self.model.rowCount():
            view.setCurrentIndex(self.model.index(0, 0))
        return view

    def _narrow(self, query: str) -> None:
        self.model.narrow(query)
        if self.model.rowCount():
            self.view.setCurrentIndex(self.model.index(0, 0))
        self._say()

    def _tick_all(self) -> None:
        self.model.tick(self.model.shown, not self.model.ticked.issuperset(self.model.shown))

    def _say(self) -> None:
        shown = set(self.model.shown)
        on = len(shown & self.model.ticked)
        state = Qt.CheckState.Checked if on and on == len(shown) else Qt.CheckState.PartiallyChecked
        self.every.setCheckState(state if on else Qt.CheckState.Unchecked)
        self.every.setText(counted(len(shown), self.tr("One field"), self.tr("All {n} fields")))
        self.ticked_changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space ticks all selected rows as the current one is not."""
        if watched is self.view and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            if event.type() == QEvent.Type.KeyPress:
                shown = self.model.shown
                keys = [shown[index.row()] for index in self.view.selectionModel().selectedRows()]
                current = self.view.currentIndex()
                if keys and current.isValid():
                    self.model.tick(keys, shown[current.row()] not in self.model.ticked)
            return True
        return super().eventFilter(watched, event)


def said(value: Any) -> str:
    """A value as a person reads it: texts as they are, the rest as JSON."""
    if isinstance(value, LocalFile):
        return PurePath(value.path).name
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
