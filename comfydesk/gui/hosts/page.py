"""The hosts page: saved servers, and a field for another one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ..context import Context
from ..page_frame import ColumnPage, card
from ..widgets.buttons import button
from ..widgets.labels import label
from .address_form import AddressForm
from .row import HostRow
from .states import HostStates


class HostsPage(ColumnPage):
    """`toast_requested(text, action, callback)`, `page_requested(key)`, `demo_requested`."""

    toast_requested = Signal(str, str, object)
    page_requested = Signal(str)
    demo_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._context = context
        self._engine: Any = None
        self._states: HostStates | None = None
        self._rows: dict[str, HostRow] = {}
        self.title.setText(self.tr("Hosts"))
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.column.addLayout(self._list)
        self._none = label(self.tr("No host yet. Type the address of a ComfyUI server below."), "muted")
        self.column.addWidget(self._none)
        self._add, inside = card(self.tr("Add a host"))
        self.form = AddressForm(context)
        self.form.added.connect(self._on_added)
        inside.addWidget(self.form)
        self.column.addSpacing(4)
        self.column.addWidget(self._add)
        self._start = button(self.tr("Look for ComfyUI on this computer, or try the demo"), "link")
        self._start.clicked.connect(lambda: self.page_requested.emit("start"))
        self.column.addWidget(self._start)
        self.column.addStretch(1)
        self.setFocusProxy(self.form.edit)

    def set_states(self, states: HostStates) -> None:
        """What the window knows of its hosts."""
        self._states = states
        states.changed.connect(self.refresh)

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.form.attach(engine)
        is_demo = bool(engine.home.is_demo)
        self._add.setVisible(not is_demo)  # the demo has its own server and no other
        self._start.setVisible(not is_demo)
        self.refresh()

    def detach(self) -> None:
        self._engine = None
        self.form.detach()
        self._show_rows(())

    def refresh(self) -> None:
        """Show the hosts as they are now."""
        if self._states is not None and self._engine is not None:
            self._show_rows(self._states.hosts)

    @property
    def rows(self) -> tuple[HostRow, ...]:
        return tuple(self._rows.values())

    def _show_rows(self, hosts: tuple[Any, ...]) -> None:
        wanted = {host.host_id: host for host in hosts}
        for host_id in [known for known in self._rows if known not in wanted]:
            row = self._rows.pop(host_id)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        for host_id, host in wanted.items():
            if host_id in self._rows:
                self._rows[host_id].refresh(host)
            else:
                assert self._states is not None
                row = HostRow(self._context, host, self._states)
                row.use_requested.connect(self._use)
                row.remove_requested.connect(self._remove)
                self._rows[host_id] = row
                self._list.addWidget(row)
        self._none.setVisible(not hosts)

    def _on_added(self, host: Any) -> None:
        self.toast_requested.emit(self.tr("Using {name} now").format(name=host.name), "", None)
        self._reload()

    def _use(self, host_id: str) -> None:
        if self._engine is not None:
            self._context.bridge.run(self._engine.use_host, host_id, then=lambda _host: self._reload())

    def _remove(self, host_id: str) -> None:
        if self._engine is not None:
            self._context.bridge.run(self._engine.remove_host, host_id, then=lambda _none: self._reload())

    def _reload(self) -> None:
        if self._states is not None:
            self._context.bridge.spawn(self._states.reload(), "read the hosts")
