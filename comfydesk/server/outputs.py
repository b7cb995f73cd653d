"""What a node's output names: files to fetch and texts to keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comfydesk.server.types import RemoteFile

_NOT_FILES = frozenset({"animated", "text", "string"})
_TEXT_SLOTS = ("text", "string")
MAX_ITEMS = 1_000  # of one slot; a hostile server could name millions
MAX_TEXT = 1 << 20  # characters of one text


def files_of(node_output: Mapping[str, Any]) -> list[tuple[str, int, RemoteFile]]:
    """Every file of a node's `ui` dict as (slot, index, file), in the server's order.

    Any slot counts whose items have a file name (images, gifs, audio, video, 3d, latents, and those of custom nodes);
    names are the server's and hostile. The index counts all items of the slot, so it stays the same for a file.
    """
    found: list[tuple[str, int, RemoteFile]] = []
    for slot, index, item in _items(node_output):
        if slot in _NOT_FILES or not isinstance(item, Mapping):
            continue
        name = item.get("filename")
        if isinstance(name, str) and name:
            subfolder, kind = item.get("subfolder"), item.get("type")
            file = RemoteFile(
                name,
                subfolder if isinstance(subfolder, str) else "",
                kind if isinstance(kind, str) and kind else "output",
            )
            found.append((slot, index, file))
    return found


def texts_of(node_output: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """Every text of a node's `ui` dict as (slot, index, text)."""
    return [
        (slot, index, item[:MAX_TEXT])
        for slot, index, item in _items(node_output)
        if slot in _TEXT_SLOTS and isinstance(item, str) and item
    ]


def is_animated(node_output: Mapping[str, Any]) -> bool:
    """Whether the node says that its files move (SaveAnimatedWEBP, SaveVideo)."""
    flags = node_output.get("animated")
    return bool(flags) and (flags is True or (isinstance(flags, list | tuple) and any(f is True for f in flags)))


def _items(node_output: Mapping[str, Any]) -> Iterator[tuple[str, int, Any]]:
    for slot, value in node_output.items():
        values = value if isinstance(value, list | tuple) else [value]
        for index, item in enumerate(values[:MAX_ITEMS]):
            if isinstance(item, list | tuple) and str(slot) in _TEXT_SLOTS:  # some nodes nest their texts once
                item = "\n".join(i for i in item if isinstance(i, str))
            yield str(slot), index, item
