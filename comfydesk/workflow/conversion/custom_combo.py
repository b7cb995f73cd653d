"""The node CustomCombo, whose choices are texts on the node itself; each that is filled in brings one more line."""

from __future__ import annotations

from typing import Any

from comfydesk.workflow.conversion.live import Cell, LiveNode, Widget

INDEX = "custom combo index"
OPTION = "custom combo option"
MOST = 1_000


def extend(node: LiveNode) -> None:
    """The number of the choice, and the first line."""
    node.add_widget(Widget("index", INDEX, Cell(), fixed=True))
    _add_option(node)


def index(node: LiveNode) -> int:
    """Which line holds the chosen text; -1 for none."""
    chosen = node.widgets[0].value
    texts = [widget.value for widget in node.widgets[2:]]
    return next((i for i, text in enumerate(texts) if type(text) is type(chosen) and text == chosen), -1)


def assigned(node: LiveNode, widget: Widget, value: Any) -> None:
    """A line was filled in or emptied."""
    widget.cell.value = value
    last = node.widgets[-1]
    if last is widget:
        if value and len(node.widgets) < MOST:
            _add_option(node)
    elif not value and node.widgets[-2] is widget and not last.value:
        node.widgets.pop()


def _add_option(node: LiveNode) -> None:
    node.add_widget(Widget(f"option{len(node.widgets) - 1}", OPTION, Cell("")))
