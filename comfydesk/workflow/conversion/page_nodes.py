"""Node types that exist only in the editor's page: they route or annotate, and never reach the server."""

from __future__ import annotations

PRIMITIVE = "PrimitiveNode"
REROUTE = "Reroute"
SETTER, GETTER = "SetNode", "GetNode"

_CORE = frozenset({PRIMITIVE, REROUTE, "Note", "MarkdownNote"})
# Widely used packs have such nodes too; no server lists them.
_ROUTING = frozenset({SETTER, GETTER, "Reroute (rgthree)"})
_ANNOTATING = frozenset(
    {
        "Label (rgthree)",
        "Bookmark (rgthree)",
        "Fast Groups Muter (rgthree)",
        "Fast Groups Bypasser (rgthree)",
        "Fast Muter (rgthree)",
        "Fast Bypasser (rgthree)",
        "Fast Actions Button (rgthree)",
        "Mute / Bypass Relay (rgthree)",
        "Mute / Bypass Repeater (rgthree)",
        "Random Unmuter (rgthree)",
        "Note Plus (mtb)",
    }
)


def is_page_node(name: str) -> bool:
    return name in _CORE or name in _ROUTING or name in _ANNOTATING
