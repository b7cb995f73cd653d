"""A stranger's workflow opens, is told about, and does nothing by itself: no upload, no run, no money."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base import resources
from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.demo import process
from comfydesk.demo.control import Control
from comfydesk.demo.process import DemoProcess
from comfydesk.engine import Engine
from comfydesk.engine.headless import HeadlessRun, Order
from comfydesk.engine.model import OpenWorkflow
from comfydesk.jobs.hosts import HostPool
from comfydesk.jobs.model import JobState, OwnerKind

SECRET = "/home/u/.ssh/id_rsa"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProcess]:
    with process.start(step_ms=1, extra=["--control"]) as server:
        yield server


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine.open(Home(tmp_path / "home", tmp_path / "home" / "cache"), OwnerKind.WINDOW)
    yield made
    made.close()


@pytest.fixture
def painting_costs_money(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sampling is a paid service of the host."""
    specs = HostPool.specs

    async def paid(self: HostPool, host_id: str, classes: Any) -> dict[str, Any]:
        info = dict(await specs(self, host_id, classes))
        badge = {"engine": "jsonata", "expr": '{"type":"usd","usd":0.05}'}
        if "KSampler" in info:
            info["KSampler"] = {**info["KSampler"], "api_node": True, "price_badge": badge}
        return info

    monkeypatch.setattr(HostPool, "specs", paid)


def sdxl(**changes: Any) -> dict[str, Any]:
    graph: dict[str, Any] = json.loads(resources.path("workflows/sdxl.json").read_bytes())
    for node_id, inputs in changes.items():
        graph[node_id[1:]]["inputs"].update(inputs)
    return graph


def opened(engine: Engine, url: str, workflow: dict[str, Any], folder: Path) -> OpenWorkflow:
    """Import a workflow into the library and open it for a host."""
    file = folder / "strange.json"
    file.write_text(json.dumps(workflow), "utf-8")

    async def work() -> OpenWorkflow:
        host = await engine.add_host("box", url)
        await engine.hosts.refresh_specs(host.host_id)
        entry = await engine.import_workflow(str(file))
        return await engine.open_workflow(entry.name, host.host_id)

    return engine.runtime.call(work())


def queue(engine: Engine, workflow: OpenWorkflow, values: dict[str, Any] | None = None, **options: Any) -> Any:
    return engine.runtime.call(
        engine.queue_runs(workflow, values or {}, {}, options.pop("count", 1), workflow.host_id, **options)
    )


def asked(demo: DemoProcess, path: str) -> list[str]:
    """The requests that a server got, as far as they change something."""
    log = Control(demo.url).log()
    return [entry["path"] for entry in log if entry.get("method") == "POST" and entry["path"].startswith(path)]


def test_a_workflow_that_names_a_private_file_uploads_nothing_and_runs_nothing(
    engine: Engine, demo: DemoProcess, tmp_path: Path
) -> None:
    private = tmp_path / "id_rsa"
    private.write_text("secret")
    workflow = sdxl() | {
        "30": {"class_type": "LoadImage", "inputs": {"image": str(private)}},
        "31": {"class_type": "SaveImage", "inputs": {"images": ["30", 0], "filename_prefix": "x"}},
        "32": {"class_type": "LoadImage", "inputs": {"image": SECRET}},
        "33": {"class_type": "SaveImage", "inputs": {"images": ["32", 0], "filename_prefix": "../../x"}},
        "34": {"class_type": "KlingTextToVideoNode", "inputs": {"prompt": "x"}},
    }
    before = len(asked(demo, "/"))
    found = opened(engine, demo.url, workflow, tmp_path)
    codes = {(issue.code, issue.key) for issue in found.issues}
    assert {("path_inside", "32.image"), ("prefix_outside", "33.filename_prefix"), ("nodes_missing", "")} <= codes
    assert [str(path) for path in (engine.home.root / "inputs").rglob("*")] == []
    assert len(asked(demo, "/")) == before
    assert engine.runtime.call(engine.queue.jobs()) == []


@pytest.mark.parametrize("prefix", ["../../x", "foo..bar", "%CLIPTextEncode.text%", "x" * 5_000])
def test_a_name_that_could_not_be_fetched_is_refused_at_queue(
    engine: Engine, demo: DemoProcess, tmp_path: Path, prefix: str
) -> None:
    found = opened(engine, demo.url, sdxl(n9={"filename_prefix": prefix}, n6={"text": "a fox.. and a wolf"}), tmp_path)
    with pytest.raises(Problem) as caught:
        queue(engine, found)
    assert caught.value.code in ("prefix_outside", "prefix_long")
    assert caught.value.field == "9.filename_prefix"
    assert engine.runtime.call(engine.queue.jobs()) == []


def test_runs_that_cost_money_wait_for_a_yes(
    engine: Engine, demo: DemoProcess, tmp_path: Path, painting_costs_money: None
) -> None:
    found = opened(engine, demo.url, sdxl(), tmp_path)
    assert [issue.code for issue in found.issues] == ["paid_used"]
    with pytest.raises(Problem) as caught:
        queue(engine, found, count=3, front=True)
    assert caught.value.code == "paid_nodes" and caught.value.facts["runs"] == 3
    assert "KSampler ($0.05)" in caught.value.message
    assert engine.runtime.call(engine.queue.jobs()) == []
    done = queue(engine, found, allow_paid=True, out_dir=str(tmp_path / "out"))
    ids = [job.job_id for job in done.jobs]
    (job,) = engine.runtime.call(engine.queue.wait(ids, 30))
    assert job.state is JobState.DONE


def test_a_host_that_was_away_at_opening_is_asked_before_money_is_spent(
    engine: Engine, demo: DemoProcess, tmp_path: Path, painting_costs_money: None
) -> None:
    known = opened(engine, demo.url, sdxl(), tmp_path)
    unknown = engine.runtime.call(engine.open_workflow(known.entry.name, None))
    assert unknown.specs is None
    with pytest.raises(Problem) as caught:
        engine.runtime.call(engine.queue_runs(unknown, {}, {}, 1, known.host_id))
    assert caught.value.code == "paid_nodes"


def test_a_script_says_that_it_may_cost_money(
    engine: Engine, demo: DemoProcess, tmp_path: Path, painting_costs_money: None
) -> None:
    order = {"workflow": "sdxl", "host": demo.url, "out": tmp_path / "out"}
    with pytest.raises(Problem) as caught:
        engine.runtime.call(HeadlessRun(engine, Order(**order)).run())
    assert caught.value.exit_code == 2 and "--allow-paid" in caught.value.next_step
    outcome = engine.runtime.call(HeadlessRun(engine, Order(**order, allow_paid=True)).run())
    assert outcome.ok and len(outcome.files) == 1
