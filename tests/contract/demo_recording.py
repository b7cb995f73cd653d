"""A recording of a real server, and a player that sends its requests to a demo server."""

from __future__ import annotations

import copy
import json
import re
import struct
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import websocket

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "comfyui"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FLAGS = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
NOISY = ("progress_state", "progress", "binary")  # their number depends on the moment of a cancellation
PATIENCE = 6.0

Line = dict[str, Any]


def lines(version: str, scenario: str) -> list[Line]:
    """All lines but those that only say that the recorder closed its socket."""
    text = (SHARED / version / f"{scenario}.jsonl").read_text("utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    return [line for line in found if line.get(socket_of(line) or "") != "closed"]


def socket_of(line: Line) -> str | None:
    return next((key for key in line if key.startswith("ws")), None)


def event_of(line: Line) -> tuple[str, Any]:
    """Type and data of a socket line; for binary frames "binary" and their type."""
    message = line[socket_of(line) or ""]
    return ("binary", line["type"]) if message == "binary" else (message["type"], message["data"])


@dataclass
class Socket:
    """One socket to the demo server whose messages are collected by a thread."""

    ws: websocket.WebSocket
    events: list[tuple[str, Any]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    reader: threading.Thread | None = None

    @classmethod
    def open(cls, url: str, client_id: str, *, flags: bool) -> Socket:
        address = url.replace("http", "ws", 1) + f"/ws?clientId={client_id}"
        found = cls(websocket.create_connection(address, suppress_origin=True, timeout=PATIENCE))
        if flags:
            found.ws.send(FLAGS)
        found.reader = threading.Thread(target=found._read, daemon=True)
        found.reader.start()
        return found

    def _read(self) -> None:
        while True:
            try:
                kind, data = self.ws.recv_data()
            except (OSError, websocket.WebSocketException):
                return
            if kind == websocket.ABNF.OPCODE_CLOSE:
                return
            with self.changed:
                if kind == websocket.ABNF.OPCODE_TEXT:
                    message = json.loads(data)
                    self.events.append((message["type"], message["data"]))
                else:
                    self.events.append(("binary", struct.unpack(">I", data[:4])[0]))
                self.changed.notify_all()

    def wait_for(self, kind: str, count: int) -> None:
        """Until `count` messages of this type have come."""
        with self.changed:
            done = self.changed.wait_for(lambda: sum(k == kind for k, _ in self.events) >= count, PATIENCE)
        assert done, f"{count} × {kind} expected, got {[k for k, _ in self.events]}"

    def close(self) -> None:
        """Say goodbye and wait until the server has, too."""
        if not self.ws.connected:
            return
        self.ws.send_close()
        if self.reader is not None:
            self.reader.join(PATIENCE)
        self.ws.shutdown()


class Player:
    """Plays one scenario. `answers`: (recorded line, response); `sockets`: name → what came on it."""

    def __init__(self, url: str, version: str, scenario: str) -> None:
        self.url = url
        self.recorded = lines(version, scenario)
        self.answers: list[tuple[Line, requests.Response]] = []
        self.sockets: dict[str, Socket] = {}
        self.http = requests.Session()
        self.http.trust_env = False
        self._ids: dict[str, str] = {}  # recorded prompt or client id → ours

    def __enter__(self) -> Player:
        return self

    def __exit__(self, *_: object) -> None:
        for socket in self.sockets.values():
            socket.close()
        self.http.close()

    def play(self) -> Player:
        self._warm_the_cache()
        seen: dict[str, list[tuple[str, Any]]] = {}
        for line in self.recorded:
            name = socket_of(line)
            if name is not None:
                if name not in self.sockets:
                    self._wait_for(seen, NOISY)
                self._connect(name)
                seen.setdefault(name, []).append(event_of(line))
            else:
                # What a request causes may have been recorded before its answer.
                answered = line.get("json")
                own = answered.get("prompt_id") if isinstance(answered, dict) else None
                self._wait_for(seen, (*NOISY, "status"), own)
                self._request(line)
        self._wait_for(seen, NOISY)
        return self

    def _wait_for(
        self, seen: dict[str, list[tuple[str, Any]]], without: tuple[str, ...], own: str | None = None
    ) -> None:
        for name, events in seen.items():
            kinds = [kind for kind, data in events if kind not in without and (own is None or own not in str(data))]
            for kind in set(kinds):
                self.sockets[name].wait_for(kind, kinds.count(kind))

    def _connect(self, name: str) -> None:
        if name in self.sockets:
            return
        if name == "ws_again":
            self.sockets["ws"].close()
        events = [event_of(line) for line in self.recorded if socket_of(line) == name]
        sid = next(data["sid"] for kind, data in events if kind == "status" and "sid" in data)
        # A fresh id: the server forgets the id of a socket that it sees closing late, whoever holds it then (S7).
        ours = self._ids.setdefault(sid, str(uuid.uuid4()))
        self.sockets[name] = Socket.open(self.url, ours, flags=any(kind == "feature_flags" for kind, _ in events))

    def _request(self, line: Line) -> None:
        asked = line["http"]
        path = self._ours(asked["path"])
        body = json.loads(self._ours(json.dumps(asked["json"]))) if "json" in asked else None
        headers = {"Range": "bytes=0-99"} if line["status"] == 206 else {}
        deadline = time.monotonic() + PATIENCE
        while True:
            response = self.http.request(
                asked["method"],
                self.url + path,
                json=body,
                data=asked.get("data"),
                params=asked.get("params"),
                headers=headers,
                timeout=PATIENCE,
            )
            not_yet = "/history/" in path and line.get("json") and not response.json()
            if not not_yet or time.monotonic() > deadline:
                break
        self.answers.append((line, response))
        recorded = line.get("json")
        if isinstance(recorded, dict) and "prompt_id" in recorded:
            self._ids[recorded["prompt_id"]] = response.json()["prompt_id"]

    def _ours(self, text: str) -> str:
        for theirs, ours in self._ids.items():
            text = text.replace(theirs, ours)
        return text

    def _warm_the_cache(self) -> None:
        """Run what makes the server know the nodes that were cached in the recording."""
        self.http.post(self.url + "/free", json={"free_memory": True}, timeout=PATIENCE)
        first = next((data for _, kind, data in self._events() if kind == "execution_cached"), None)
        if first is None or not first["nodes"]:
            return
        accepted = next(
            line["http"]["json"]["prompt"]
            for line in self.recorded
            if line.get("http", {}).get("path") == "/prompt" and line["status"] == 200
        )
        prompt = copy.deepcopy(accepted)
        for node_id, node in prompt.items():
            if node_id not in first["nodes"]:
                node["inputs"] = {k: _other(k, v) for k, v in node["inputs"].items()}
        run_to_end(self.http, self.url, {k: v for k, v in prompt.items() if v["inputs"].get("images", 1)})

    def _events(self) -> Iterator[tuple[str, str, Any]]:
        for line in self.recorded:
            name = socket_of(line)
            if name is not None:
                yield (name, *event_of(line))


def _other(name: str, value: Any) -> Any:
    """Another valid value for what a prompt may hold; choices and links stay."""
    if name in ("text", "filename_prefix"):
        return f"{value}!"
    return value + 16 if name in ("seed", "width") else value


def run_to_end(http: requests.Session, url: str, prompt: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Submit and wait for the history entry."""
    answer = http.post(url + "/prompt", json={"prompt": prompt, **more}, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    prompt_id = answer.json()["prompt_id"]
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        entry = http.get(f"{url}/history/{prompt_id}", timeout=PATIENCE).json().get(prompt_id)
        if entry:
            return dict(entry)
        time.sleep(0.005)
    raise AssertionError("the prompt did not end")
