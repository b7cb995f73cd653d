"""Every example of the README runs, with the demo server in the place of the hosts it names."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comfydesk.cli.main import group
from comfydesk.demo import process
from comfydesk.demo.process import DemoProcess

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
HOSTS = ("https://gpu.example/comfy", "127.0.0.1:8188")


def blocks(language: str) -> list[str]:
    """The code blocks of the README that are marked with this language."""
    found: list[str] = []
    inside: str | None = None
    for line in README.splitlines():
        if line.startswith("```"):
            inside = None if inside is not None else line.removeprefix("```")
            if inside == language:
                found.append("")
        elif inside == language:
            found[-1] += line + "\n"
    return found


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProcess]:
    with process.start(step_ms=1) as server:
        yield server


def on(demo: DemoProcess, text: str) -> str:
    for host in HOSTS:
        text = text.replace(host, demo.url)
    return text


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python(demo: DemoProcess, tmp_path: Path, number: int) -> None:
    code = on(demo, blocks("python")[number]).replace("count=100", "count=5")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False,
        env={**os.environ, "COMFYDESK_HOST": demo.url, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("*.png"))


def test_shell(demo: DemoProcess, tmp_path: Path) -> None:
    lines = [line for block in blocks("") for line in block.splitlines() if line.startswith("comfydesk run sdxl")]
    assert lines
    for line in lines:
        words = shlex.split(on(demo, line))
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) == 4


def test_check_and_convert(demo: DemoProcess, tmp_path: Path) -> None:
    picture(tmp_path / "picture.png")
    lines = [line for block in blocks("") for line in block.splitlines() if "picture.png" in line]
    assert [line.split()[1] for line in lines] == ["check", "convert"]
    for line in lines:
        words = shlex.split(on(demo, line))
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert "KSampler" in (tmp_path / "workflow.json").read_text("utf-8")


def picture(file: Path) -> None:
    """A picture that carries the SDXL starter."""
    from PIL import Image, PngImagePlugin

    info = PngImagePlugin.PngInfo()
    info.add_text("prompt", (ROOT / "resources/workflows/sdxl.json").read_text("utf-8"))
    Image.new("RGB", (8, 8)).save(file, pnginfo=info)


def test_every_command_and_option_that_the_readme_lists_exists() -> None:
    known = {
        name: {flag for option in command.params for flag in option.opts} for name, command in group.commands.items()
    }
    for command, options in re.findall(r"^comfydesk (\w[\w-]*) (.*(?:\n {10,}.*)*)", README, re.MULTILINE):
        if command in known and command != "demo-server":
            named = set(re.findall(r"--[a-z][a-z-]*", options))
            assert named <= known[command], f"{command}: {named - known[command]}"


def test_links_and_pictures_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
