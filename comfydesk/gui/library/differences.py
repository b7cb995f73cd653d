"""The table of a comparison: node, input, what it was, what it is."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from comfydesk.gui.widgets.labels import beginning
from comfydesk.gui.widgets.plain_table import plain_table

Index = QModelIndex | QPersistentModelIndex
_LONGEST_TIP = 600


class DifferencesModel(QAbstractTableModel):
    """Rows are the library's `Difference`s."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Any] = ()
        self._heads = (self.tr("Node"), self.tr("Input"), self.tr("Before"), self.tr("After"))
        self._kinds = {
            "added": self.tr("(added)"),
            "removed": self.tr("(removed)"),
            "mode": self.tr("(state)"),
            "title": self.tr("(title)"),
            "class": self.tr("(kind of node)"),
            "format": self.tr("(format of the file)"),
        }

    def set_heads(self, before: str, after: str) -> None:
        """What the two sides are."""
        self._heads = (*self._heads[:2], before, after)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 2, 3)

    def show(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._heads[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        what = row.input or self._kinds.get(row.kind, "")
        text = _said((row.node, what, row.before, row.after)[index.column()])
        if role == Qt.ItemDataRole.DisplayRole:
            return beginning(" ".join(text[:2000].split()))
        if role == Qt.ItemDataRole.ToolTipRole and text:
            cut = text if len(text) <= _LONGEST_TIP else text[:_LONGEST_TIP] + "…"
            return f"<span>{html.escape(cut)}</span>".replace("\n", "<br>")
        return None


def _said(value: Any) -> str:
    """A value as a person reads it: texts as they are, the rest as JSON."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def differences_view(model: DifferencesModel, name: str) -> QTableView:
    """The table; `name` is for screen readers."""
    view = plain_table(model, name, QAbstractItemView.SelectionMode.SingleSelection)
    head = view.horizontalHeader()
    for section, width in enumerate((140, 112)):  # the values get the rest
        head.resizeSection(section, width)
    for section in (2, 3):
        head.setSectionResizeMode(section, QHeaderView.ResizeMode.Stretch)
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return view
