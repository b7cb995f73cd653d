from __future__ import annotations

import json
import random
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.server.messages import (
    Executed,
    Executing,
    ExecutionCached,
    ExecutionError,
    ExecutionInterrupted,
    ExecutionStart,
    ExecutionSuccess,
    FeatureFlags,
    Message,
    NodeProgress,
    PreviewImage,
    Progress,
    ProgressState,
    Status,
    TextOutput,
    Unknown,
    decode,
)

JPEG = b"\xff\xd8\xff\xe0picture\xff\xd9"


def text(kind: str, data: Any) -> str:
    return json.dumps({"type": kind, "data": data})


def preview(meta: Any, image: bytes = JPEG) -> bytes:
    head = json.dumps(meta).encode()
    return struct.pack(">II", 4, len(head)) + head + image


META = {"node_id": "3", "display_node_id": "57:3", "prompt_id": "p", "image_type": "image/jpeg", "parent_node_id": None}

CASES: list[tuple[str | bytes, Message]] = [
    (text("status", {"status": {"exec_info": {"queue_remaining": 2}}, "sid": "s"}), Status(2, "s")),
    (text("status", {"status": {"exec_info": {"queue_remaining": 0}}}), Status(0, None)),
    (text("feature_flags", {"supports_preview_metadata": True}), FeatureFlags({"supports_preview_metadata": True})),
    (text("execution_start", {"prompt_id": "p", "timestamp": 1}), ExecutionStart("p")),
    (text("execution_cached", {"nodes": ["4"], "prompt_id": "p"}), ExecutionCached("p", ["4"])),
    (text("executing", {"node": "6", "display_node": "6", "prompt_id": "p"}), Executing("p", "6", "6")),
    (text("executing", {"node": None, "prompt_id": "p"}), Executing("p", None)),
    (text("executing", {"node": "6"}), Executing(None, "6")),
    (text("progress", {"value": 1, "max": 3, "prompt_id": "p", "node": "3"}), Progress("p", "3", 1.0, 3.0)),
    (
        text("progress_state", {"prompt_id": "p", "nodes": {"3": {"value": 1, "max": 3, "state": "running"}}}),
        ProgressState("p", {"3": NodeProgress(1.0, 3.0, "running")}),
    ),
    (text("executed", {"node": "9", "prompt_id": "p", "output": {"images": []}}), Executed("p", "9", {"images": []})),
    (text("executed", {"node": "9", "prompt_id": "p", "output": None}), Executed("p", "9", None)),
    (text("execution_success", {"prompt_id": "p"}), ExecutionSuccess("p")),
    (
        text(
            "execution_error",
            {
                "prompt_id": "p",
                "node_id": "3",
                "node_type": "KSampler",
                "executed": [],
                "exception_type": "RuntimeError",
                "exception_message": "no",
                "traceback": ["a", "b"],
                "current_inputs": {"x": [1]},
            },
        ),
        ExecutionError("p", "3", "KSampler", "RuntimeError", "no", ["a", "b"]),
    ),
    (
        text("execution_interrupted", {"prompt_id": "p", "node_id": "3", "node_type": "KSampler", "executed": []}),
        ExecutionInterrupted("p", "3", "KSampler"),
    ),
    (text("crystools.monitor", {"cpu": 3}), Unknown("crystools.monitor")),
    (text("logs", []), Unknown("logs")),
    (struct.pack(">II", 1, 1) + JPEG, PreviewImage("image/jpeg", JPEG)),
    (struct.pack(">II", 1, 2) + b"\x89PNG", PreviewImage("image/png", b"\x89PNG")),
    (preview(META), PreviewImage("image/jpeg", JPEG, "p", "57:3")),
    (preview({"image_type": "image/png", "node_id": "3"}), PreviewImage("image/png", JPEG, None, "3")),
    (struct.pack(">II", 3, 2) + b"12" + "größe".encode(), TextOutput("12", "größe")),
    (struct.pack(">I", 9) + b"later", Unknown("binary 9")),
]


