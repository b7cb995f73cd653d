"""How far a job is, from the messages of its server. Pure: messages in, JobProgress out.

A node's share of the whole is its weight: samplers take nearly all of the time of a picture, so ten of the others
weigh as much as one sampler. Nodes that the server takes from its cache count as done (S36).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comfydesk.jobs.model import JobProgress
from comfydesk.server.messages import (
    Executed,
    Executing,
    ExecutionCached,
    ExecutionStart,
    ExecutionSuccess,
    Message,
    Progress,
    ProgressState,
)

SAMPLER_WEIGHT = 20.0
HEAVY_WEIGHT = 3.0  # decoders, encoders, upscalers, loaders
_HEAVY = ("loader", "vae", "upscale", "encode", "decode", "save")


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the prompt, as progress sees it."""

    title: str
    weight: float
    is_sampler: bool
    is_loader: bool


def nodes_of(prompt: Mapping[str, Any], titles: Mapping[str, str], targets: Sequence[str] = ()) -> dict[str, Node]:
    """The nodes of an API graph with their shares; node ids as the user has them. `targets`: only these outputs run."""
    found: dict[str, Node] = {}
    running = _upstream(prompt, targets) if targets else prompt
    for node_id, body in prompt.items():
        if node_id not in running:
            continue
        name = str(body.get("class_type", "")) if isinstance(body, Mapping) else ""
        low = name.lower()
        sampler = "sampler" in low and "select" not in low
        weight = SAMPLER_WEIGHT if sampler else HEAVY_WEIGHT if any(part in low for part in _HEAVY) else 1.0
        found[node_id] = Node(titles.get(node_id) or name or node_id, weight, sampler, "load" in low)
    return found


def _upstream(prompt: Mapping[str, Any], targets: Sequence[str]) -> set[str]:
    """These nodes and all that they take from."""
    found: set[str] = set()
    waiting = [node_id for node_id in targets if node_id in prompt]
    while waiting:
        node_id = waiting.pop()
        if node_id in found:
            continue
        found.add(node_id)
        inputs = prompt[node_id].get("inputs") if isinstance(prompt[node_id], Mapping) else None
        for value in inputs.values() if isinstance(inputs, Mapping) else ():
            if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and value[0] in prompt:
                waiting.append(value[0])
    return found


@dataclass(slots=True)
class JobMeter:
    """One running job. `take` gives the news, or None where a message changes nothing."""

    job_id: str
    nodes: Mapping[str, Node]
    done: set[str] = field(default_factory=set)
    cached: int = 0
    running: str = ""
    value: float = 0.0
    max: float = 0.0
    since: float = 0.0
    started: float | None = None  # when the server began, seconds since 1970
    finished: bool = False
    _shown: float = 0.0

    def take(self, message: Message, now: float) -> JobProgress | None:
        """Take in one message of this job; `now` in seconds since 1970."""
        before = (self.running, self.value, self.max, len(self.done), self.finished)
        if self.started is None:
            self.started = now
            before = None  # type: ignore[assignment]
        match message:
            case ExecutionStart():
                pass
            case ExecutionCached(nodes=nodes):
                self.done.update(n for n in nodes if n in self.nodes)
                self.cached = len(self.done)
            case Executing(node=node):
                self._executing(node, now)
            case Progress(node=node, value=value, max=most) if node is not None or self.running:
                self._run(node or self.running, value, most, now)
            case ProgressState(nodes=states):
                self._states(states, now)
            case Executed(node=node):
                self.done.add(self._known(node))
            case ExecutionSuccess():
                self.finished = True
            case _:
                return None
        if (self.running, self.value, self.max, len(self.done), self.finished) == before:
            return None
        return self.shown()

    def _known(self, node: str) -> str:
        """The node of the prompt that a node made on the way belongs to ("12.0.0.3" of an expanded "12")."""
        return node if node in self.nodes else node.split(".", 1)[0]

    def _executing(self, node: str | None, now: float) -> None:
        if node is None:
            self._end_running()
            return
        self._run(node, None, None, now)

    def _run(self, node: str, value: float | None, most: float | None, now: float) -> None:
        node = self._known(node)
        if node != self.running:
            self._end_running()
            self.running, self.value, self.max, self.since = node, 0.0, 0.0, now
            self.done.discard(node)
        if value is not None and most is not None and most > 1:
            self.value, self.max = value, most

    def _end_running(self) -> None:
        if self.running:
            self.done.add(self.running)
        self.running, self.value, self.max = "", 0.0, 0.0

    def _states(self, states: Mapping[str, Any], now: float) -> None:
        for node_id, state in states.items():
            node = self._known(node_id)
            if state.state == "running":
                self._run(node, state.value, state.max, now)
            elif state.state == "finished":
                if node == self.running:
                    self._end_running()
                self.done.add(node)

    def shown(self) -> JobProgress:
        """The state now. `fraction` never goes back."""
        node = self.nodes.get(self.running)
        total = sum(n.weight for n in self.nodes.values()) or 1.0
        made = sum(self.nodes[n].weight for n in self.done if n in self.nodes)
        if node is not None and self.max:
            made += node.weight * min(1.0, max(0.0, self.value / self.max))
        fraction = 1.0 if self.finished else min(0.99, made / total)
        self._shown = max(self._shown, fraction)
        return JobProgress(
            job_id=self.job_id,
            node_id=self.running,
            node_title=node.title if node else "",
            node_value=self.value,
            node_max=self.max,
            fraction=self._shown,
            phase=self._phase(node),
            since=self.since or self.started or 0.0,
            nodes_done=sum(n in self.nodes for n in self.done),
            nodes_total=len(self.nodes),
        )

    def _phase(self, node: Node | None) -> str:
        """A sampler without its first step is still bringing the model to the device."""
        if node is None:
            return "cached" if self.cached and self.cached == len(self.nodes) else "working"
        if self.max:
            return "sampling" if node.is_sampler else "working"
        return "loading" if node.is_sampler or node.is_loader else "working"

    @property
    def is_repeat(self) -> bool:
        """Whether the server had all of it in its cache (S36)."""
        return bool(self.nodes) and self.cached >= len(self.nodes) - 1 and self.cached >= 2
