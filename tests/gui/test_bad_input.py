"""Bad input in the window: a sentence and a next step, nothing lost, no traceback, and no moment of standing still."""

from __future__ import annotations

import json
import socket
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from comfydesk.engine import Engine
from comfydesk.gui.hosts.page import HostsPage
from comfydesk.jobs import saving
from comfydesk.jobs.model import JobState
from comfydesk.server.types import Connection
from tests.server.stub import Stub

from .conftest import until
from .workbench import (
    HOSTILE,
    OPENING,
    PROMPT,
    SLOW,
    Workbench,
    holds_no_markup,
    saved,
    says,
    sdxl,
    shown_labels,
    step,
)

pytestmark = pytest.mark.timeout(120)
Usage = namedtuple("Usage", "total used free")


# ------------------------------------------------------------------ addresses


async def _try_address(bench: Workbench, text: str) -> tuple[str, str]:
    """Type an address on the hosts page; what stands under it then."""
    bench.window.go_to("hosts")
    page = bench.window.page("hosts")
    assert isinstance(page, HostsPage)
    form = page.form
    QTest.keyClicks(form.edit, text)
    QTest.keyClick(form.edit, Qt.Key.Key_Return)
    await until(lambda: form.access.problem.isVisible(), SLOW)
    assert form.edit.text() == text  # to correct it, not to type it again
    assert not form.is_busy
    assert [host.name for host in bench.window.states.hosts] == ["gpu-box"]
    assert bench.window.states.connection() is Connection.LIVE
    return says(form.access.problem)


async def test_an_address_where_nothing_listens(at_work: Any) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else gets this port meanwhile
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        async with at_work() as bench:
            sentence, next_step = await _try_address(bench, address)
            assert sentence == f"Nothing answers at http://{address}."
            assert "Start ComfyUI there, or correct the address." in next_step
            bench.window.go_to("create")
            assert bench.is_as_before()
            await bench.works()


