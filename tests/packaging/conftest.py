"""What the packaging tests share: the built wheel, and running a program without the developer's settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("comfydesk", "resources", "examples")
FILES = ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "constraints.txt", "dev.py", "build.spec")


def run(command: list[str | Path], *, timeout: float = 240, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, outside the checkout's own settings; the caller asserts on the result."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("COMFYDESK_", "PYTHON"))}
    words = [str(word) for word in command]
    return subprocess.run(
        words, capture_output=True, text=True, encoding="utf-8", timeout=timeout, env={**env, **environ}, check=False
    )


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    """The standard output of a program that must have ended well."""
    assert done.returncode == 0, f"{done.args}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: an old build folder in the checkout would slip its files in."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source)
    succeeded(run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source]))
    return next(out.glob("*.whl"))
