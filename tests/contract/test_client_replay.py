"""Two real servers' recordings, frame by frame and exchange by exchange, through the client."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from aiohttp import web

from comfydesk.base.errors import Problem
from comfydesk.server.body import loads
from comfydesk.server.client import ServerClient
from comfydesk.server.messages import Executed, Message, PreviewImage, ProgressState, Status, Unknown, decode
from comfydesk.server.outputs import files_of, texts_of
from comfydesk.server.specs_cache import SpecsCache
from comfydesk.server.types import AmbiguousError, Rejected, RemoteFile, RemoteState
from tests.server.serving import Serving

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "comfyui"
RECORDINGS = sorted(SHARED.glob("*/*.jsonl"))
pytestmark = pytest.mark.skipif(not RECORDINGS, reason="the recordings of real servers (../shared/comfyui) are absent")
each_recording = pytest.mark.parametrize("file", RECORDINGS, ids=lambda f: f"{f.parent.name}/{f.stem}")


def lines(file: Path) -> list[dict[str, Any]]:
    with file.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def frames(file: Path) -> Iterator[tuple[dict[str, Any], Any]]:
    for line in lines(file):
        for key, value in line.items():
            if key == "ws" or key.startswith("ws_"):
                yield line, value


@each_recording
def test_every_frame_of_a_real_server_is_understood(file: Path) -> None:
    for line, value in frames(file):
        if value == "closed":
            continue
        if value == "binary":
            message = decode(base64.b64decode(line["base64"]))
            assert isinstance(message, PreviewImage)
            assert message.mime == "image/jpeg"
            assert message.data.startswith(b"\xff\xd8\xff")
            assert (message.prompt_id is None) is (line["type"] == 1)
        else:
            message = decode(json.dumps(value))
            assert isinstance(message, Message)
            assert not isinstance(message, Unknown)
            check_fields(message, value["data"])


def check_fields(message: Message, data: dict[str, Any]) -> None:
    if isinstance(message, Status):
        assert message.queue_remaining == data["status"]["exec_info"]["queue_remaining"]
        assert message.sid == data.get("sid")
    elif isinstance(message, ProgressState):
        assert {n: p.state for n, p in message.nodes.items()} == {n: p["state"] for n, p in data["nodes"].items()}
    else:
        for name in ("prompt_id", "node", "node_id", "output", "value", "max", "exception_type", "traceback"):
            if name in data:
                assert getattr(message, name) == data[name]


@each_recording
def test_what_executed_names_is_what_the_history_has(file: Path) -> None:
    named: dict[tuple[str, str], Any] = {}
    for _, value in frames(file):
        if isinstance(value, dict) and isinstance(message := decode(json.dumps(value)), Executed) and message.output:
            named[message.prompt_id, message.node] = (files_of(message.output), texts_of(message.output))
    for line in lines(file):
        path = line.get("http", {}).get("path", "")
        if path.startswith("/history/"):
            for prompt_id, entry in line["json"].items():
                for node, output in entry["outputs"].items():
                    if (prompt_id, node) in named:
                        assert named[prompt_id, node] == (files_of(output), texts_of(output))


class Recorded:
    """Answers with the exchange that is set; what else a call asks meets a server that knows nothing."""

    def __init__(self) -> None:
        self.exchange: dict[str, Any] = {}
        self.bodies: list[Any] = []
        self._serving = Serving()
        app = web.Application(client_max_size=1 << 28)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.client = ServerClient(f"http://127.0.0.1:{self._serving.app(app)}")

    def stop(self) -> None:
        self.client.close()
        self._serving.stop()

    async def _handle(self, request: web.Request) -> web.Response:
        wanted = self.exchange["http"]
        body = await request.read()
        if (request.method, request.path) != (wanted["method"], urlsplit(unquote(wanted["path"])).path):
            return web.json_response({"queue_running": [], "queue_pending": []} if request.path == "/queue" else {})
        self.bodies.append(body)
        if "json" in self.exchange:
            data = json.dumps(self.exchange["json"]).encode()
        elif "text" in self.exchange:
            data = self.exchange["text"].encode()
        else:
            head = base64.b64decode(self.exchange.get("head") or "")
            data = head.ljust(self.exchange["bytes"], b"\0")[: self.exchange["bytes"]]
        headers = {k: v for k, v in self.exchange["headers"].items() if v and k not in ("Content-Length", "Date")}
        return web.Response(status=self.exchange["status"], body=data, headers=headers)


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    recorded = Recorded()
    yield recorded
    recorded.stop()


def submit(recorded: Recorded, exchange: dict[str, Any]) -> None:
    sent = exchange["http"].get("json")
    if not sent or not isinstance(sent.get("prompt"), dict):
        return  # what no client of ours can send
    extras = {k: sent[k] for k in ("front", "extra_data", "partial_execution_targets") if k in sent}
    client_id = sent.get("client_id", "none")
    prompt_id = sent.get("prompt_id", "00000000-0000-4000-8000-000000000000")

    def call() -> Any:
        return recorded.client.submit(sent["prompt"], prompt_id=prompt_id, client_id=client_id, **extras)

    if exchange["status"] == 200:
        got = call()
        answer = exchange["json"]
        assert (got.prompt_id, got.number) == (answer["prompt_id"], answer["number"])
        assert got.node_errors == answer["node_errors"]
    elif exchange["status"] == 400:
        with pytest.raises(Rejected) as rejected:
            call()
        assert rejected.value.error == exchange["json"]["error"]
        assert rejected.value.node_errors == exchange["json"]["node_errors"]
    else:
        with pytest.raises(AmbiguousError):
            call()
    assert json.loads(recorded.bodies[-1]) == {**sent, "client_id": client_id, "prompt_id": prompt_id}


def look_up(recorded: Recorded, exchange: dict[str, Any]) -> None:
    path = exchange["http"]["path"]
    prompt_id = path.split("?")[0].rsplit("/", 1)[1]
    if path.startswith("/history/"):
        job = recorded.client.history(prompt_id)
        entry = exchange["json"].get(prompt_id)
        assert (job is None) is (entry is None)
        if job is not None:
            assert (job.outputs, job.status) == (entry["outputs"], entry["status"]["status_str"])
            assert list(job.messages) == entry["status"]["messages"]
        return
    recorded.client._has_jobs_api = None
    job = recorded.client.job(prompt_id)
    if exchange["status"] == 404:
        assert job.state is RemoteState.ABSENT
        assert recorded.client._has_jobs_api is ("json" in exchange)
        return
    answer = exchange["json"]
    running = {"pending": RemoteState.PENDING, "in_progress": RemoteState.RUNNING}
    assert job.state is running.get(answer["status"], RemoteState.DONE)
    if job.state is RemoteState.DONE:
        assert job.outputs == answer["outputs"]
        assert list(job.messages) == answer["execution_status"]["messages"]


def view(recorded: Recorded, exchange: dict[str, Any]) -> None:
    asked = exchange["http"]["params"]
    remote = RemoteFile(asked.get("filename", ""), asked.get("subfolder", ""), asked.get("type", ""))

    def call() -> tuple[int | None, int, str]:
        with recorded.client.view(remote, preview=asked.get("preview", "")) as download:
            return download.length, sum(map(len, download.chunks())), download.content_type

    if exchange["status"] == 200:
        assert call() == (exchange["bytes"], exchange["bytes"], exchange["headers"]["Content-Type"])
    elif exchange["status"] != 206:
        with pytest.raises(Problem) as caught:
            call()
        assert caught.value.code in ("output_missing", "forbidden")


def upload(recorded: Recorded, exchange: dict[str, Any], file: Path) -> None:
    file.write_bytes(b"picture")
    fields = exchange["http"]["data"]
    if exchange["status"] == 200:
        got = recorded.client.upload(file, "photo é.png", fields.get("subfolder", ""))
        answer = exchange["json"]
        assert got == RemoteFile(answer["name"], answer["subfolder"], answer["type"])
    else:
        with pytest.raises(Problem) as caught:
            recorded.client.upload(file, "photo é.png", fields.get("subfolder", ""))
        assert caught.value.code == "upload_failed"


def replay(recorded: Recorded, exchange: dict[str, Any], folder: Path) -> str:
    """Make the call that this exchange answers. Gives its name, "" where the client has no such call."""
    recorded.exchange = exchange
    client, method = recorded.client, exchange["http"]["method"]
    path = exchange["http"]["path"].partition("?")[0]
    if (method, path) == ("POST", "/prompt"):
        submit(recorded, exchange)
    elif path.startswith(("/history/", "/api/jobs/")) and method == "GET":
        look_up(recorded, exchange)
    elif (method, path) == ("GET", "/view"):
        view(recorded, exchange)
    elif (method, path) == ("POST", "/upload/image"):
        upload(recorded, exchange, folder / "photo.png")
    elif path.startswith("/object_info/"):
        assert client.object_info(path.rsplit("/", 1)[1]) == exchange["json"]
    elif (method, path) == ("GET", "/system_stats"):
        assert client.system_stats() == exchange["json"]
        assert client.look().version in ("0.33.0", "0.3.64")
    elif (method, path) == ("GET", "/features"):
        assert client.features() == exchange["json"]
        assert client.max_upload_size == 104_857_600
    elif (method, path) == ("GET", "/queue"):
        client._has_jobs_api = False
        running = {item[1] for item in exchange["json"]["queue_running"]}
        waiting = {item[1] for item in exchange["json"]["queue_pending"]}
        got = client.open_ids()
        assert {i for i, s in got.items() if s is RemoteState.RUNNING} == running
        assert {i for i, s in got.items() if s is RemoteState.PENDING} == waiting
    elif (method, path) == ("GET", "/api/jobs") and exchange["status"] == 200:
        client._has_jobs_api = True
        open_states = {"pending", "in_progress"}
        assert set(client.open_ids()) == {j["id"] for j in exchange["json"]["jobs"] if j["status"] in open_states}
    elif path.startswith("/api/jobs/") and path.endswith("/cancel") and path.count("/") == 4:
        client._has_jobs_api = None
        client.cancel(path.split("/")[3])
    elif (method, path) == ("POST", "/interrupt") and exchange["http"].get("json"):
        client.interrupt(exchange["http"]["json"]["prompt_id"])
        assert json.loads(recorded.bodies[-1]) == exchange["http"]["json"]
    elif (method, path) == ("POST", "/queue") and "delete" in exchange["http"]["json"]:
        client.delete_waiting(exchange["http"]["json"]["delete"])
        assert json.loads(recorded.bodies[-1]) == exchange["http"]["json"]
    else:
        return ""
    return f"{method} {'/'.join(path.split('/')[:3])}"


@each_recording
def test_every_exchange_with_a_real_server_is_understood(file: Path, recorded: Recorded, tmp_path: Path) -> None:
    for line in lines(file):
        if "http" in line:
            replay(recorded, line, tmp_path)


def test_the_recordings_hold_enough_of_each_call(recorded: Recorded, tmp_path: Path) -> None:
    """So that a replay which silently matches nothing is noticed."""
    calls: Counter[str] = Counter()
    for file in RECORDINGS:
        if file.stem in ("server", "jobs", "upload", "view", "invalid", "interrupt"):
            for line in lines(file):
                if "http" in line:
                    calls[replay(recorded, line, tmp_path).split(" /history")[0]] += 1
    assert calls["POST /prompt"] >= 20
    assert sum(calls.values()) - calls[""] >= 60


@pytest.mark.parametrize("version", ["0.33.0", "0.3.64"])
def test_all_specs_of_a_real_server_are_read_and_kept(version: str, tmp_path: Path) -> None:
    data = (SHARED / version / "object_info.json").read_bytes()
    specs = loads(data)
    assert specs == json.loads(data)
    cache = SpecsCache(tmp_path)
    cache.put("http://gpu:8188", specs)
    assert SpecsCache(tmp_path).get("http://gpu:8188") == specs
