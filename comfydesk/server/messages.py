"""The socket's messages, typed. The only file that knows their wire format.

Source: ComfyUI server.py (encode_bytes, send_image_with_metadata), execution.py, main.py; recordings of 0.33.0 and
0.3.64. Every field may be missing on some server, so every field has a default; unknown fields are ignored.
"""

from __future__ import annotations

import json
import struct
from typing import Any, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class Message(msgspec.Struct, frozen=True):
    """Base of all messages."""


class Status(Message, frozen=True):
    """How long the server's queue is; `sid` (first message only) is the id under which the server knows us."""

    queue_remaining: int = 0
    sid: str | None = None


class ExecutionStart(Message, frozen=True):
    prompt_id: str = ""


class ExecutionCached(Message, frozen=True):
    """Nodes that need not run; comes even when empty."""

    prompt_id: str = ""
    nodes: list[str] = []


class Executing(Message, frozen=True):
    """The node that runs now; None: the job is over. `prompt_id` is missing in the one sent after a reconnect (S9)."""

    prompt_id: str | None = None
    node: str | None = None
    display_node: str | None = None


class Progress(Message, frozen=True):
    prompt_id: str | None = None
    node: str | None = None
    value: float = 0.0
    max: float = 0.0


class NodeProgress(msgspec.Struct, frozen=True):
    """`state`: "pending" | "running" | "finished" | "error"."""

    value: float = 0.0
    max: float = 1.0
    state: str = ""
    display_node_id: str | None = None


class ProgressState(Message, frozen=True):
    prompt_id: str = ""
    nodes: dict[str, NodeProgress] = {}


class Executed(Message, frozen=True):
    """A node's output; also repeated for cached nodes (S11)."""

    prompt_id: str = ""
    node: str = ""
    output: dict[str, Any] | None = None
    display_node: str | None = None


class ExecutionSuccess(Message, frozen=True):
    prompt_id: str = ""


class ExecutionError(Message, frozen=True):
    """Not terminal when `exception_type` is "ExecutionBlocked" (S12): only the history decides."""

    prompt_id: str = ""
    node_id: str = ""
    node_type: str = ""
    exception_type: str = ""
    exception_message: str = ""
    traceback: list[str] = []


class ExecutionInterrupted(Message, frozen=True):
    prompt_id: str = ""
    node_id: str = ""
    node_type: str = ""


class FeatureFlags(Message, frozen=True):
    flags: dict[str, Any] = {}


class PreviewImage(Message, frozen=True):
    """A sampler preview. Without metadata (binary type 1) it names neither prompt nor node (S10)."""

    mime: str
    data: bytes
    prompt_id: str | None = None
    node_id: str | None = None


class TextOutput(Message, frozen=True):
    """Text that a node shows while it runs (binary type 3)."""

    node_id: str
    text: str


class Unknown(Message, frozen=True):
    """A message of a type that this program does not know; ignored, but counted."""

    type: str


class _Envelope(msgspec.Struct):
    type: str
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _ExecInfo(msgspec.Struct):
    queue_remaining: int = 0


class _StatusInner(msgspec.Struct):
    exec_info: _ExecInfo = msgspec.field(default_factory=_ExecInfo)


class _StatusWire(msgspec.Struct):
    status: _StatusInner = msgspec.field(default_factory=_StatusInner)
    sid: str | None = None


class _PreviewMeta(msgspec.Struct):
    prompt_id: str | None = None
    display_node_id: str | None = None
    node_id: str | None = None
    image_type: str = ""


_TYPES: dict[str, type[Message]] = {
    "execution_start": ExecutionStart,
    "execution_cached": ExecutionCached,
    "executing": Executing,
    "progress": Progress,
    "progress_state": ProgressState,
    "executed": Executed,
    "execution_success": ExecutionSuccess,
    "execution_error": ExecutionError,
    "execution_interrupted": ExecutionInterrupted,
}
_ENVELOPE = msgspec.json.Decoder(_Envelope)
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in _TYPES.items()}
_STATUS = msgspec.json.Decoder(_StatusWire)
_FLAGS = msgspec.json.Decoder(dict[str, Any])
_META = msgspec.json.Decoder(_PreviewMeta)
_FAILURES = (msgspec.DecodeError, ValueError, RecursionError, UnicodeError)  # ValidationError is a DecodeError
_FORMATS = {1: "image/jpeg", 2: "image/png"}
_MIMES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_U32 = struct.Struct(">I")


