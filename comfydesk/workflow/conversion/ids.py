"""Node ids are unique in a workflow: opening a file, the editor renumbers nodes of subgraphs whose id is taken."""

from __future__ import annotations

from collections.abc import Mapping

from comfydesk.workflow.conversion.reading import FileGraph, FileNode, FileWorkflow


class Numbers:
    """The highest node id so far, from which new ids count on."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.made = 0

    def seen(self, node_id: str) -> None:
        number = as_number(node_id)
        if number is not None:
            self.last = max(self.last, number)

    def next(self) -> str:
        self.last += 1
        self.made += 1
        return str(self.last)


def as_number(node_id: str) -> int | None:
    """The id as a number, None where it is a text."""
    digits = node_id.removeprefix("-")
    if not digits.isdecimal() or len(digits) > 15 or not digits.isascii():
        return None
    number = int(node_id)
    return number if str(number) == node_id else None


def make_unique(workflow: FileWorkflow, numbers: Numbers) -> dict[str, dict[str, str]]:
    """Renumber in place; gives for each subgraph the ids that changed."""
    taken = {node.id for node in workflow.root.nodes if node.id is not None and node.numbered}
    changed: dict[str, dict[str, str]] = {}
    for graph in workflow.subgraphs:
        renamed = _renumber(graph.nodes, taken, numbers)
        if renamed:
            changed[graph.id] = renamed
            _follow(graph, renamed)
    return changed


def _renumber(nodes: list[FileNode], taken: set[str], numbers: Numbers) -> dict[str, str]:
    renamed: dict[str, str] = {}
    for node in nodes:
        if node.id is None:
            continue
        if node.id in taken:
            new = numbers.next()
            while new in taken:
                new = numbers.next()
            renamed[node.id], node.id = new, new
        else:
            numbers.seen(node.id)
        taken.add(node.id)
    return renamed


def _follow(graph: FileGraph, renamed: Mapping[str, str]) -> None:
    for link in graph.links:
        link.origin = renamed.get(link.origin, link.origin)
        link.target = renamed.get(link.target, link.target)
