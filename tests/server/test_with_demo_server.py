"""The client's whole day: look, upload, queue, watch, look up, fetch, cancel; direct and through a TLS proxy."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comfydesk.demo.process import DemoProcess, start
from comfydesk.server import messages as m
from comfydesk.server.client import ServerClient
from comfydesk.server.outputs import files_of
from comfydesk.server.socket import EventSocket
from comfydesk.server.types import AuthKind, Credentials, Rejected, RemoteState, Trust
from tests.server import proxy

CHECKPOINT = "sd_xl_base_1.0.safetensors"


def prompt(seed: int = 7, steps: int = 3, **changes: Any) -> dict[str, Any]:
    return {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": changes.get("checkpoint", CHECKPOINT)}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"batch_size": 1, "height": 64, "width": 64}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "a red fox"}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "blurry"}},
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "cfg": 7.0,
                "denoise": 1.0,
                "latent_image": ["5", 0],
                "model": ["4", 0],
                "negative": ["7", 0],
                "positive": ["6", 0],
                "sampler_name": "euler",
                "scheduler": "normal",
                "seed": seed,
                "steps": steps,
            },
        },
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": f"test/{seed}", "images": ["8", 0]}},
    }


@pytest.fixture(scope="module", params=["0.33.0", "0.3.64"])
def demo(request: pytest.FixtureRequest) -> Iterator[DemoProcess]:
    with start(step_ms=2, profile=request.param) as demo:
        yield demo


@pytest.fixture(scope="module", params=["direct", "through a TLS proxy"])
def client(request: pytest.FixtureRequest, demo: DemoProcess) -> Iterator[ServerClient]:
    if request.param == "direct":
        client = ServerClient(demo.url)
        yield client
        client.close()
        return
    with proxy.start(demo.url, user="ann", password="geheim") as behind:
        ann = Credentials(AuthKind.BASIC, "ann", "geheim")
        client = ServerClient(behind.url, ann, Trust(pin=behind.fingerprint))
        yield client
        client.close()


def test_the_main_job_from_queue_to_file(client: ServerClient) -> None:
    report = client.look()
    assert report.is_demo
    assert report.has_jobs_api is (report.version == "0.33.0")
    specs = client.object_info("CheckpointLoaderSimple")
    assert CHECKPOINT in str(specs)
    client_id, prompt_id = str(uuid.uuid4()), str(uuid.uuid4())
    events = EventSocket(client, client_id)
    events.connect()
    sent = client.submit(
        prompt(seed=2**63 + len(client.url)),
        prompt_id=prompt_id,
        client_id=client_id,
        extra_data={"preview_method": "auto"},
    )
    assert (sent.prompt_id, sent.node_errors) == (prompt_id, {})
    seen: list[m.Message] = []
    for message in events.messages():
        seen.append(message)
        if isinstance(message, m.Executing) and message.node is None and message.prompt_id == prompt_id:
            break
    events.close()
    assert not events.ignored
    kinds = {type(message) for message in seen}
    assert {
        m.Status,
        m.FeatureFlags,
        m.ExecutionStart,
        m.Executing,
        m.Progress,
        m.Executed,
        m.ExecutionSuccess,
    } <= kinds
    if report.version == "0.33.0":
        previews = [p for p in seen if isinstance(p, m.PreviewImage)]
        assert previews
        assert {p.prompt_id for p in previews} == {prompt_id}
    job = client.job(prompt_id)
    assert (job.state, job.status) == (RemoteState.DONE, "success")
    (executed,) = [e for e in seen if isinstance(e, m.Executed)]
    ((_, _, remote),) = files_of(job.outputs["9"])
    assert files_of(executed.output or {})[0][2] == remote
    with client.view(remote) as download:
        data = b"".join(download.chunks())
        assert download.length == len(data)
    assert data.startswith(b"\x89PNG")
    assert b"IEND" in data[-12:]
    with client.view(remote, preview="webp;50") as small:
        assert b"".join(small.chunks())[8:12] == b"WEBP"


def test_what_the_server_does_not_know_is_absent(client: ServerClient) -> None:
    assert client.job(str(uuid.uuid4())).state is RemoteState.ABSENT
    assert client.history(str(uuid.uuid4())) is None


def test_waiting_and_running_jobs_are_cancelled_and_nobody_elses(client: ServerClient) -> None:
    ids = [str(uuid.uuid4()) for _ in range(3)]
    for number, prompt_id in enumerate(ids):
        client.submit(prompt(seed=100 + number, steps=2000), prompt_id=prompt_id, client_id="c")
    assert set(ids) <= set(client.open_ids())
    client.cancel(ids[2])  # waiting
    client.interrupt(ids[1])  # waiting too: not touched
    assert client.job(ids[1]).state is RemoteState.PENDING
    client.delete_waiting([ids[1]])
    client.cancel(ids[0])
    while ids[0] in client.open_ids():
        pass
    assert client.job(ids[2]).state is client.job(ids[1]).state is RemoteState.ABSENT
    stopped = client.job(ids[0])
    if stopped.state is RemoteState.DONE:
        assert any(name == "execution_interrupted" for name, _ in stopped.messages)


def test_a_missing_model_is_rejected_with_its_node(client: ServerClient) -> None:
    with pytest.raises(Rejected) as caught:
        client.submit(prompt(checkpoint="nope.safetensors"), prompt_id=str(uuid.uuid4()), client_id="c")
    assert "4" in caught.value.node_errors
    assert "nope.safetensors" in caught.value.message


def test_an_input_picture_is_uploaded_and_may_be_uploaded_again(client: ServerClient, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    first = client.upload(file, "0123456789abcdef.png")
    assert (first.filename, first.subfolder, first.type) == ("0123456789abcdef.png", "comfydesk", "input")
    assert client.upload(file, "0123456789abcdef.png") == first
    with client.view(first) as download:
        assert b"".join(download.chunks()) == file.read_bytes()


def test_memory_can_be_freed(client: ServerClient) -> None:
    client.free()
