"""Input pictures: named by their bytes, brought to a host once, and again where it lost them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from comfydesk.jobs.inputs import Inputs
from comfydesk.jobs.model import InputFile, JobState

from .conftest import Demo
from .rig import Rig, graph


def _input(rig: Rig, tmp_path: Path, colour: str = "red") -> InputFile:
    picture = tmp_path / f"{colour}.png"
    Image.new("RGB", (64, 64), colour).save(picture)
    return Inputs(rig.home).take(picture)


def _image_to_image(name: str, seed: int) -> dict[str, Any]:
    prompt = graph(seed=seed)
    prompt["5"] = {
        "class_type": "VAEEncode",
        "inputs": {"pixels": ["20", 0], "vae": ["4", 2]},
    }
    prompt["20"] = {"class_type": "LoadImage", "inputs": {"image": name}}
    return prompt


def _uploads(demo: Demo) -> int:
    return sum(1 for entry in demo.log() if entry.get("path") == "/upload/image")


def test_an_input_is_uploaded_once_for_all_jobs_of_a_host(rig: Rig, demo: Demo, tmp_path: Path) -> None:
    item = _input(rig, tmp_path)
    jobs = rig.add(*[_image_to_image(item.name, n) for n in range(3)], inputs=(item,))
    assert {job.state for job in rig.wait(jobs)} == {JobState.DONE}
    assert _uploads(demo) == 1


def test_an_input_that_the_server_lost_is_uploaded_again(rig: Rig, demo: Demo, tmp_path: Path) -> None:
    item = _input(rig, tmp_path, "blue")
    rig.wait(rig.add(_image_to_image(item.name, 1), inputs=(item,)))
    folder = Path(demo.control.stats["output"]).parent / "input"
    (there,) = [path for path in folder.rglob("*") if path.is_file() and path.name in item.name]
    there.unlink()
    (job,) = rig.wait(rig.add(_image_to_image(item.name, 2), inputs=(item,)))
    assert job.state is JobState.DONE, job.error
    assert _uploads(demo) == 2 and len(demo.executions()) == 2


def test_an_input_that_is_gone_here_fails_the_job_with_a_sentence(rig: Rig, demo: Demo, tmp_path: Path) -> None:
    item = _input(rig, tmp_path, "green")
    Path(item.path).unlink()
    (job,) = rig.wait(rig.add(_image_to_image(item.name, 1), inputs=(item,)))
    assert job.state is JobState.FAILED and job.error is not None and job.error.code == "file_missing"
    assert demo.posts() == 0