@pytest.mark.parametrize(("frame", "message"), CASES)
def test_a_frame_becomes_a_typed_message(frame: str | bytes, message: Message) -> None:
    assert decode(frame) == message


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (text("progress", {"value": float("nan"), "max": 3, "node": 3, "prompt_id": "p"}), Progress("p", "3", max=3)),
        (text("executing", {"node": 6, "prompt_id": "p"}), Executing("p", "6")),
        (text("execution_start", {}), ExecutionStart("")),
        (text("execution_start", None), ExecutionStart("")),
        (text("execution_error", {"prompt_id": "p", "traceback": "x"}), ExecutionError("p")),
        (text("execution_error", {"prompt_id": "p", "exception_message": None}), ExecutionError("p")),
        (text("execution_cached", {"prompt_id": "p", "nodes": [4, 5]}), ExecutionCached("p", ["4", "5"])),
        (text("status", {"status": None}), Status(0)),
        (
            text("progress_state", {"prompt_id": "p", "nodes": {"3": {"value": "x", "max": 2}, "4": None}}),
            ProgressState("p", {"3": NodeProgress(max=2.0)}),
        ),
        ('{"type": "executing", "data": {"node": "\\ud800", "prompt_id": "p"}}', None),
    ],
)
def test_what_fits_of_an_odd_message_is_taken(frame: str, message: Message | None) -> None:
    got = decode(frame)
    if message is None:
        assert isinstance(got, Executing)
        assert got.prompt_id == "p"
    elif isinstance(message, Progress):
        assert isinstance(got, Progress)
        assert (got.prompt_id, got.node, got.max) == (message.prompt_id, message.node, message.max)
    elif isinstance(message, ExecutionError):
        assert isinstance(got, ExecutionError)
        assert got.prompt_id == "p"
    else:
        assert got == message


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "not json",
        "[]",
        "null",
        '{"type": 5}',
        '{"data": {}}',
        '{"type": "executing", "data": {"node": "6"',
        "[" * 100_000,
        '{"type":"executed","data":' + '{"a":' * 100_000 + "1" + "}" * 100_001,
        b"",
        b"\x00",
        b"\x00\x00\x00",
        struct.pack(">I", 1),
        struct.pack(">II", 1, 1),
        struct.pack(">II", 1, 77) + JPEG,
        struct.pack(">II", 3, 100) + b"12",
        struct.pack(">II", 3, 0xFFFFFFFF) + b"12",
        struct.pack(">II", 4, 0xFFFFFFFF) + b"{}",
        struct.pack(">II", 4, 2) + b"{}",
        preview({"image_type": "image/svg+xml"}),
        preview([1, 2]),
    ],
)
def test_a_broken_frame_is_nothing(frame: str | bytes) -> None:
    assert decode(frame) is None


@given(st.one_of(st.text(), st.binary()))
def test_no_frame_raises(frame: str | bytes) -> None:
    assert decode(frame) is None or isinstance(decode(frame), Message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["prompt_id", "node", "nodes", "output", "value", "max", "status", "sid", "traceback", "node_id"]
)


@given(kind=st.sampled_from([json.loads(c[0])["type"] for c in CASES if isinstance(c[0], str)]), data=JSON)
def test_any_data_under_a_known_type_gives_that_type(kind: str, data: Any) -> None:
    message = decode(text(kind, data))
    assert message is None or isinstance(message, Message)


@given(kind=st.sampled_from(["executing", "progress_state", "executed", "status"]), data=st.dictionaries(KEYS, JSON))
def test_known_fields_of_any_type_are_survived(kind: str, data: Any) -> None:
    message = decode(text(kind, data))
    assert message is None or isinstance(message, Message)


def test_ten_thousand_mutated_frames_never_raise() -> None:
    rng = random.Random(20)  # a seed that can be replayed
    frames = [c[0].encode() if isinstance(c[0], str) else c[0] for c in CASES]
    for _ in range(10_000):
        frame = bytearray(rng.choice(frames))
        for _ in range(rng.randint(1, 8)):
            action = rng.randrange(4)
            place = rng.randrange(len(frame) + 1)
            if action == 0 and place < len(frame):
                frame[place] = rng.randrange(256)
            elif action == 1:
                frame[place:place] = rng.randbytes(rng.randrange(1, 6))
            elif action == 2:
                del frame[place : place + rng.randrange(1, 10)]
            else:
                frame += frame[place:]
        data = bytes(frame)
        for given_frame in (data, data.decode("utf-8", "surrogateescape")):
            message = decode(given_frame)
            assert message is None or isinstance(message, Message)
