"""The form's fields as a tree of sections, to be dragged, ticked and renamed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from comfydesk.form import rearrange
from comfydesk.form.fields import Field, Form
from comfydesk.form.rearrange import ADVANCED, FIRST, HIDDEN, USUAL, Section, Spot

NAME, NODE, SHOWN_FIRST, IS_HIDDEN = range(4)
LINE_HEIGHT = 28
_ROLE = Qt.ItemDataRole.UserRole


class Line(NamedTuple):
    """What an item stands for: a field (`key`), a node below "Advanced" (`node`), or else the section itself."""

    spot: Spot
    key: str = ""
    node: str = ""


class ArrangeTree(QTreeWidget):
    """`placed(keys, spot, before)`: fields go somewhere. `stepped(key, by)`, `group_stepped(number, by)`.
    `renamed(key, text)`, `group_renamed(number, text)`. `chosen(key)`: the current field, "" where it is none."""

    placed = Signal(object, object, str)
    stepped = Signal(str, int)
    group_stepped = Signal(int, int)
    renamed = Signal(str, str)
    group_renamed = Signal(int, str)
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setColumnCount(4)
        self.setHeaderLabels([self.tr("Field"), self.tr("Node and input"), self.tr("First"), self.tr("Hidden")])
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setExpandsOnDoubleClick(False)
        self.setAccessibleName(self.tr("Fields of the form"))
        head = self.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(NODE, QHeaderView.ResizeMode.Interactive)
        head.resizeSection(NODE, 170)
        self._closed: set[str] = set()
        self._items: dict[str, QTreeWidgetItem] = {}
        self.itemChanged.connect(self._changed)
        self.currentItemChanged.connect(lambda now, _old: self.chosen.emit(self.line(now).key if now else ""))
        self.itemCollapsed.connect(lambda item: self._closed.add(self._name(item)))
        self.itemExpanded.connect(lambda item: self._closed.discard(self._name(item)))

    def show_form(self, form: Form) -> None:
        """Show the form's arrangement; what is selected and folded stays so."""
        current, selected = self.current_name(), {self._name(item) for item in self.selectedItems()}
        place = self.verticalScrollBar().value()
        with QSignalBlocker(self):
            first_time = not self._items
            self.clear()
            self._items.clear()
            self._fill(form)
            for name, item in self._items.items():
                is_node = bool(self.line(item).node)
                item.setExpanded(not is_node if first_time else name not in self._closed)
                if first_time and is_node:
                    self._closed.add(name)
                item.setSelected(name in selected)
            found = self._items.get(current)
            if found is not None:
                self.setCurrentItem(found, 0, self.selectionModel().SelectionFlag.NoUpdate)
        self.verticalScrollBar().setValue(place)
        self.chosen.emit(self.line(found).key if found is not None else "")

    def select(self, key: str) -> None:
        """Make a field the current one, and show it."""
        item = self._items.get(f"field {key}")
        if item is not None:
            self.setCurrentItem(item)
            self.scrollToItem(item)

    def edit_group(self, number: int) -> None:
        """Let a person type a group's name."""
        item = self._items.get(f"section {Section.GROUP} {number}")
        if item is not None:
            self.setCurrentItem(item)
            self.editItem(item, NAME)

    def selected_keys(self) -> list[str]:
        """The keys of the selected fields, from top to bottom."""
        chosen = {self.line(item).key for item in self.selectedItems()}
        return [name.removeprefix("field ") for name in self._items if name.removeprefix("field ") in chosen]

    def current_name(self) -> str:
        item = self.currentItem()
        return self._name(item) if item is not None else ""

    def current_line(self) -> Line | None:
        item = self.currentItem()
        return self.line(item) if item is not None else None

    @staticmethod
    def line(item: QTreeWidgetItem) -> Line:
        found: Line = item.data(0, _ROLE)
        return found

    def _fill(self, form: Form) -> None:
        root = self.invisibleRootItem()
        first = self._section(root, Line(FIRST), self.tr("Shown first"))
        self._fields(first, form, form.essentials, FIRST)
        own = [group for group in form.groups if group.is_own]
        for number, group in enumerate(own):
            spot = Spot(Section.GROUP, number)
            item = self._section(root, Line(spot), group.title, can_rename=True)
            self._fields(item, form, group.keys, spot)
        rest = self._section(root, Line(ADVANCED), self.tr("Advanced"))
        for group in form.groups:
            if not group.is_own and rearrange.editable(form, group.keys):
                node = self._section(rest, Line(ADVANCED, node=group.node_id), group.title)
                self._fields(node, form, group.keys, ADVANCED)
        if form.hidden:
            self._fields(self._section(root, Line(HIDDEN), self.tr("Hidden")), form, form.hidden, HIDDEN)

    def _section(self, parent: QTreeWidgetItem, line: Line, title: str, *, can_rename: bool = False) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [title])
        item.setData(0, _ROLE, line)
        item.setSizeHint(0, QSize(0, LINE_HEIGHT))
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDropEnabled
        item.setFlags(flags | (Qt.ItemFlag.ItemIsEditable if can_rename else Qt.ItemFlag.NoItemFlags))
        font = item.font(0)
        font.setBold(not line.node)
        item.setFont(0, font)
        self._items[self._name(item)] = item
        return item

    def _fields(self, parent: QTreeWidgetItem, form: Form, keys: tuple[str, ...], spot: Spot) -> None:
        for field in rearrange.editable(form, keys):
            item = QTreeWidgetItem(parent, [field.label, _origin(form, field)])
            item.setData(0, _ROLE, Line(spot, field.key))
            item.setSizeHint(0, QSize(0, LINE_HEIGHT))
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsEditable
                | Qt.ItemFlag.ItemIsDragEnabled
                | Qt.ItemFlag.ItemIsUserCheckable
                | Qt.ItemFlag.ItemNeverHasChildren
            )
            item.setCheckState(SHOWN_FIRST, _check(spot == FIRST))
            item.setCheckState(IS_HIDDEN, _check(spot == HIDDEN))
            self._items[self._name(item)] = item

    def _name(self, item: QTreeWidgetItem) -> str:
        line = self.line(item)
        if line.key:
            return f"field {line.key}"
        return f"node {line.node}" if line.node else f"section {line.spot.section} {line.spot.group}"

    def _changed(self, item: QTreeWidgetItem, column: int) -> None:
        line = self.line(item)
        if column == NAME:
            if line.key:
                self.renamed.emit(line.key, item.text(NAME))
            elif line.spot.section is Section.GROUP:
                self.group_renamed.emit(line.spot.group, item.text(NAME))
        elif line.key:
            is_on = item.checkState(column) is Qt.CheckState.Checked
            off = ADVANCED if column == SHOWN_FIRST else USUAL
            spot = off if not is_on else FIRST if column == SHOWN_FIRST else HIDDEN
            self.placed.emit([line.key], spot, "")

    def toggle(self, spot: Spot) -> None:
        """Put the selected fields there, or back to their nodes if they all are there."""
        keys = self.selected_keys()
        lines = [self.line(self._items[f"field {key}"]) for key in keys]
        if keys:
            off = ADVANCED if spot == FIRST else USUAL
            self.placed.emit(keys, off if all(line.spot == spot for line in lines) else spot, "")

    def step(self, by: int) -> None:
        """Move the current field or group one place up or down."""
        line = self.current_line()
        if line is not None and line.key:
            self.stepped.emit(line.key, by)
        elif line is not None and line.spot.section is Section.GROUP:
            self.group_stepped.emit(line.spot.group, by)

    def target_at(self, point: QPoint) -> tuple[Spot, str] | None:
        """Where a drop at this point puts fields: the spot, and the field before which they come ("": at its end)."""
        item = self.itemAt(point)
        if item is None:
            return None
        line = self.line(item)
        if not line.key:
            return line.spot, ""
        if point.y() < self.visualItemRect(item).center().y():
            return line.spot, line.key
        below = self.itemBelow(item)
        after = self.line(below) if below is not None else None
        return line.spot, after.key if after is not None and after.spot == line.spot else ""

    def fields(self) -> Iterator[str]:
        """All fields from top to bottom."""
        return (self.line(item).key for item in self._items.values() if self.line(item).key)

    # Qt

    def dropEvent(self, event: QDropEvent) -> None:
        keys, target = self.selected_keys(), self.target_at(event.position().toPoint())
        event.setDropAction(Qt.DropAction.IgnoreAction)  # the tree is made anew, nothing moves by itself
        event.accept()
        if keys and target is not None:
            spot, before = target
            while before in keys:  # the next one that stays
                order = [key for key in self.fields() if self.line(self._items[f"field {key}"]).spot == spot]
                at = order.index(before) + 1
                before = order[at] if at < len(order) else ""
            self.placed.emit(keys, spot, before)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, alt = event.key(), event.modifiers() & Qt.KeyboardModifier.AltModifier
        if alt and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.step(-1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Space and not event.modifiers():
            self.toggle(FIRST)
        elif key == Qt.Key.Key_Delete:
            self.toggle(HIDDEN)
        else:
            super().keyPressEvent(event)


def _origin(form: Form, field: Field) -> str:
    return f"{form.titles.get(field.node_id, field.node_id)} · {field.input_name}"


def _check(is_on: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked
