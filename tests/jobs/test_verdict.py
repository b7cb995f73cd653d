"""What a server's words mean for a job, on words of our own and on recorded ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.jobs import verdict
from comfydesk.server import remote_jobs
from comfydesk.server.types import Rejected, RemoteJob, RemoteState

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "comfyui"
TITLES = {"3": "KSampler", "4": "Load Checkpoint"}


def _done(*messages: list[Any], status: str = "success", **outputs: Any) -> RemoteJob:
    return RemoteJob("p", RemoteState.DONE, {k[1:]: v for k, v in outputs.items()}, status, messages)


def _error(**facts: Any) -> list[Any]:
    return ["execution_error", {"node_id": "3", "node_type": "KSampler", "exception_type": "RuntimeError"} | facts]


def test_an_error_is_named_by_title_and_its_first_line() -> None:
    found = verdict.finished(
        _done(_error(exception_message="no such thing\nmore", traceback=["a\n", "b\n"]), status="error"),
        TITLES,
        "h",
        1.0,
    )
    assert found.error is not None and found.error.message == "KSampler failed: no such thing."
    assert (found.error.node_id, found.error.node_title) == ("3", "KSampler")
    assert found.error.details.startswith("a\nb") and "RuntimeError" in found.error.details


@pytest.mark.parametrize(
    "facts",
    [
        {"exception_type": "torch.OutOfMemoryError", "exception_message": "Allocation on device"},
        {"exception_message": "CUDA out of memory. Tried to allocate 2 GiB"},
        {"exception_message": "Allocation on device 0 would exceed allowed memory. (out of memory)"},
    ],
)
def test_out_of_memory_in_its_spellings(facts: dict[str, str]) -> None:
    found = verdict.finished(_done(_error(**facts), status="error"), TITLES, "gpu-box", 1.0)
    assert found.error is not None and found.error.code == "out_of_memory" and "gpu-box" in found.error.message


def test_s13_success_with_an_error_inside_is_a_failure() -> None:
    assert verdict.finished(_done(_error(exception_message="cycle")), TITLES, "h", 1.0).error is not None


def test_s12_a_blocked_node_is_no_failure() -> None:
    blocked = _error(exception_type="comfy_execution.graph.ExecutionBlocked", exception_message="x")
    assert verdict.finished(_done(blocked), TITLES, "h", 1.0).error is None


def test_an_error_without_words_is_still_one() -> None:
    found = verdict.finished(_done(status="error"), TITLES, "h", 1.0)
    assert found.error is not None and found.error.code == "node_failed"


def test_files_and_texts_of_all_nodes_are_outputs() -> None:
    found = verdict.finished(
        _done(n9={"images": [{"filename": "a.png", "type": "output"}]}, n10={"text": ["hello"]}, n11=None, n12="x"),
        TITLES,
        "h",
        1.0,
    )
    assert [(o.node_id, o.slot, o.remote.filename, o.text) for o in found.outputs] == [
        ("9", "images", "a.png", None),
        ("10", "text", "text_0.txt", "hello"),
    ]
    assert len({o.output_id for o in found.outputs}) == 2


def test_a_rejection_names_the_first_input_and_keeps_the_rest_for_details() -> None:
    problem = Rejected(
        address="h",
        detail="x",
        error={"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"},
        node_errors={
            "3": {"errors": [{"message": "Value too big", "extra_info": {"input_name": "steps"}}]},
            "4": {"errors": [{"message": "Value not in list", "details": "ckpt_name: 'x' not in []"}]},
        },
    )
    found = verdict.rejection(problem, TITLES)
    assert (found.node_id, found.field, found.node_title) == ("3", "3.steps", "KSampler")
    assert "Load Checkpoint: Value not in list" in found.details


def test_old_servers_name_a_missing_node_in_words() -> None:
    problem = Rejected(
        address="h",
        detail="x",
        error={
            "type": "invalid_prompt",
            "message": "Cannot execute because node NoSuchNode does not exist.",
            "details": "Node ID '#3'",
        },
        node_errors={},
    )
    found = verdict.rejection(problem, TITLES)
    assert (found.code, found.node_id) == ("nodes_missing", "3") and "NoSuchNode" in found.message


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    ["errors", "extra_info", "input_name", "message", "details", "class_type", "images", "filename"]
)
_ODD = st.dictionaries(_KEYS | st.text(max_size=4), _JSON, max_size=5)


@given(_ODD, st.dictionaries(st.text(max_size=4), _ODD | _JSON, max_size=3), st.lists(st.tuples(st.text(), _JSON)))
def test_fault_25_odd_words_never_raise(
    error: dict[str, Any], node_errors: dict[str, Any], messages: list[tuple[str, Any]]
) -> None:
    problem = Rejected(address="h", detail="x", error=error, node_errors=node_errors)
    verdict.rejection(problem, TITLES)
    verdict.partial(node_errors, TITLES, "h")
    verdict.names_an_input(problem, {"comfydesk/ab.png"})
    found = [["execution_error", data] for _, data in messages] + [list(m) for m in messages]
    remote = RemoteJob("p", RemoteState.DONE, node_errors, "success", found)
    verdict.finished(remote, TITLES, "h", 1.0)
    verdict.took(remote)
    verdict.cached_nodes(remote)


def _histories(version: str, name: str) -> list[RemoteJob]:
    file = SHARED / version / f"{name}.jsonl"
    if not file.is_file():
        pytest.skip("the recordings are not here")
    found: list[RemoteJob] = []
    for line in file.read_text().splitlines():
        entry = json.loads(line)
        path = entry.get("http", {}).get("path", "") if isinstance(entry.get("http"), dict) else ""
        if path.startswith("/history/") and entry.get("json"):
            job = remote_jobs.from_history(path.rsplit("/", 1)[1], entry["json"])
            assert job is not None
            found.append(job)
    assert found
    return found


@pytest.mark.parametrize("version", ["0.33.0", "0.3.64"])
def test_recorded_ends_are_understood(version: str) -> None:
    (basic,) = _histories(version, "basic")
    end = verdict.finished(basic, TITLES, "h", 1.0)
    assert end.error is None and [o.node_id for o in end.outputs] == ["9"]
    assert (verdict.took(basic) or 0) > 0.01
    failed = verdict.finished(_histories(version, "error")[0], TITLES, "h", 1.0)
    assert failed.error is not None and failed.error.message == "KSampler failed: asked to fail by the prompt."
    stopped = [verdict.finished(job, TITLES, "h", 1.0) for job in _histories(version, "interrupt")]
    assert [end.interrupted for end in stopped].count(True) == 2
    batch = verdict.finished(_histories(version, "batch4")[0], TITLES, "h", 1.0)
    assert [(o.slot, o.index) for o in batch.outputs] == [("images", n) for n in range(4)]
