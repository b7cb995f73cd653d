"""The rows of the bar over the form: one thing to mend each, with its cure."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from comfydesk.form.fields import Form, Issue
from comfydesk.form.issue_groups import Item, Subject
from comfydesk.gui import words
from comfydesk.gui.context import Context
from comfydesk.gui.form import web_page
from comfydesk.gui.form.issue_line import short_name
from comfydesk.gui.widgets.buttons import button, menu
from comfydesk.gui.widgets.flow import FlowLayout
from comfydesk.gui.widgets.labels import ElidedLabel, beginning, breakable, label, set_plain_tooltip

MAX_ITEMS = 100  # rows of one subject; more are counted
MAX_CHOICES = 12


class CheckRow(QWidget):
    """`mend_requested(Issue, value)`: take that value everywhere. `jump_requested(key)`: show that field."""

    mend_requested = Signal(object, object)
    jump_requested = Signal(str)

    def __init__(self, context: Context, subject: Subject, item: Item, form: Form | None) -> None:
        super().__init__()
        self._context = context
        self._form = form
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self.links: dict[str, QWidget] = {}
        issue = item.first
        if subject is Subject.NODES:
            self._show_nodes(issue)
        elif subject is Subject.MODELS and item.name:
            self._show_model(item)
        elif subject in (Subject.PAID, Subject.DEPRECATED):
            self._say("\n".join(map(str, issue.facts["names"][:MAX_ITEMS])))
        else:
            self._show_value(issue, with_step=subject is not Subject.NOTES)

    def _show_nodes(self, issue: Issue) -> None:
        names = ", ".join(issue.facts["names"][:MAX_ITEMS])
        if issue.code == "nodes_of_pack":
            self._name(str(issue.facts["pack"]))
            self._say(names, "muted")
            url = str(issue.facts["url"])
            if url:
                offer = lambda: web_page.offer(self.window(), str(issue.facts["pack"]), url)  # noqa: E731
                self._links(("page", self._tr("Page of the pack…"), offer))
        else:
            self._say(names)
            known = issue.code == "nodes_newer"
            step = words.next_step(issue.code, issue.facts) if known else ""
            self._say(step or self._tr("The workflow does not say which node pack has them."), "muted")

    def _show_model(self, item: Item) -> None:
        issue = item.first
        self._name(item.name)
        self._say(self._places(item), "muted")
        links: list[tuple[str, str, Callable[[], object]]] = []
        if issue.suggestions:
            first = issue.suggestions[0]
            text = self._tr("Use {name}") if len(item.issues) == 1 else self._tr("Use {name} everywhere")
            links.append(("use", text.format(name=short_name(first)), lambda: self.mend_requested.emit(issue, first)))
            if len(issue.suggestions) > 1:
                links.append(("more", self._tr("Others…"), lambda: self._show_choices(issue)))
        url = str(issue.facts.get("url") or "")
        if url:
            copy = lambda: QGuiApplication.clipboard().setText(url)  # noqa: E731
            links.append(("copy", self._tr("Copy its address"), copy))
        self._links(*links)
        if url:
            set_plain_tooltip(self.links["copy"], url)

    def _show_value(self, issue: Issue, *, with_step: bool) -> None:
        known = issue.code in words.WORDS and with_step
        self._say(words.sentence(issue.code, issue.facts) if known else issue.message or issue.code)
        if known:
            self._say(words.next_step(issue.code, issue.facts), "muted")
        if issue.key and self._form is not None and self._form.get(issue.key) is not None:
            self._links(("jump", self._tr("Go there"), lambda: self.jump_requested.emit(issue.key)))

    def _places(self, item: Item) -> str:
        """Where a model is used, and where its author had it from."""
        labels = [
            field.label for issue in item.issues if self._form is not None and (field := self._form.get(issue.key))
        ]
        parts = []
        if labels:
            more = len(labels) - 1
            parts.append(self._tr("{label} and {n} more").format(label=labels[0], n=more) if more else labels[0])
        facts = item.first.facts
        if facts.get("directory"):
            parts.append(self._tr("belongs into models/{folder}").format(folder=facts["directory"]))
        if facts.get("site"):
            parts.append(self._tr("its author had it from {site}").format(site=facts["site"]))
        return " · ".join(parts)

    def _show_choices(self, issue: Issue) -> None:
        names = menu(self)
        names.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for value in issue.suggestions[:MAX_CHOICES]:
            action = names.addAction(beginning(str(value)).replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, value=value: self.mend_requested.emit(issue, value))
        below = self.links["more"]
        names.popup(below.mapToGlobal(below.rect().bottomLeft()))

    def _name(self, text: str) -> None:
        self._column.addWidget(ElidedLabel(text, "strong", mode=Qt.TextElideMode.ElideMiddle))

    def _say(self, text: str, kind: str = "") -> None:
        if text:
            self._column.addWidget(label(breakable(beginning(text)), kind, wrap=True))

    def _links(self, *links: tuple[str, str, Callable[[], object]]) -> None:
        row = FlowLayout(spacing=14, line_spacing=2)
        for key, text, act in links:
            made = button(text, "link", clicked=act)
            self.links[key] = made
            row.addWidget(made)
        if links:
            self._column.addLayout(row)

    @staticmethod
    def _tr(text: str) -> str:
        return QCoreApplication.translate("CheckBar", text)
