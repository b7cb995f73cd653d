"""What the editor does to texts when it sends them: it draws between {this|that}, drops comments, fills in %names%."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from comfydesk.workflow.conversion.live import UNSET, LiveGraph, LiveNode
from comfydesk.workflow.conversion.page_additions import FILE_NAMERS
from comfydesk.workflow.name_patterns import UNKNOWN, filled

_COMMENT = re.compile(r"/\*|//[^\n\r\u2028\u2029]*")
_ESCAPED = re.compile(r"\\([{}|])")
MAX_NESTING = 50


def has_choices(text: str) -> bool:
    """Whether the editor would draw between several texts."""
    if "|" not in text:
        return False
    choices = False

    def first(options: list[str]) -> str:
        nonlocal choices
        choices = choices or len(options) > 1
        return options[0]

    draw(text, first)
    return choices


def draw(text: str, choose: Callable[[list[str]], str] = lambda options: options[0], depth: int = 0) -> str:
    """The text as the editor would send it; `choose` picks one of the texts between braces, by default the first."""
    text = without_comments(text)
    if depth > MAX_NESTING or ("{" not in text and "\\" not in text):
        return text
    parts: list[str] = []
    at = 0
    while at < len(text):
        letter = text[at]
        at += 1
        if letter == "\\":
            parts.append(letter + (text[at] if at < len(text) else "undefined"))
            at += 1
        elif letter == "{":
            options, at = _block(text, at)
            parts.append(draw(choose(options), choose, depth + 1))
        else:
            parts.append(letter)
    return _ESCAPED.sub(r"\1", "".join(parts))


def comments(text: str) -> Iterator[tuple[int, int]]:
    """Where the comments are, from the first letter to behind the last; one that is never closed is none."""
    at, closes = 0, True
    while found := _COMMENT.search(text, at):
        begin, at = found.span()
        if found[0] == "/*":
            end = text.find("*/", at) if closes else -1
            closes = end >= 0
            if not closes:
                continue
            at = end + 2
        yield begin, at


def without_comments(text: str) -> str:
    """The text without `/* … */` and without what follows `//` in a line, also in an address."""
    if "/" not in text:
        return text
    kept, at = [], 0
    for begin, end in comments(text):
        kept.append(text[at:begin])
        at = end
    return "".join(kept) + text[at:]


def _block(text: str, at: int) -> tuple[list[str], int]:
    """The texts up to the closing brace, and where it ends; braces inside stay."""
    options: list[str] = []
    choice: list[str] = []
    depth = 0
    while at < len(text):
        letter = text[at]
        at += 1
        if letter == "\\":
            letter += text[at] if at < len(text) else "undefined"
            at += 1
        elif letter == "{":
            depth += 1
        elif letter == "}":
            if not depth:
                break
            depth -= 1
        elif letter == "|" and not depth:
            options.append("".join(choice))
            choice = []
            continue
        choice.append(letter)
    return [*options, "".join(choice)], at


def fill_names(text: str, root: LiveGraph, now: datetime) -> str:
    """Put values of other nodes for `%Title.widget%` and the date for `%date:yyyy-MM-dd%`."""
    if "%" not in text:
        return text
    nodes = names_of(root)

    def value(name: str, widget: str) -> Any:
        return _widget(nodes[name], widget) if name in nodes else UNKNOWN

    return filled(text, now, value)


def names_of(root: LiveGraph) -> dict[str, LiveNode]:
    """What nodes are called in the names of results: by the property for that, else by the title; the first wins."""
    nodes = list(root.all_nodes())
    found: dict[str, LiveNode] = {}
    for node in nodes:
        name = node.properties.get("Node name for S&R", _own_name(node))
        if isinstance(name, str):
            found.setdefault(name, node)
    for node in nodes:
        if isinstance(node.title, str):
            found.setdefault(node.title, node)
    return found


def _own_name(node: LiveNode) -> Any:
    """The name that the page gives a node of a known class, but not to those that save files."""
    return node.type if node.known is not None and node.type not in FILE_NAMERS else None


def _widget(node: LiveNode, name: str) -> Any:
    for slot in node.inputs:
        if slot.cell is not None and slot.name == name:
            return _known(slot.cell.value)
    widget = node.widget(name)
    return UNKNOWN if widget is None else _known(widget.value)


def _known(value: Any) -> Any:
    return None if value is UNSET else value
