"""One saved host: what it is, how it does, and what stands in the way of using it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.base.errors import TEMPLATES, Problem
from comfydesk.server.types import Connection, Credentials, Host

from ..context import Context
from ..widgets.buttons import button, icon_button, menu
from ..widgets.labels import ElidedLabel, label
from ..widgets.spinner import Dot, Spinner
from .access import AccessPanel
from .states import HostStates, look

_IN_THE_WAY = frozenset({Connection.LOGIN, Connection.UNTRUSTED, Connection.WRONG, Connection.OFFLINE})


class HostRow(QFrame):
    """`use_requested(host_id)`, `remove_requested(host_id)`."""

    use_requested = Signal(str)
    remove_requested = Signal(str)

    def __init__(self, context: Context, host: Host, states: HostStates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._states = context, states
        self.host = host
        self._engine: Any = context.bridge.engine
        self._shown_problem: tuple[str, str] | None = None  # None: show the next state, whatever it is
        self.setProperty("kind", "card")
        self._dot, self._spinner = Dot(context.theme), Spinner(context.theme, 12)
        self._name, self._url = ElidedLabel(host.name, "strong"), ElidedLabel(host.url, "small")
        self._state = label("", "muted")
        self._tag = label(self.tr("In use"), "tag", tone="accent")
        self.use = button(self.tr("Use"), clicked=lambda: self.use_requested.emit(self.host.host_id))
        self._more = icon_button(context.icons.icon("more", "muted"), self.tr("More"), clicked=self._open_menu)
        self.access = AccessPanel(context)
        self.access.login_entered.connect(self._on_login)
        self.access.trusted.connect(self._on_trusted)
        self.access.retry_requested.connect(lambda: self.use_requested.emit(self.host.host_id))
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(self._name)
        text.addWidget(self._url)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._dot)
        row.addWidget(self._spinner)
        row.addLayout(text, 1)
        for part in (self._state, self._tag, self.use, self._more):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self._more.setVisible(not host.is_demo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(12)
        layout.addLayout(row)
        layout.addWidget(self.access)
        self.refresh(host)

    def refresh(self, host: Host) -> None:
        """Show the newest state of this host."""
        self.host = host
        state = self._states.state(host.host_id)
        shown = look(state)
        self._name.set_text(host.name)
        self._url.set_text(host.url)
        self._dot.set_role(shown.role, filled=shown.filled)
        self._dot.setVisible(not shown.is_busy)
        self._spinner.setVisible(shown.is_busy)
        self._state.setText(shown.text)
        current = self._states.current
        is_current = current is not None and current.host_id == host.host_id
        self._tag.setVisible(is_current)
        self.use.setVisible(not is_current)
        self._show_trouble(state.connection, state.problem_code if is_current else "")

    def _show_trouble(self, connection: Connection, code: str) -> None:
        """Ask for what is missing, once for each trouble: what a person types is not wiped by the next poll."""
        trouble = (connection.value, code) if connection in _IN_THE_WAY and code in TEMPLATES else ("", "")
        if trouble == self._shown_problem or connection is Connection.CONNECTING:
            return
        self._shown_problem = trouble
        if not trouble[0]:
            self.access.clear()
        elif self._engine is not None:
            # The state says that something is wrong; a look says what, with its facts (the fingerprint, the login).
            self._context.bridge.run(
                self._engine.look,
                self.host.url,
                None,
                self.host.trust,
                self.host.allow_plain_auth,
                failed=lambda problem: self._on_problem(problem, code),
            )

    def _on_problem(self, problem: Problem, code: str) -> None:
        if not (self._shown_problem and self._shown_problem[0]):
            return
        if code == "auth_wrong" and problem.code == "auth_needed":  # the look had no login, the host has a wrong one
            problem = Problem("auth_wrong", **problem.facts)
        self.access.login.suggest(self.host.auth, self.host.user)
        self.access.show_problem(problem, self.host.url)

    def _on_login(self, credentials: Credentials) -> None:
        if self._engine is not None:
            self._shown_problem = None
            self._context.bridge.run(
                self._engine.log_in,
                self.host.host_id,
                credentials,
                self.access.remember,
                self.access.allow_plain,
                failed=lambda problem: self.access.show_problem(problem, self.host.url),
            )

    def _on_trusted(self, pin: str) -> None:
        if self._engine is not None:
            self._shown_problem = None
            self._context.bridge.run(
                self._engine.trust,
                self.host.host_id,
                pin,
                failed=lambda problem: self.access.show_problem(problem, self.host.url),
            )

    def _open_menu(self) -> None:
        opened = menu(self)
        opened.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove = opened.addAction(self.tr("Forget this host and its login"))
        remove.triggered.connect(lambda: self.remove_requested.emit(self.host.host_id))
        opened.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))
