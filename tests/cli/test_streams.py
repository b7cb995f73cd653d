"""What a command does when nobody takes its output, its terminal goes, or there is no time, no room or no name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from comfydesk.__main__ import main
from comfydesk.demo import process
from comfydesk.demo.process import DemoProcess
from tests.cli.conftest import comfydesk

NOBODY = "127.0.0.1:9"
COMMAND = [sys.executable, "-m", "comfydesk", "run", "sdxl"]
posix = pytest.mark.skipif(os.name != "posix", reason="streams and signals of Unix")


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_output_without_room_is_told_and_stops_no_run(demo: DemoProcess, tmp_path: Path, options: list[str]) -> None:
    command = [*COMMAND, "--host", demo.url, "--count", "3", "--out", str(tmp_path), *options]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=50)
    assert done.returncode == 8
    assert "Standard output cannot be written" in done.stderr and "Traceback" not in done.stderr
    assert len(list(tmp_path.iterdir())) == 3


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["convert", "params"])
def test_what_a_command_tells_needs_room_too(command: str) -> None:
    with Path("/dev/full").open("w") as full:
        line = [sys.executable, "-m", "comfydesk", command, "sdxl"]
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, timeout=50)
    assert done.returncode == 8
    assert "Standard output cannot be written" in done.stderr


@posix
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_leaves_is_no_failure(demo: DemoProcess, tmp_path: Path, options: list[str]) -> None:
    command = [*COMMAND, "--host", demo.url, "--count", "4", "--out", str(tmp_path), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None and run.stderr is not None
        assert run.stdout.readline()
        run.stdout.close()
        said = run.stderr.read()
        assert run.wait(50) == 0 and said == ""
    assert len(list(tmp_path.iterdir())) == 4


@posix
def test_with_standard_error_closed_nothing_for_people_gets_into_the_output(demo: DemoProcess, tmp_path: Path) -> None:
    command = [*COMMAND, "--host", demo.url, "--set", "prompt=FAIL", "--out", str(tmp_path)]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *command], stdout=subprocess.PIPE, text=True, timeout=50
    )
    assert (done.returncode, done.stdout) == (3, "")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP here")
def test_closing_the_terminal_ends_a_run_in_order(tmp_path: Path) -> None:
    with process.start(step_ms=200) as server:
        command = [*COMMAND, "--host", server.url, "--count", "5", "--out", str(tmp_path), "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None and run.stderr is not None
            for line in run.stdout:
                if '"progress"' in line:
                    break
            run.send_signal(signal.SIGHUP)
            assert run.wait(20) == 7
            assert "not finished" in run.stderr.read()


def test_ctrl_c_while_the_command_is_being_loaded_shows_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupting:
        def find_spec(
            self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
        ) -> ModuleSpec | None:
            if name == "comfydesk.cli.main":
                raise KeyboardInterrupt
            return None

    monkeypatch.delitem(sys.modules, "comfydesk.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    assert main(["run", "sdxl"]) == 7


def test_the_timeout_covers_the_wait_for_the_server() -> None:
    begun = time.monotonic()
    done = comfydesk("run", "sdxl", "--host", NOBODY, "--timeout", 1, "--wait-server", 60)
    assert done.code == 5 and "Nothing answers" in done.err
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("template", ["{nope}", "../{seed}", "{seed", "{index:9999}"])
def test_a_name_template_that_cannot_be_used_is_told_before_anything_runs(template: str) -> None:
    done = comfydesk("run", "sdxl", "--host", NOBODY, "--name", template)
    assert done.code == 2
    assert template in done.err


def test_a_home_that_cannot_be_is_a_matter_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = comfydesk("run", "sdxl", "--host", NOBODY, COMFYDESK_HOME=str(tmp_path / "file" / "home"))
    assert done.code == 8
    assert "cannot be written" in done.err
