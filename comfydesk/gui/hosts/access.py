"""What stands between an address and its server, asked in place: login, certificate, and what went wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem
from comfydesk.server import address
from comfydesk.server.types import Credentials

from ..context import Context
from ..widgets.buttons import button
from ..widgets.labels import label, restyle
from ..widgets.problem_line import ProblemLine
from .login import LoginFields
from .steps import StepList, steps

_LOGIN_CODES = frozenset({"auth_needed", "auth_wrong", "auth_plain"})
_TRUST_CODES = frozenset({"tls_untrusted", "tls_pin"})


class AccessPanel(QWidget):
    """Shown under the address only as far as it is needed.

    `login_entered(Credentials)` (read `remember` and `allow_plain` with it); `trusted(str)`: the fingerprint that a
    person trusts; `retry_requested`.
    """

    login_entered = Signal(object)
    trusted = Signal(str)
    retry_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._asked_keychain = False
        self.step_list = StepList(context.icons)
        self.problem = ProblemLine(context.icons)
        self.login = LoginFields()
        self.login.hide()
        self.login.submitted.connect(self._on_login)
        self.trust = TrustBox()
        self.trust.trusted.connect(self.trusted)
        self.trust.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for part in (self.step_list, self.problem, self.trust, self.login):
            layout.addWidget(part)
        self.hide()

    @property
    def remember(self) -> bool:
        return self.login.keep.isChecked()

    @property
    def allow_plain(self) -> bool:
        return self.login.allow_plain.isChecked()

    @property
    def credentials(self) -> Credentials:
        """What was typed, while a login is asked for."""
        return self.login.credentials() if not self.login.isHidden() else Credentials()

    def clear(self) -> None:
        """Nothing stands in the way (any more)."""
        self.step_list.clear()
        self.problem.clear()
        self.login.hide()
        self.login.clear()
        self.trust.hide()
        self.hide()

    def show_problem(self, problem: Problem, text: str) -> None:
        """Say why the server at the address `text` cannot be used yet, and ask for what would help."""
        machine, is_secure, is_local = _parts(text)
        self.step_list.show_steps(steps(problem.code, is_secure=is_secure))
        asks_login, asks_trust = problem.code in _LOGIN_CODES, problem.code in _TRUST_CODES
        if problem.code == "auth_needed":
            self.problem.clear()  # the step and the fields say it
        elif asks_trust:
            self.problem.clear()
            self.trust.show_certificate(str(problem.facts.get("fingerprint", "")), changed=problem.code == "tls_pin")
        else:
            tone = "warning" if problem.code == "auth_plain" else "error"
            links = () if asks_login else ((self.tr("Try again"), self.retry_requested.emit),)
            self.problem.show_problem(problem, *links, tone=tone)
        self.trust.setVisible(asks_trust)
        self.show()
        if asks_trust:
            self.trust.accept.setFocus(Qt.FocusReason.OtherFocusReason)
        if asks_login:
            self.login.show_plain_tick("" if is_secure or is_local else machine)
            self.login.show()
            self._ask_keychain()
            self.login.begin()
        else:
            self.login.setVisible(asks_trust and not self.login.isHidden())

    def _on_login(self) -> None:
        self.login_entered.emit(self.login.credentials())

    def _ask_keychain(self) -> None:
        if self._asked_keychain or not self._context.bridge.is_attached:
            return
        self._asked_keychain = True
        self._context.bridge.start(_keychain_available, then=self.login.set_keychain)


class TrustBox(QFrame):
    """A certificate that no authority vouches for, by its fingerprint. `trusted(str)`: that fingerprint."""

    trusted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pin = ""
        self.setProperty("kind", "note")
        self._says = label("", "strong", wrap=True)
        self._fingerprint = label("", "mono", wrap=True)
        self._fingerprint.setTextInteractionFlags(
            self._fingerprint.textInteractionFlags() | self._fingerprint.textInteractionFlags().TextSelectableByMouse
        )
        compare = label(
            self.tr("Compare it on the server: openssl x509 -noout -fingerprint -sha256 -in its-certificate.pem"),
            "small",
            wrap=True,
        )
        self.accept = button(self.tr("Trust this certificate"), "", clicked=lambda: self.trusted.emit(self._pin))
        row = QHBoxLayout()
        row.addWidget(self.accept)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 12)
        layout.setSpacing(6)
        for part in (self._says, self._fingerprint, compare):
            layout.addWidget(part)
        layout.addLayout(row)

    def show_certificate(self, fingerprint: str, *, changed: bool) -> None:
        """Ask about the certificate with this SHA-256 fingerprint."""
        self._pin = fingerprint
        restyle(self, tone="error" if changed else "warning")
        self._says.setText(
            self.tr("Its certificate is not the one you trusted. If you did not change it, somebody may be listening.")
            if changed
            else self.tr("Its certificate is private. Trust it if this is its SHA-256 fingerprint:")
        )
        self._fingerprint.setText("\n".join(_halves(fingerprint)))
        self.accept.setEnabled(bool(fingerprint))


def _halves(fingerprint: str) -> list[str]:
    """Two lines: a fingerprint has no place where a label would break it."""
    middle = (len(fingerprint) + 1) // 2
    return [part for part in (fingerprint[:middle], fingerprint[middle:]) if part]


def _parts(text: str) -> tuple[str, bool, bool]:
    """(machine, whether the way is encrypted, whether it is this computer) of an address as typed."""
    try:
        parsed = address.parse(text)
    except Problem:
        return text, False, False
    return parsed.host, parsed.scheme == "https", parsed.is_loopback


def _keychain_available() -> bool:
    from comfydesk.server import secrets

    return secrets.available()