async def test_a_name_that_no_machine_has(at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = socket.getaddrinfo

    def no_such_name(host: Any, *args: Any, **options: Any) -> Any:
        if host == "gpu-bxo.lan":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return lookup(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    async with at_work() as bench:
        sentence, next_step = await _try_address(bench, "gpu-bxo.lan")
        assert sentence == "No machine named gpu-bxo.lan was found."
        assert next_step == step("dns")


async def test_a_server_that_is_not_comfyui(at_work: Any) -> None:
    stub = Stub()
    stub.routes.clear()
    stub.routes[("GET", "/system_stats")] = (200, f"<html><title>Router</title>{HOSTILE}</html>")
    try:
        async with at_work() as bench:
            sentence, next_step = await _try_address(bench, stub.url)
            assert sentence == f"What answers at {stub.url} is not ComfyUI (it answers with a web page)."
            assert next_step == step("not_comfyui")
    finally:
        stub.stop()


async def test_an_address_that_is_none(at_work: Any) -> None:
    async with at_work() as bench:
        sentence, next_step = await _try_address(bench, "http://gpu box:99999999/<b>")
        assert "is not an address" in sentence
        assert next_step == step("host_invalid")


async def test_a_host_in_use_that_is_away_says_so_and_the_press_waits_for_it(at_work: Any, real_engine: Engine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with at_work() as bench:
            call = bench.window.context.bridge.call
            away = await call(real_engine.add_host, "attic", f"http://127.0.0.1:{taken.getsockname()[1]}")
            bench.window.use_host(away.host_id)
            await until(lambda: bench.window.states.connection() is Connection.OFFLINE, SLOW)
            form = bench.create.form
            await until(lambda: "starts when attic answers" in form.footer.offer.when, SLOW)
            assert form.footer.queue.isEnabled()
            assert bench.is_as_before()
            bench.window.go_to("hosts")
            page = bench.window.page("hosts")
            row = await until(lambda: next((row for row in page.rows if row.host.name == "attic"), None), SLOW)
            await until(lambda: row.access.problem.isVisible(), SLOW)
            assert "Nothing answers at" in says(row.access.problem)[0]
            assert "Start ComfyUI there" in says(row.access.problem)[1]


# --------------------------------------------------------------------- values


async def _open(bench: Workbench, tmp_path: Path, graph: dict[str, Any], name: str = "given") -> None:
    file = tmp_path / f"{name}.json"
    file.write_text(json.dumps(graph))
    bench.drop(file)
    await until(lambda: bench.title == name and bench.create.form.session.workflow.specs_from == "host", SLOW)


async def test_a_node_that_the_host_lacks(at_work: Any, tmp_path: Path) -> None:
    graph = sdxl()
    graph["8"]["class_type"] = "VAEDecodeFancy" + HOSTILE
    async with at_work(OPENING) as bench:
        await _open(bench, tmp_path, graph)
        form = bench.create.form
        await until(lambda: form.bar.headline.text() == "1 node missing", SLOW)
        form.bar.toggle.click()
        assert any(label.text().startswith("VAEDecodeFancy<img") for label in shown_labels(form.bar))
        await until(lambda: not form.footer.queue.isEnabled(), SLOW)
        assert form.footer.notice.text() == "One node is missing on gpu-box."
        holds_no_markup(bench.window)
        await bench.open("sdxl", "SDXL")
        await until(lambda: not form.bar.isVisible(), SLOW)
        assert bench.prompt == PROMPT
        await bench.works()


async def test_a_value_out_of_range_typed_in_the_form(at_work: Any) -> None:
    async with at_work() as bench:
        form, row = bench.create.form, bench.row("3.steps")
        line = row.editors["3.steps"].line
        line.selectAll()
        QTest.keyClicks(line, "99999")
        await until(lambda: row.issue_line.isVisible(), SLOW)
        assert row.issue_line.sentence.text() == "Must be 1 to 10000."
        assert row.issue_line.use.text() == "Use 10000"
        assert not form.footer.queue.isEnabled()
        assert "Steps" in form.footer.fix.sentence.text()
        line.selectAll()
        QTest.keyClicks(line, "many")
        await until(lambda: "“many” is not a number" in row.issue_line.sentence.text(), SLOW)
        line.selectAll()
        QTest.keyClicks(line, "99999")
        await until(lambda: row.issue_line.use.isVisible(), SLOW)
        row.issue_line.use.click()
        await until(lambda: form.footer.queue.isEnabled(), SLOW)
        assert line.text() == "10000"
        assert bench.prompt == PROMPT


async def test_a_model_that_the_host_lacks_is_mended_by_one_click(at_work: Any, tmp_path: Path) -> None:
    async with at_work(OPENING) as bench:
        await _open(bench, tmp_path, sdxl(n4={"ckpt_name": f"sd_xl_base_1.O{HOSTILE[:4]}.safetensors"}))
        row = bench.row("4.ckpt_name")
        await until(lambda: row.issue_line.isVisible(), SLOW)
        assert row.issue_line.sentence.text() == "sd_xl_base_1.O<img is not on this server."
        await until(lambda: not bench.create.form.footer.queue.isEnabled(), SLOW)
        row.issue_line.use.click()
        await until(lambda: bench.create.form.footer.queue.isEnabled(), SLOW)
        await bench.works()


async def test_titles_and_prompts_with_markup_are_shown_as_they_are(at_work: Any, tmp_path: Path) -> None:
    graph = sdxl(n6={"text": HOSTILE}, n7={"text": HOSTILE * 50})
    for node in graph.values():
        node["_meta"] = {"title": HOSTILE}
    async with at_work(OPENING) as bench:
        await _open(bench, tmp_path, graph)
        bench.create.form.sheet.advanced.section.set_open(True)
        assert bench.prompt == HOSTILE
        await bench.works()
        for page in ("queue", "gallery", "hosts", "create"):
            bench.window.go_to(page)
            await until(lambda name=page: bench.window.page(name).isVisible())
            holds_no_markup(bench.window)


async def test_a_workflow_of_thousands_of_nodes(at_work: Any, tmp_path: Path) -> None:
    graph = sdxl()
    for number in range(100, 1_600):
        graph[str(number)] = {**graph["6"], "_meta": {"title": f"Prompt {number}"}}
    async with at_work(OPENING) as bench:
        await _open(bench, tmp_path, graph)
        await until(lambda: bench.create.form.footer.queue.isEnabled(), SLOW)


# ----------------------------------------------------------------------- disk


async def test_a_results_folder_that_cannot_be_written(at_work: Any, tmp_path: Path, real_engine: Engine) -> None:
    blocked = tmp_path / "results"
    blocked.write_text("a file where the folder should be")
    async with at_work() as bench:
        await _results_wait(bench, "cannot be written")
        assert bench.window.disk.line.next_step.text().startswith(step("disk_write"))
        blocked.unlink()
        await _results_come(bench, real_engine)


async def test_a_full_disk(at_work: Any, real_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    is_full = [True]

    def disk_usage(_folder: Any) -> Usage:
        return Usage(1 << 40, 1 << 40, 0) if is_full[0] else Usage(1 << 40, 0, 1 << 40)

    monkeypatch.setattr(saving.shutil, "disk_usage", disk_usage)
    async with at_work() as bench:
        await _results_wait(bench, "is full")
        assert bench.window.disk.line.next_step.text().startswith(step("disk_full"))
        is_full[0] = False
        await _results_come(bench, real_engine)


async def _results_wait(bench: Workbench, why: str) -> None:
    """Queue a run whose picture the disk refuses: the window says so on every page, and the run is not lost."""
    form = bench.create.form
    form.queue()
    await until(lambda: bench.window.disk.isVisible(), SLOW)
    assert why in says(bench.window.disk.line)[0]
    bench.window.go_to("hosts")
    assert bench.window.disk.isVisible()
    bench.window.go_to("create")
    assert bench.is_as_before()
    await until(lambda: [job.state for job in bench.create.queue.feed.model.book] == [JobState.SAVING], SLOW)


async def _results_come(bench: Workbench, real_engine: Engine) -> None:
    """The disk takes files again: the picture arrives without a press, and the notice goes."""
    (job,) = bench.create.queue.feed.model.book
    (job,) = await bench.window.context.bridge.call(real_engine.queue.wait, [job.job_id], SLOW)
    assert job.state is JobState.DONE
    assert saved(job)
    await until(lambda: not bench.window.disk.isVisible(), SLOW)
