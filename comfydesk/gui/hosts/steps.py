"""How far a look at a server came: address, name, answer, certificate, login, ComfyUI."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ..style.icons import Icons
from ..widgets.flow import FlowLayout
from ..widgets.icon_label import IconLabel
from ..widgets.labels import label

_STEPS = (
    ("address", QT_TRANSLATE_NOOP("hosts", "Address")),
    ("name", QT_TRANSLATE_NOOP("hosts", "Machine found")),
    ("answer", QT_TRANSLATE_NOOP("hosts", "Answers")),
    ("certificate", QT_TRANSLATE_NOOP("hosts", "Certificate")),
    ("login", QT_TRANSLATE_NOOP("hosts", "Login")),
    ("comfyui", QT_TRANSLATE_NOOP("hosts", "Is ComfyUI")),
)
_FAILS_AT = {
    "host_invalid": "address",
    "dns": "name",
    "tls_untrusted": "certificate",
    "tls_pin": "certificate",
    "tls_failed": "certificate",
    "auth_needed": "login",
    "auth_wrong": "login",
    "auth_plain": "login",
    "not_comfyui": "comfyui",
    "too_large": "comfyui",
}
# Steps that a person takes now; the others are faults.
_TO_DO = frozenset({"auth_needed", "auth_plain", "tls_untrusted"})


@dataclass(frozen=True, slots=True)
class Step:
    """`state`: "good" | "error" | "todo"."""

    key: str
    text: str
    state: str


def steps(code: str, *, is_secure: bool) -> list[Step]:
    """The steps up to the one where the look ended with that code of base.errors."""
    last = _FAILS_AT.get(code, "answer")
    done: list[Step] = []
    for key, text in _STEPS:
        if key == "certificate" and not is_secure:
            continue
        state = "good" if key != last else "todo" if code in _TO_DO else "error"
        done.append(Step(key, QCoreApplication.translate("hosts", text), state))
        if key == last:
            break
    return done


class StepList(QWidget):
    """The steps in one line; hidden while there are none."""

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._flow = FlowLayout(self, spacing=16, line_spacing=6)
        self.steps: list[Step] = []
        self.hide()

    def show_steps(self, found: list[Step]) -> None:
        self.clear()
        self.steps = found
        for step in found:
            self._flow.addWidget(self._one(step))
        self.setVisible(bool(found))

    def clear(self) -> None:
        self.steps = []
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            widget.hide()
            widget.deleteLater()
        self.hide()

    def _one(self, step: Step) -> QWidget:
        name, role = {"good": ("check", "good"), "error": ("close", "error")}.get(
            step.state, ("arrow-right", "warning")
        )
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        row.addWidget(IconLabel(self._icons, name, 14, role))
        row.addWidget(label(step.text, "small"))
        return made
