"""What clients are told of a running prompt, message by message, in the recorded order (S11)."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field
from typing import Any

from comfydesk.demo.call import OutOfMemoryError
from comfydesk.demo.graph import is_link
from comfydesk.demo.hub import Hub

OOM_TIP = "This error means you ran out of memory on your GPU."


@dataclass(slots=True)
class Run:
    """One prompt while it runs."""

    number: float
    prompt_id: str
    prompt: dict[str, Any]
    extra: dict[str, Any]
    outputs: list[str]
    client_id: str | None
    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)  # progress_state
    ran: list[str] = field(default_factory=list)
    ui: dict[str, Any] = field(default_factory=dict)
    slow_loads: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)  # nodes that got nothing to work with
    failed: bool = False
    told_progress: float = 0.0  # when clients last heard of progress, on the monotonic clock


class Narrator:
    """Sends the messages of runs, and keeps in each run those that its history will show."""

    def __init__(self, hub: Hub, clock_offset: float) -> None:
        self._hub = hub
        self._clock_offset = clock_offset

    def now(self) -> int:
        """Milliseconds since 1970 by the server's clock."""
        return round((time.time() + self._clock_offset) * 1000)

    def executing(self, run: Run, node_id: str | None) -> None:
        """None: the prompt has ended and is in the history."""
        self._hub.last_node = node_id
        if run.client_id is None:
            return
        shown: dict[str, Any] = {"node": node_id}
        if node_id is not None:
            shown["display_node"] = node_id
        self._hub.send("executing", shown | {"prompt_id": run.prompt_id}, run.client_id)

    def tell(self, run: Run, event: str, data: dict[str, Any], *, everybody: bool = False) -> None:
        """Messages of a job without a client are kept for the history but sent to nobody, interruptions aside (S10)."""
        data = {**data, "timestamp": self.now()}
        run.messages.append((event, data))
        if run.client_id is not None or everybody:
            self._hub.send(event, data, run.client_id)

    def announce(self, run: Run, node_id: str, ui: dict[str, Any] | None) -> None:
        if ui is not None:
            run.ui[node_id] = ui
        if run.client_id is not None:
            shown = {"node": node_id, "display_node": node_id, "output": ui, "prompt_id": run.prompt_id}
            self._hub.send("executed", shown, run.client_id)

    def mark(self, run: Run, node_id: str, value: float, most: float, state: str) -> None:
        run.nodes[node_id] = {
            "value": value,
            "max": most,
            "state": state,
            "node_id": node_id,
            "prompt_id": run.prompt_id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }
        self._hub.send("progress_state", {"prompt_id": run.prompt_id, "nodes": dict(run.nodes)}, run.client_id)

    def progress(self, run: Run, node_id: str, value: int, most: int, jpeg: bytes | None) -> None:
        self.mark(run, node_id, value, most, "running")
        with_metadata = self._hub.wants_metadata(run.client_id)
        metadata = {
            "node_id": node_id,
            "prompt_id": run.prompt_id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }
        if jpeg is not None and with_metadata:
            self._hub.send_preview(jpeg, metadata, run.client_id)
        shown = {"value": value, "max": most, "prompt_id": run.prompt_id, "node": node_id}
        self._hub.send("progress", shown, run.client_id)
        if jpeg is not None and not with_metadata:
            self._hub.send_preview(jpeg, metadata, run.client_id)

    def warn_of_block(self, run: Run, node_id: str, message: str) -> None:
        """Clients get an execution_error, though the job goes on and its history knows nothing of it (S12)."""
        if run.client_id is None:
            return
        facts = {
            "prompt_id": run.prompt_id,
            "node_id": node_id,
            "node_type": run.prompt[node_id]["class_type"],
            "executed": list(run.ran),
            "exception_message": f"Execution Blocked: {message}",
            "exception_type": "ExecutionBlocked",
            "traceback": [],
            "current_inputs": [],
            "current_outputs": [],
            "timestamp": self.now(),
        }
        self._hub.send("execution_error", facts, run.client_id)

    def fail(self, run: Run, node_id: str, exc: Exception) -> None:
        out_of_memory = isinstance(exc, OutOfMemoryError)
        inputs = run.prompt[node_id]["inputs"]
        run.failed = True
        self.tell(
            run,
            "execution_error",
            {
                "prompt_id": run.prompt_id,
                "node_id": node_id,
                "node_type": run.prompt[node_id]["class_type"],
                "executed": list(run.ran),
                "exception_message": f"{exc}\n{OOM_TIP if out_of_memory else ''}",
                "exception_type": "torch.OutOfMemoryError" if out_of_memory else type(exc).__name__,
                "traceback": _traceback(exc),
                "current_inputs": {name: [str(v) if is_link(v) else v] for name, v in inputs.items()},
                "current_outputs": list(run.prompt),
            },
        )


def _traceback(exc: Exception) -> list[str]:
    """The frames inside the demo server, without the paths of this machine."""
    return [
        f'  File "/srv/demo/{frame.filename.replace(chr(92), "/").rsplit("/demo/", 1)[-1]}", line {frame.lineno}, '
        f"in {frame.name}\n    {frame.line}\n"
        for frame in traceback.extract_tb(exc.__traceback__)
    ]
