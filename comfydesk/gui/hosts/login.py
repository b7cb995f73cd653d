"""The login beside an address: user and password, or a token; where it is kept; whether it may travel unencrypted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from comfydesk.server.types import AuthKind, Credentials

from ..widgets.buttons import button
from ..widgets.labels import label
from ..widgets.segmented import SegmentedControl


class LoginFields(QWidget):
    """`submitted`: Enter in the last field, or the button."""

    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = SegmentedControl(
            [(AuthKind.BASIC, self.tr("User and password")), (AuthKind.BEARER, self.tr("Token"))]
        )
        self.user = QLineEdit()
        self.user.setPlaceholderText(self.tr("User"))
        self.user.setAccessibleName(self.tr("User"))
        self.secret = QLineEdit()
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.log_in = button(self.tr("Log in"), "primary")
        self.keep = QCheckBox(self.tr("Keep the login in this system's keychain"))
        self.keep.setChecked(True)
        self.allow_plain = QCheckBox()
        self._no_keychain = label(
            self.tr("This system has no keychain: the login lasts until ComfyDesk ends."), "small", wrap=True
        )
        self._no_keychain.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.user, 1)
        row.addWidget(self.secret, 1)
        row.addWidget(self.log_in)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self.kind)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addLayout(row)
        layout.addWidget(self.keep)
        layout.addWidget(self._no_keychain)
        layout.addWidget(self.allow_plain)
        self.kind.value_changed.connect(self._on_kind)
        self.user.returnPressed.connect(self._on_user_entered)
        self.secret.returnPressed.connect(self.submitted)
        self.log_in.clicked.connect(self.submitted)
        self.user.textChanged.connect(self._on_typed)
        self.secret.textChanged.connect(self._on_typed)
        self.show_plain_tick("")
        self._on_kind(self.kind.value)
        self._on_typed()

    def credentials(self) -> Credentials:
        """What was typed; NONE while nothing was."""
        if not self.secret.text() and not self.user.text():
            return Credentials()
        if self.kind.value == AuthKind.BEARER:
            return Credentials(AuthKind.BEARER, secret=self.secret.text().strip())
        return Credentials(AuthKind.BASIC, user=self.user.text(), secret=self.secret.text())

    def suggest(self, kind: AuthKind, user: str) -> None:
        """Begin with what the host had before."""
        if kind in (AuthKind.BASIC, AuthKind.BEARER):
            self.kind.set_value(kind)
        self.user.setText(user)

    def begin(self) -> None:
        """Put the keyboard where typing goes on."""
        first = self.user if self.user.isVisible() and not self.user.text() else self.secret
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        first.selectAll()

    def show_plain_tick(self, machine: str) -> None:
        """Offer to send the login in the open to `machine`; "" if the way is encrypted or stays on this computer."""
        self.allow_plain.setText(self.tr("Send the password unencrypted to {host}").format(host=machine))
        self.allow_plain.setVisible(bool(machine))
        if not machine:
            self.allow_plain.setChecked(False)

    def set_keychain(self, available: bool) -> None:
        """Without a keychain there is nothing to tick."""
        self.keep.setVisible(available)
        self.keep.setChecked(available)
        self._no_keychain.setVisible(not available)

    def clear(self) -> None:
        self.secret.clear()

    def _on_kind(self, kind: AuthKind) -> None:
        is_token = kind == AuthKind.BEARER
        self.user.setVisible(not is_token)
        text = self.tr("Token") if is_token else self.tr("Password")
        self.secret.setPlaceholderText(text)
        self.secret.setAccessibleName(text)
        self._on_typed()

    def _on_user_entered(self) -> None:
        if self.secret.text():
            self.submitted.emit()
        else:
            self.secret.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_typed(self) -> None:
        self.log_in.setEnabled(self.credentials().kind != AuthKind.NONE)