def decode(frame: str | bytes) -> Message | None:
    """Decode one message of the socket: text frames as str, binary frames as bytes. Never raises.

    None: the frame is broken. Unknown: it is well-formed, but of a type that this program does not know.
    """
    if isinstance(frame, str):
        return decode_text(frame.encode("utf-8", "replace"))
    return _binary(frame)


def decode_text(data: bytes) -> Message | None:
    """Decode a text frame from its UTF-8 bytes."""
    try:
        envelope = _ENVELOPE.decode(data)
    except _FAILURES:
        return _lenient(data)
    kind = envelope.type
    try:
        if kind == "status":
            return _status(_STATUS.decode(envelope.data))
        if kind == "feature_flags":
            return FeatureFlags(_FLAGS.decode(envelope.data))
        decoder = _DECODERS.get(kind)
        return Unknown(kind[:100]) if decoder is None else decoder.decode(envelope.data)
    except _FAILURES:
        return _lenient(data)


def _status(wire: _StatusWire) -> Status:
    return Status(wire.status.exec_info.queue_remaining, wire.sid)


def _lenient(data: bytes) -> Message | None:
    """Take what can be taken from a message with NaN, broken text or fields of a wrong type."""
    try:
        whole = json.loads(data.decode("utf-8-sig", "replace"))
    except _FAILURES:
        return None
    if not isinstance(whole, dict) or not isinstance(whole.get("type"), str):
        return None
    kind, inner = whole["type"], whole.get("data")
    if not isinstance(inner, dict):
        inner = {}
    try:
        if kind == "status":
            return _status(_take(_StatusWire, inner))
        if kind == "feature_flags":
            return FeatureFlags(inner)
        if kind in _TYPES:
            return _take(_TYPES[kind], inner)
    except _FAILURES:
        return None
    return Unknown(kind[:100])


def _take(kind: type[T], data: dict[str, Any]) -> T:
    """Build a struct from the fields that fit; the others keep their defaults."""
    taken: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name not in data:
            continue
        value = data[field.name]
        if field.name == "nodes" and kind is ProgressState and isinstance(value, dict):
            taken["nodes"] = {str(k): _take(NodeProgress, v) for k, v in value.items() if isinstance(v, dict)}
            continue
        for candidate in (value, str(value), [str(v) for v in value] if isinstance(value, list) else value):
            try:
                taken[field.name] = msgspec.convert(candidate, field.type, strict=False)
                break
            except (msgspec.ValidationError, ValueError, RecursionError):
                continue
    return kind(**taken)


def _binary(frame: bytes) -> Message | None:
    if len(frame) < 4:
        return None
    (kind,) = _U32.unpack_from(frame)
    if kind == 1:
        return _plain_preview(frame)
    if kind == 3:
        return _text_output(frame)
    if kind == 4:
        return _preview_with_metadata(frame)
    return Unknown(f"binary {kind}")


def _plain_preview(frame: bytes) -> PreviewImage | None:
    if len(frame) <= 8:
        return None
    mime = _FORMATS.get(_U32.unpack_from(frame, 4)[0])
    return PreviewImage(mime, frame[8:]) if mime else None


def _text_output(frame: bytes) -> TextOutput | None:
    if len(frame) < 8:
        return None
    end = 8 + _U32.unpack_from(frame, 4)[0]
    if end > len(frame):
        return None
    return TextOutput(frame[8:end].decode("utf-8", "replace"), frame[end:].decode("utf-8", "replace"))


def _preview_with_metadata(frame: bytes) -> PreviewImage | None:
    if len(frame) < 8:
        return None
    end = 8 + _U32.unpack_from(frame, 4)[0]
    if end >= len(frame):
        return None
    try:
        meta = _META.decode(frame[8:end])
    except _FAILURES:
        return None
    if meta.image_type not in _MIMES:
        return None
    return PreviewImage(meta.image_type, frame[end:], meta.prompt_id, meta.display_node_id or meta.node_id)
