"""One field for the address of a server; everything else is asked under it only when the server wants it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.server import address
from comfydesk.server.types import HostReport, Trust

from ..context import Context
from ..widgets.buttons import button
from ..widgets.labels import label
from ..widgets.spinner import Spinner
from .access import AccessPanel


class AddressForm(QWidget):
    """Looks at what was typed and, once it answers as ComfyUI, saves and uses it.

    `added(Host)`; `asks(bool)`: whether a login, a certificate or an error stands under the address.
    """

    added = Signal(object)
    asks = Signal(bool)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._engine: Any = None
        self._pin = ""
        self._looked_at = ""
        self._try = 0
        self._entered_early = False
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(self.tr("Address, like gpu-box:8188 or https://gpu.example/comfy/"))
        self.edit.setAccessibleName(self.tr("Address of the server"))
        self.edit.setMaxLength(2048)
        self.edit.returnPressed.connect(self.connect_now)
        self.edit.textEdited.connect(self._on_edited)
        self.go = button(self.tr("Connect"), clicked=self.connect_now)
        self.go.setEnabled(False)
        self._busy = QWidget()
        busy = QHBoxLayout(self._busy)
        busy.setContentsMargins(0, 0, 0, 0)
        busy.setSpacing(8)
        self._busy_text = label("", "muted")
        busy.addWidget(Spinner(context.theme))
        busy.addWidget(self._busy_text, 1)
        self._busy.hide()
        self.access = AccessPanel(context)
        self.access.login_entered.connect(lambda _login: self.connect_now())
        self.access.trusted.connect(self._on_trusted)
        self.access.retry_requested.connect(self.connect_now)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.edit, 1)
        row.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(row)
        layout.addWidget(self._busy)
        layout.addWidget(self.access)
        self.setFocusProxy(self.edit)

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self._on_edited()
        if self._entered_early:
            self._entered_early = False
            self.connect_now()

    def detach(self) -> None:
        self._try += 1
        self._engine = None
        self._busy.hide()

    @property
    def is_busy(self) -> bool:
        return not self._busy.isHidden()

    def connect_now(self) -> None:
        """Look at the address with what is known by now."""
        text = self.edit.text().strip()
        if not text or self.is_busy:
            return
        if self._engine is None:  # Enter before the engine was there
            self._entered_early = True
            return
        self._try += 1
        self._looked_at = text
        self._busy_text.setText(self.tr("Looking at {address} …").format(address=text))
        self._busy.show()
        self.access.problem.clear()
        self._context.bridge.spawn(self._connect(self._try, text), "look at a server")

    def _on_edited(self) -> None:
        text = self.edit.text().strip()
        self.go.setEnabled(bool(text) and self._engine is not None)
        if text != self._looked_at:  # a login belongs to one address only
            self._pin = ""
            self.access.clear()
            self.asks.emit(False)

    def _on_trusted(self, pin: str) -> None:
        self._pin = pin
        self.connect_now()

    async def _connect(self, this_try: int, text: str) -> None:
        engine, bridge, access = self._engine, self._context.bridge, self.access
        credentials, trust, allow_plain = access.credentials, Trust(pin=self._pin), access.allow_plain
        try:
            report = await bridge.call(engine.look, text, credentials, trust, allow_plain)
            if this_try != self._try:
                return
            host = await bridge.call(
                engine.add_host, name_of(report), report.url, credentials, trust, allow_plain, access.remember
            )
        except Problem as problem:
            if this_try == self._try:
                self._busy.hide()
                access.show_problem(problem, text)
                if access.login.isHidden() and access.trust.isHidden():  # the address is what to correct
                    self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
                self.asks.emit(True)
            return
        self._busy.hide()
        self.reset()
        self.added.emit(host)

    def reset(self) -> None:
        """Ready for another address."""
        self.asks.emit(False)
        self.edit.clear()
        self._looked_at = self._pin = ""
        self.access.clear()
        self.go.setEnabled(False)

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.access.isHidden():
            self.access.clear()
        else:
            super().keyPressEvent(event)


def name_of(report: HostReport) -> str:
    """A short name for a server: its machine's, without the domain."""
    parsed = address.parse(report.url)
    if parsed.is_loopback:
        return "This computer" if parsed.port == address.COMFYUI_PORT else f"This computer, port {parsed.port}"
    is_number = parsed.host.replace(".", "").isdigit() or ":" in parsed.host
    return parsed.host if is_number else parsed.host.split(".")[0]
