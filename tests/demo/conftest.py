from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import websocket

from comfydesk.demo import process
from comfydesk.demo.control import Control

PATIENCE = 10.0


def sdxl(text: str = "a red fox", *, seed: int = 1, steps: int = 2, size: int = 128, batch: int = 1) -> dict[str, Any]:
    """A small SDXL prompt."""
    sampler = {"seed": seed, "steps": steps, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    return {
        "3": {"class_type": "KSampler", "inputs": sampler | links},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd_xl_base_1.0.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": size, "height": size, "batch_size": batch}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "t/fox", "images": ["8", 0]}},
    }


@dataclass
class Listener:
    """A socket to the server; a thread collects what comes: (type, data) of texts, (binary type, bytes) of frames."""

    ws: websocket.WebSocket
    events: list[tuple[Any, Any]] = field(default_factory=list)
    pongs: int = 0
    closed: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def begin(self) -> Listener:
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def _read(self) -> None:
        while True:
            try:
                opcode, frame = self.ws.recv_data_frame(control_frame=True)
            except (OSError, websocket.WebSocketException):
                opcode, frame = websocket.ABNF.OPCODE_CLOSE, None
            with self.changed:
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    self.closed = True
                elif opcode == websocket.ABNF.OPCODE_PONG:
                    self.pongs += 1
                elif opcode == websocket.ABNF.OPCODE_TEXT:
                    message = json.loads(frame.data)
                    self.events.append((message["type"], message["data"]))
                else:
                    self.events.append((struct.unpack(">I", frame.data[:4])[0], frame.data[4:]))
                self.changed.notify_all()
                if self.closed:
                    return

    def until(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE), self.kinds()

    def until_end(self, prompt_id: str) -> list[tuple[Any, Any]]:
        """All events up to the end of this prompt."""
        self.until(lambda: ("executing", {"node": None, "prompt_id": prompt_id}) in self.events)
        return self.events

    def kinds(self) -> list[Any]:
        return [kind for kind, _ in self.events]

    def of(self, kind: Any) -> list[Any]:
        return [data for k, data in self.events if k == kind]

    def close(self) -> None:
        if self.ws.sock is not None:
            with contextlib.suppress(OSError):  # the server has cut it already
                self.ws.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self.ws.shutdown()


class Server:
    """A demo server and a session to it."""

    def __init__(self, child: process.DemoProcess) -> None:
        self.child = child
        self.url = child.url
        self.control = Control(child.url)
        self.http = requests.Session()
        self.http.trust_env = False
        self.listeners: list[Listener] = []

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.http.get(self.url + path, params=params, timeout=PATIENCE)

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.http.post(self.url + path, json=body, timeout=PATIENCE, **more)

    def submit(self, prompt: dict[str, Any], **more: Any) -> str:
        answer = self.post("/prompt", {"prompt": prompt, **more})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["prompt_id"])

    def wait(self, prompt_id: str) -> dict[str, Any]:
        """The history entry, as soon as there is one."""
        found: list[dict[str, Any]] = []

        def there() -> bool:
            found[:] = self.get(f"/history/{prompt_id}").json().values()
            return bool(found)

        eventually(there)
        return found[0]

    def run(self, prompt: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.wait(self.submit(prompt, **more))

    def picture(self, entry: dict[str, Any], node_id: str = "9") -> requests.Response:
        return self.get("/view", **entry["outputs"][node_id]["images"][0])

    def listen(self, client_id: str, *, flags: bool = True) -> Listener:
        address = f"{self.url.replace('http', 'ws', 1)}/ws?clientId={client_id}"
        ws = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        if flags:
            ws.send(json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}}))
        listener = Listener(ws).begin()
        listener.until(lambda: "status" in listener.kinds() and (not flags or "feature_flags" in listener.kinds()))
        self.listeners.append(listener)
        return listener

    def close(self) -> None:
        for listener in self.listeners:
            listener.close()
        self.listeners.clear()
        self.http.close()


def eventually(condition: Callable[[], bool]) -> None:
    """Poll until it holds; the server tells nobody when it does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def demo_child() -> Iterator[process.DemoProcess]:
    with process.start(step_ms=2, extra=("--control",)) as child:
        yield child


@pytest.fixture
def server(demo_child: process.DemoProcess) -> Iterator[Server]:
    """The module's server, with a free queue and no faults."""
    taken = Server(demo_child)
    taken.post("/free", {"free_memory": True})
    yield taken
    taken.control.load_script([])
    taken.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Starts servers of the test's own."""
    started: list[Server] = []

    def begin(*extra: str, **options: Any) -> Server:
        child = process.start(**{"step_ms": 2, **options}, extra=("--control", *extra))
        started.append(Server(child))
        return started[-1]

    yield begin
    for server in started:
        server.close()
        server.child.stop()
