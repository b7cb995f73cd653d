"""The demo server as a child process: it says where it is, and it never outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from comfydesk.base.errors import Problem
from comfydesk.demo import process
from tests.demo.conftest import eventually

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import sys
from comfydesk.demo import process
heavy = [name for name in ("aiohttp", "PIL", "requests") if name in sys.modules]
child = process.start(step_ms=1)
print(child.pid, child.port, ",".join(heavy), flush=True)
sys.stdin.read()
"""


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or ") Z " not in state.read_text()


def test_it_answers_at_the_address_that_it_printed() -> None:
    with process.start(step_ms=1) as child:
        assert child.port > 0
        stats = requests.get(child.url + "/api/system_stats", timeout=10).json()
        assert stats["system"]["comfydesk_demo"] is True
        assert child.is_running
    assert not child.is_running


def test_stopping_takes_its_temporary_folder_away() -> None:
    with process.start(step_ms=1, extra=["--control"]) as child:
        output = Path(requests.get(child.url + "/__demo__/stats", timeout=10).json()["output"])
        assert output.is_dir()
    assert not output.parent.exists()


def test_a_given_folder_is_kept(tmp_path: Path) -> None:
    with process.start(step_ms=1, state_dir=tmp_path / "state"):
        pass
    assert (tmp_path / "state" / "output").is_dir()


def test_stopping_twice_is_no_error() -> None:
    child = process.start(step_ms=1)
    child.stop()
    child.stop()


def test_a_taken_port_is_a_problem_with_a_reason() -> None:
    with process.start(step_ms=1) as child, pytest.raises(Problem) as caught:
        process.start(port=child.port)
    assert caught.value.code == "demo_failed"
    assert "address already in use" in str(caught.value).lower() or "10048" in str(caught.value)


def test_an_unknown_option_is_a_problem_with_a_reason() -> None:
    with pytest.raises(Problem) as caught:
        process.start(extra=["--nonsense"])
    assert "--nonsense" in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_it_ends_when_its_parent_is_killed_and_starting_it_imports_little() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    )
    with parent:
        assert parent.stdout is not None
        pid, _port, heavy = parent.stdout.readline().rstrip("\n").split(" ")
        assert heavy == ""
        assert _is_alive(int(pid))
        parent.send_signal(signal.SIGKILL)
    eventually(lambda: not _is_alive(int(pid)))


def test_it_ends_while_requests_hang() -> None:
    rules = [{"match": "GET /features", "do": "hang"}]
    with process.start(step_ms=1, script=rules) as child, pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(child.url + "/features", timeout=0.2)
    assert not child.is_running
