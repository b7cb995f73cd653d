"""The host in use, always in sight: name, state, machine; a menu of the others."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from ..style.icons import Icons
from ..style.theme import Theme
from ..widgets.buttons import menu
from ..widgets.icon_label import IconLabel
from ..widgets.labels import ElidedLabel, counted, label
from ..widgets.spinner import Dot, Spinner
from .states import HostStates, look

_WIDEST, _WIDEST_NAME = 460, 200


class HostChip(QPushButton):
    """`page_requested(str)`, `use_requested(host_id)`, `leave_demo_requested`."""

    page_requested = Signal(str)
    use_requested = Signal(str)
    leave_demo_requested = Signal()

    def __init__(self, theme: Theme, icons: Icons, states: HostStates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._states = states
        self.setProperty("kind", "chip")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._dot, self._spinner = Dot(theme), Spinner(theme, 12)
        self._name = ElidedLabel("", "strong")
        self._detail = ElidedLabel("", "muted")
        self._more = label("", "muted")
        arrow = IconLabel(icons, "chevron-down", 14)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 8, 0)
        row.setSpacing(8)
        for part in (self._dot, self._spinner, self._name, self._detail, self._more, arrow):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(part)
        self._spinner.hide()
        self.clicked.connect(self._on_clicked)
        states.changed.connect(self.refresh)
        self._is_starting = True
        self.refresh()

    def set_starting(self, starting: bool) -> None:
        """Before the engine is there nothing is known yet."""
        self._is_starting = starting
        self.refresh()

    def refresh(self) -> None:
        """Show the newest state."""
        current = self._states.current
        if current is None:
            self._name.set_text(self.tr("Starting") if self._is_starting else self.tr("No host yet"))
            self._show(role="faint", filled=False, busy=self._is_starting, detail="")
            self._more.hide()
        else:
            shown = look(self._states.state(current.host_id))
            self._name.set_text(current.name)
            self._show(role=shown.role, filled=shown.filled, busy=shown.is_busy, detail=shown.text)
            others = len(self._states.hosts) - 1
            self._more.setText(counted(others, self.tr("+1 host"), self.tr("+{n} hosts")))
            self._more.setVisible(others > 0)
        self.setAccessibleName(
            self.tr("Host: {name} {detail}").format(name=self._name.text(), detail=self._detail.text())
        )
        self._name.setMinimumWidth(min(_WIDEST_NAME, self._name.sizeHint().width()))  # the detail gives way first
        self.updateGeometry()

    def _show(self, *, role: str, filled: bool, busy: bool, detail: str) -> None:
        self._dot.set_role(role, filled=filled)
        self._dot.setVisible(not busy)
        self._spinner.setVisible(busy)
        self._detail.set_text(detail)
        self._detail.setVisible(bool(detail))

    def _on_clicked(self) -> None:
        if self._is_starting:
            return
        if not self._states.hosts:
            self.page_requested.emit("start")
            return
        opened = menu(self)
        opened.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(opened)
        for host in self._states.hosts:
            state = look(self._states.state(host.host_id))
            text = f"{host.name}   {state.text}" if state.text else host.name
            action = opened.addAction(text.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(self._states.current is not None and host.host_id == self._states.current.host_id)
            action.triggered.connect(lambda _checked=False, chosen=host.host_id: self.use_requested.emit(chosen))
            group.addAction(action)
        opened.addSeparator()
        current = self._states.current
        if current is not None and current.is_demo:
            leave = opened.addAction(self.tr("Leave the demo"))
            leave.triggered.connect(lambda: self.leave_demo_requested.emit())
        else:
            opened.addAction(self.tr("Add a host…")).triggered.connect(lambda: self.page_requested.emit("hosts"))
        opened.addAction(self.tr("All hosts")).triggered.connect(lambda: self.page_requested.emit("hosts"))
        opened.popup(self.mapToGlobal(QPoint(0, self.height() + 4)))

    def sizeHint(self) -> QSize:
        return QSize(min(_WIDEST, self.layout().sizeHint().width()), 32)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, 32)
