from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base.paths import Home
from comfydesk.demo import process
from comfydesk.demo.control import Control
from comfydesk.jobs.model import OwnerKind

from .rig import Rig


class Demo:
    """A demo server under a test's control; counts from the moment that it was taken up."""

    def __init__(self, child: process.DemoProcess) -> None:
        self.child = child
        self.url = child.url
        self.control = Control(child.url)
        self._executed = len(self.control.executions())
        self._logged = len(self.control.log())

    def executions(self) -> list[dict[str, Any]]:
        """What was really executed, finished or not."""
        return self.control.executions()[self._executed :]

    def log(self) -> list[dict[str, Any]]:
        return self.control.log(self._logged)

    def posts(self) -> int:
        """How many POST /prompt came, whatever became of them."""
        return sum(1 for e in self.log() if (e.get("method"), e.get("path")) == ("POST", "/prompt"))


@pytest.fixture
def start_demo() -> Iterator[Callable[..., Demo]]:
    """Starts servers of the test's own."""
    children: list[process.DemoProcess] = []

    def start(*, step_ms: float = 5, extra: tuple[str, ...] = (), **options: Any) -> Demo:
        child = process.start(step_ms=step_ms, extra=("--control", *extra), **options)
        children.append(child)
        return Demo(child)

    yield start
    for child in children:
        child.stop()


@pytest.fixture(scope="module")
def demo_child() -> Iterator[process.DemoProcess]:
    with process.start(step_ms=5, extra=("--control",)) as child:
        yield child


@pytest.fixture
def demo(demo_child: process.DemoProcess) -> Iterator[Demo]:
    """The module's server, without faults and with an empty queue and history."""
    taken = Demo(demo_child)
    yield taken
    taken.control.load_script([])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", tmp_path / "home" / "cache")


@pytest.fixture
def make_rig(home: Home, tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    rigs: list[Rig] = []

    def make(kind: OwnerKind = OwnerKind.WINDOW, *, start: bool = True) -> Rig:
        rig = Rig(home, tmp_path / "results", kind)
        rigs.append(rig)
        return rig.start() if start else rig

    yield make
    for rig in rigs:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig], demo: Demo) -> Rig:
    """A window's queue, connected to the demo."""
    made = make_rig()
    made.connect(demo.url)
    return made
