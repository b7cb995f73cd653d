"""Every example runs as the README says, on the demo server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import comfydesk
from comfydesk.base import resources
from comfydesk.demo import process
from comfydesk.demo.process import DemoProcess

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProcess]:
    with process.start(step_ms=1) as server:
        yield server


def python(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, args)], capture_output=True, text=True, encoding="utf-8", timeout=50, check=False
    )


def test_a_hundred_images_in_a_folder_with_a_manifest(demo: DemoProcess, tmp_path: Path) -> None:
    done = python(EXAMPLES / "hundred_images.py", "--host", demo.url, "--count", 12, "--out", tmp_path / "foxes")
    assert done.returncode == 0, done.stderr
    pictures = sorted(p.name for p in (tmp_path / "foxes").glob("*.png"))
    assert pictures == [f"{n:04}_{n}.png" for n in range(1, 13)]
    manifest = json.loads((tmp_path / "foxes" / "manifest.json").read_text())
    assert [run["seed"] for run in manifest["runs"]] == list(range(1, 13))
    assert {run["files"][0]["path"] for run in manifest["runs"]} == set(pictures)


def test_a_ci_job_makes_one_picture_for_each_product(demo: DemoProcess, tmp_path: Path) -> None:
    table = tmp_path / "products.csv"
    table.write_text('sku,prompt,seed\nmug-1,"a blue mug, studio light",1\nmug-2,a green mug,2\nmug-3,FAIL,3\n')
    done = python(EXAMPLES / "ci_job.py", table, "--host", demo.url, "--out", tmp_path / "out")
    assert done.returncode == 3, done.stderr
    assert len(list((tmp_path / "out" / "mug-1").glob("*.png"))) == 1
    assert len(list((tmp_path / "out" / "mug-2").glob("*.png"))) == 1
    assert not (tmp_path / "out" / "mug-3").exists() or not list((tmp_path / "out" / "mug-3").iterdir())
    assert "mug-3:" in done.stdout


def test_a_web_endpoint_answers_eight_requests_at_once(demo: DemoProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    testclient = pytest.importorskip("fastapi.testclient", reason="FastAPI is not installed")
    monkeypatch.setenv("COMFYDESK_HOST", demo.url)
    from examples.fastapi_endpoint import app

    with testclient.TestClient(app) as web, ThreadPoolExecutor(8) as eight:
        answers = list(eight.map(lambda n: web.get("/picture", params={"prompt": "a fox", "seed": n}), range(8)))
        failed = web.get("/picture", params={"prompt": "FAIL", "seed": 1})
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.content for answer in answers}) == 8
    for answer in answers:
        with Image.open(BytesIO(answer.content)) as image:
            image.verify()
    assert failed.status_code == 502


def test_the_same_job_with_requests_alone(demo: DemoProcess, tmp_path: Path) -> None:
    host = demo.url.removeprefix("http://")
    done = python(
        EXAMPLES / "with_requests.py", host, resources.path("workflows/sdxl.json"), "a red fox", 4, tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").glob("*.png"))) == 4


def test_generate_returns_the_files_in_order(demo: DemoProcess, tmp_path: Path) -> None:
    files = comfydesk.generate(
        "sdxl", host=demo.url, set={"prompt": "a red fox", "width": 512, "height": 512}, seed=42, count=2, out=tmp_path
    )
    assert [file.name for file in files] == ["SDXL_0001_42.png", "SDXL_0002_43.png"]
    with Image.open(files[0]) as image:
        assert image.size == (512, 512)


def test_generate_raises_a_problem_with_a_next_step(demo: DemoProcess, tmp_path: Path) -> None:
    with pytest.raises(comfydesk.Problem) as caught:
        comfydesk.generate("sdxl", host=demo.url, set={"prompt": "FAIL"}, out=tmp_path)
    assert caught.value.code == "node_failed"
    assert caught.value.next_step


def test_a_client_submits_watches_and_downloads(demo: DemoProcess, tmp_path: Path) -> None:
    with comfydesk.Client(demo.url) as client:
        job = client.submit(comfydesk.Workflow.load("sdxl").set("3.seed", 7))
        events = list(client.watch(job))
        assert events[-1]["type"] == "finished" and events[-1]["status"] == "done"
        assert [e for e in events if e["type"] == "saved"]
        (copy,) = client.download(job, tmp_path)
        assert copy.parent == tmp_path and copy.stat().st_size > 1000
        (again,) = client.download(job, tmp_path)
        assert again.exists()


def test_generate_works_from_many_threads_at_once(demo: DemoProcess, tmp_path: Path) -> None:
    def make(seed: int) -> Path:
        return comfydesk.generate("sdxl", host=demo.url, seed=seed, set={"width": 256, "height": 256}, out=tmp_path)[0]

    with ThreadPoolExecutor(4) as four:
        files = list(four.map(make, range(1, 5)))
    assert len({file.name for file in files}) == 4
