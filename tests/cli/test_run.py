"""`comfydesk run`: files on disk, paths on standard output, one exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from comfydesk.demo import process
from comfydesk.demo.process import DemoProcess
from tests.cli.conftest import comfydesk


def test_the_main_job_leaves_files_and_prints_their_paths(demo: DemoProcess, tmp_path: Path) -> None:
    done = comfydesk(
        "run", "sdxl", "--host", demo.url, "--set", "prompt=a red fox", "--seed", 42, "--count", 3, "--out", tmp_path
    )
    assert done.code == 0, done.err
    paths = [Path(line) for line in done.lines]
    assert len(paths) == 3
    assert {p.name for p in paths} == {"SDXL_0001_42.png", "SDXL_0002_43.png", "SDXL_0003_44.png"}
    for path in paths:
        with Image.open(path) as image:
            assert image.size == (1024, 1024)
            assert "a red fox" in image.info["prompt"]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in paths)


def test_json_lines_say_what_happened_and_end_with_the_result(demo: DemoProcess, tmp_path: Path) -> None:
    done = comfydesk("run", "sdxl", "--host", demo.url, "--seed", 7, "--out", tmp_path, "--json")
    assert done.code == 0, done.err
    kinds = [event["type"] for event in done.events]
    assert kinds[0] == "submitted" and kinds[-1] == "result"
    assert "progress" in kinds and kinds.count("saved") == 1
    result = done.events[-1]
    assert result["ok"] is True
    (job,) = result["jobs"]
    assert job["status"] == "done" and job["seed"] == 7 and job["error"] is None
    (file,) = job["files"]
    assert Path(file["path"]).stat().st_size == file["bytes"]
    assert len(file["sha256"]) == 64 and file["server"]["type"] == "output"


def test_without_a_seed_the_files_own_is_used_and_goes_up_by_one(demo: DemoProcess, tmp_path: Path) -> None:
    once = comfydesk("run", "sdxl", "--host", demo.url, "--out", tmp_path / "a", "--json").events[-1]
    twice = comfydesk("run", "sdxl", "--host", demo.url, "--count", 2, "--out", tmp_path / "b", "--json").events[-1]
    first = once["jobs"][0]["seed"]
    assert [job["seed"] for job in twice["jobs"]] == [first, first + 1]


def test_random_seeds_are_drawn_and_told(demo: DemoProcess, tmp_path: Path) -> None:
    seeds = [
        comfydesk("run", "sdxl", "--host", demo.url, "--seed", "random", "--out", tmp_path, "--json").events[-1][
            "jobs"
        ][0]["seed"]
        for _ in range(2)
    ]
    assert seeds[0] != seeds[1]
    assert all(0 <= seed < 2**50 for seed in seeds)


def test_the_largest_seed_is_sent_exactly(demo: DemoProcess, tmp_path: Path) -> None:
    done = comfydesk("run", "sdxl", "--host", demo.url, "--seed", 2**64 - 1, "--out", tmp_path)
    assert done.code == 0, done.err
    assert str(2**64 - 1) in done.out


def test_without_out_the_files_go_where_the_demo_keeps_them(tmp_path: Path) -> None:
    done = comfydesk("run", "sdxl", "--demo", "--seed", 5, COMFYDESK_HOME=str(tmp_path))
    assert done.code == 0, done.err
    (path,) = map(Path, done.lines)
    assert path.is_relative_to(tmp_path / "demo")
    assert path.suffix == ".png"


def test_progress_goes_to_standard_error_only(demo: DemoProcess, tmp_path: Path) -> None:
    done = comfydesk("run", "sdxl", "--host", demo.url, "--out", tmp_path)
    assert all(Path(line).is_file() for line in done.lines)


def test_a_failing_node_is_named_and_the_exit_code_is_3(demo: DemoProcess, tmp_path: Path) -> None:
    done = comfydesk("run", "sdxl", "--host", demo.url, "--set", "prompt=FAIL", "--out", tmp_path, "--json")
    assert done.code == 3
    error = done.events[-1]["jobs"][0]["error"]
    assert error["code"] == "node_failed" and error["node"]
    assert error["message"] in done.err


def test_a_model_that_the_host_lacks_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with process.start(
        step_ms=1, extra=("--models", "dreamshaperXL.safetensors,sd_xl_turbo_1.0_fp16.safetensors")
    ) as server:
        done = comfydesk("run", "sdxl", "--host", server.url, "--out", tmp_path)
    assert done.code == 2
    assert "sd_xl_base_1.0.safetensors" in done.err
    assert "sd_xl_turbo_1.0_fp16.safetensors" in done.err or "dreamshaperXL.safetensors" in done.err


def test_ctrl_c_says_what_is_left_and_exits_with_7(tmp_path: Path) -> None:
    with process.start(step_ms=200) as server:
        command = [
            sys.executable,
            "-m",
            "comfydesk",
            "run",
            "sdxl",
            "--host",
            server.url,
            "--count",
            "20",
            "--seed",
            "1",
        ]
        with subprocess.Popen(
            [*command, "--out", str(tmp_path), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as run:
            assert run.stdout is not None and run.stderr is not None
            for line in run.stdout:
                if '"progress"' in line:
                    break
            os.kill(run.pid, signal.SIGINT)
            assert run.wait(20) == 7
            said = run.stderr.read()
    assert "not finished" in said and "Traceback" not in said


@pytest.mark.parametrize("seed", ["-1", str(2**64), "abc"])
def test_a_seed_that_is_none_is_refused(seed: str) -> None:
    assert comfydesk("run", "sdxl", "--seed", seed).code == 2


def test_a_timeout_ends_the_command_with_5_and_says_so(tmp_path: Path) -> None:
    with process.start(step_ms=500) as server:
        done = comfydesk("run", "sdxl", "--host", server.url, "--timeout", 1.5, "--out", tmp_path)
    assert done.code == 5
    assert "--timeout" in done.err
