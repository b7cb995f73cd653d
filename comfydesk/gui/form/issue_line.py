"""One line under a field: what is wrong with its value, and the value that would mend it, one click away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QWidget

from comfydesk.form.fields import Issue
from comfydesk.gui import words
from comfydesk.gui.context import Context
from comfydesk.gui.form.editor import RING
from comfydesk.gui.widgets.buttons import button, icon_button, menu
from comfydesk.gui.widgets.flow import FlowLayout
from comfydesk.gui.widgets.labels import ElidedLabel, set_plain_tooltip

# What the host lacks is amber: the file is right, it only fits another host. The rest is wrong in itself.
NODES_MISSING = frozenset({"nodes_missing", "nodes_of_pack", "nodes_newer"})
MISSING_ON_HOST = NODES_MISSING | {"value_choice"}


class IssueLine(QWidget):
    """`mend_requested(Issue, value)`: take that value instead. `look_again_requested`: the host may have it by now."""

    mend_requested = Signal(object, object)
    look_again_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._issue: Issue | None = None
        row = FlowLayout(self, spacing=6, line_spacing=2)
        row.setContentsMargins(RING + 1, 1, RING, 2)
        self.sentence = ElidedLabel("", "warning")
        self.use = button("", "link", clicked=self._use)
        chevron = context.icons.icon("chevron-down", "accent")
        self.more = icon_button(chevron, self.tr("Other values"), clicked=self._show_more, kind="tight")
        self.more.setFixedSize(20, 20)
        for widget in (self.sentence, self.use, self.more):
            row.addWidget(widget)
        self.hide()

    @property
    def issue(self) -> Issue | None:
        return self._issue

    def show_issue(self, issue: Issue | None, *, choosable: bool = True, label: str = "") -> None:
        """Say an issue, or nothing. `choosable`: the menu offers to look on the host again. `label`: of which field."""
        self._issue = issue
        self.setVisible(issue is not None)
        if issue is None:
            return
        self.sentence.set_kind(severity_shown(issue))
        said = issue_sentence(issue)
        self.sentence.set_text(f"{label}: {said}" if label and label not in said else said)
        suggestion = next(iter(issue.suggestions), None)
        self.use.setVisible(suggestion is not None)
        self.more.setVisible(issue.code == "value_choice" and choosable)
        if suggestion is not None:
            self.use.setText(self.tr("Use {name}").format(name=short_name(suggestion)).replace("&", "&&"))
            set_plain_tooltip(self.use, self.tr("Use {name} everywhere in this workflow").format(name=suggestion))
        self.updateGeometry()

    def show_text(self, sentence: str) -> None:
        """Say why what was typed is no value."""
        self.show_issue(Issue("", "value_type", {}, message=sentence), choosable=False)

    def _use(self) -> None:
        if self._issue is not None and self._issue.suggestions:
            self.mend_requested.emit(self._issue, self._issue.suggestions[0])

    def _show_more(self) -> None:
        issue = self._issue
        if issue is None:
            return
        names = menu(self)
        names.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for value in issue.suggestions:
            action = names.addAction(str(value).replace("&", "&&"))
            action.triggered.connect(self._taker(issue, value))
        if issue.suggestions:
            names.addSeparator()
        names.addAction(self.tr("Look again on the server")).triggered.connect(self.look_again_requested)
        names.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _taker(self, issue: Issue, value: Any) -> Callable[[], None]:
        return lambda: self.mend_requested.emit(issue, value)


def severity_shown(issue: Issue) -> str:
    """ "warning" (amber), "error" (red), or "muted" for what is only good to know."""
    if issue.severity == "note":
        return "muted"
    return "warning" if issue.code in MISSING_ON_HOST else issue.severity


def issue_sentence(issue: Issue) -> str:
    """The sentence under a field: shorter than the template where the field itself says the rest."""
    if issue.code == "value_choice" and "value" in issue.facts:
        told = QCoreApplication.translate("IssueLine", "{value} is not on this server.")
        return told.format(value=short_name(issue.facts["value"]))
    if issue.code in NODES_MISSING and "names" in issue.facts:
        one = QCoreApplication.translate("IssueLine", "One node is missing on {address}.")
        many = QCoreApplication.translate("IssueLine", "{n} nodes are missing on {address}.")
        count = len(issue.facts["names"])
        return (one if count == 1 else many).format(n=count, address=issue.facts.get("address", "?"))
    if issue.code == "value_range" and {"min", "max"} <= issue.facts.keys():
        return _range_sentence(issue.facts["min"], issue.facts["max"])
    if issue.code in words.WORDS and not issue.message:
        return words.sentence(issue.code, issue.facts)
    return issue.message or issue.code


def _range_sentence(low: Any, high: Any) -> str:
    """Short enough for a field of half the width; `low` or `high` is "any" where there is no such limit."""
    if low == "any":
        return QCoreApplication.translate("IssueLine", "At most {max}.").format(max=high)
    if high == "any":
        return QCoreApplication.translate("IssueLine", "At least {min}.").format(min=low)
    return QCoreApplication.translate("IssueLine", "Must be {min} to {max}.").format(min=low, max=high)


def short_name(value: Any) -> str:
    """A model's name as people say it: without folder and ending, and cut in the middle where it is very long."""
    text = str(value).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    for ending in (".safetensors", ".ckpt", ".sft", ".gguf", ".pth", ".pt", ".bin", ".onnx"):
        text = text.removesuffix(ending)
    return text if len(text) <= 32 else text[:18] + "…" + text[-12:]
