"""Files carry the editor's graph with the values that made them; it is kept once, and never stands in a job's way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comfydesk.base.errors import Problem
from comfydesk.base.paths import Home
from comfydesk.jobs import imprint, rows, schema
from comfydesk.jobs.model import MAX_EDITOR_GRAPH, AttemptState, EditorGraph, InputFile, JobRequest, JobState, OwnerKind
from comfydesk.jobs.record import Attempt, JobRecord
from comfydesk.jobs.store import Store
from comfydesk.server.types import AmbiguousError, Submitted
from comfydesk.workflow import conversion, editor_graph
from comfydesk.workflow.media import metadata
from comfydesk.workflow.parse import from_prompt

from .conftest import Demo
from .rig import Rig, graph

REQUEST = JobRequest(workflow="SDXL", prompt=graph(), host_id="demo")
EDITOR = EditorGraph.of({"nodes": [{"id": 3, "widgets_values": [1]}]}, {"3.seed": ["nodes", 0]})


def record(job_id: str) -> JobRecord:
    return JobRecord(job_id, "me", OwnerKind.WINDOW, "demo", "SDXL", position=1.0, created_at=5.0)


@pytest.fixture
def store(home: Home) -> Any:
    made = Store(home)
    made.open()
    yield made
    made.close()


def kept(store: Store) -> int:
    return int(store.db.execute("SELECT COUNT(*) FROM editors").fetchone()[0])


# -- keeping


def test_a_graph_is_kept_once_for_all_jobs_that_share_it(store: Store) -> None:
    assert EDITOR is not None
    store.add([(record(f"j{n}"), replace(REQUEST, editor=EDITOR)) for n in range(50)])
    store.add([(record("plain"), REQUEST)])
    assert kept(store) == 1
    found = store.request("j7").editor
    assert found == EDITOR and found is not None and found.read() == EDITOR.read()
    assert store.request("plain").editor is None
    other = EditorGraph.of({"nodes": []}, {})
    store.add([(record("other"), replace(REQUEST, editor=other))])
    assert store.request("other").editor == other and store.request("j7").editor == EDITOR


def test_a_graph_goes_with_the_last_job_that_needs_it(store: Store) -> None:
    store.add([(record(name), replace(REQUEST, editor=EDITOR)) for name in ("a", "b")])
    with store.writing() as db:
        db.execute("DELETE FROM jobs WHERE job_id = 'a'")
    assert kept(store) == 1
    with store.writing() as db:
        db.execute("DELETE FROM jobs WHERE job_id = 'b'")
    assert kept(store) == 0


def test_a_store_of_the_version_before_is_taken_on_with_its_jobs(home: Home) -> None:
    home.make()
    old = sqlite3.connect(home.jobs_db, isolation_level=None)
    old.executescript(f"BEGIN;{schema._V1};PRAGMA user_version = 1;COMMIT;")
    new = Store(home)
    body, _ = rows.pack(REQUEST)
    columns = [row[1:3] for row in old.execute("PRAGMA table_info(jobs)")]
    values = {"job_id": "old", "owner": "me", "owner_kind": "window", "state": "done", "workflow": "SDXL"}
    filled = [values.get(name, "" if kind == "TEXT" else 0) for name, kind in columns if name != "seq"]
    names = ", ".join(name for name, _ in columns if name != "seq")
    old.execute(f"INSERT INTO jobs ({names}) VALUES ({', '.join('?' * len(filled))})", filled)
    old.execute("INSERT INTO requests VALUES (?, ?)", ("old", body))
    old.close()
    new.open()
    assert schema.version(new.db) == schema.VERSION == 2
    assert new.request("old") == REQUEST
    new.add([(record("new"), replace(REQUEST, editor=EDITOR))])
    assert new.request("new").editor == EDITOR
    new.close()
    assert home.jobs_db.with_name("jobs.v1.db").exists(), "a copy of the older file is kept"


@pytest.mark.parametrize(
    "odd", [{"x": float("nan")}, {"x": "a" * MAX_EDITOR_GRAPH}, {"x": object()}], ids=["infinite", "huge", "no JSON"]
)
def test_a_graph_that_cannot_travel_is_left_out_from_the_start(odd: dict[str, Any]) -> None:
    assert EditorGraph.of(odd, {}) is None


# -- sending


def test_a_write_back_that_fails_costs_the_workflow_and_not_the_picture(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> Any:
        raise KeyError("nodes")

    monkeypatch.setattr(conversion, "write_back", fail)
    assert imprint.extra_data(replace(REQUEST, editor=EDITOR), previews=False) is None
    assert imprint.extra_data(replace(REQUEST, editor=EDITOR), previews=True) == {"preview_method": "auto"}
    assert "without their workflow" in caplog.text


def test_a_stored_graph_that_cannot_be_read_costs_only_itself() -> None:
    broken = replace(REQUEST, editor=EditorGraph("no", b"no"))
    assert imprint.extra_data(broken, previews=False) is None


@pytest.mark.parametrize("written", [{"x": float("inf")}, {"x": "a" * MAX_EDITOR_GRAPH}], ids=["infinite", "huge"])
def test_a_graph_that_cannot_be_sent_is_not(written: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "write_back", lambda *_: written)
    assert imprint.extra_data(replace(REQUEST, editor=EDITOR), previews=False) is None


class Refusing:
    """A client whose server takes no graphs."""

    url = "http://box"

    def __init__(self, *problems: Exception) -> None:
        self.problems = list(problems)
        self.sent: list[Any] = []

    def submit(self, prompt: Any, *, extra_data: Any, **_: Any) -> Submitted:
        self.sent.append(extra_data)
        if self.problems:
            raise self.problems.pop(0)
        return Submitted("p1", 0.0)


def send(client: Refusing, plain: set[str], size: int = 10) -> Submitted:
    editor = EditorGraph.of({"nodes": [], "extra": {"x": "a" * size}}, {})
    request = replace(REQUEST, editor=editor)
    attempt = Attempt("p1", AttemptState.INTENDED, "p1", "c", 0, None, 0.0)
    return imprint.send(client, request, attempt, plain, previews=False, front=False)  # type: ignore[arg-type]


def test_a_job_that_is_too_large_with_its_workflow_goes_without() -> None:
    plain: set[str] = set()
    client = Refusing(Problem("server_error", address="box", status=413, what="/prompt"))
    assert send(client, plain).prompt_id == "p1"
    assert "extra_pnginfo" in client.sent[0] and client.sent[1] is None and plain == {"p1"}


def test_another_refusal_is_not_the_workflows_fault() -> None:
    client = Refusing(Problem("server_error", address="box", status=418, what="/prompt"))
    with pytest.raises(Problem):
        send(client, set())
    assert len(client.sent) == 1


@pytest.mark.parametrize(("size", "goes_plain"), [(10, False), (imprint.HEAVY, True)], ids=["small", "large"])
def test_a_large_request_that_was_cut_off_goes_without_its_workflow_the_next_time(size: int, goes_plain: bool) -> None:
    plain: set[str] = set()
    client = Refusing(AmbiguousError(Problem("reset", address="box")))
    with pytest.raises(AmbiguousError):
        send(client, plain, size)
    send(client, plain, size)
    assert (client.sent[1] is None) is goes_plain


# -- on a server


def made_in_the_editor(rig: Rig, prompt: dict[str, Any]) -> EditorGraph:
    """The editor's graph for a prompt, as if it had been opened from a file of that format."""
    info = rig.call(rig.pool.specs("demo"))
    gui = editor_graph.of_graph(from_prompt(prompt), info)
    gui["extra"] = {"note": "kept as it is"}
    places = conversion.places_to_json(conversion.convert(gui, info).places)
    made = EditorGraph.of(gui, places)
    assert made is not None
    return made


def carried(rig: Rig, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The prompt in a picture, and the prompt that its workflow converts to."""
    found = metadata.read(Path(path))
    assert found.workflow is not None and found.prompt is not None
    assert found.workflow["extra"] == {"note": "kept as it is"}
    again = conversion.to_api(found.workflow, rig.call(rig.pool.specs("demo")))
    plain = {key: {name: part for name, part in node.items() if name != "_meta"} for key, node in again.items()}
    return dict(found.prompt), plain


def test_pictures_carry_the_graph_with_the_values_that_made_them(rig: Rig) -> None:
    editor = made_in_the_editor(rig, graph(1))
    prompts = [graph(2**64 - 1, prompt="an {owl} // at night"), graph(7, steps=3)]
    jobs = rig.wait(rig.add(*prompts, editor=editor))
    assert [job.state for job in jobs] == [JobState.DONE] * 2
    for job, prompt in zip(jobs, prompts, strict=True):
        sent, again = carried(rig, job.files[0].path)
        assert sent == again == prompt


def test_run_again_and_a_restart_keep_it(make_rig: Callable[..., Rig], demo: Demo) -> None:
    first = make_rig()
    first.connect(demo.url)
    editor = made_in_the_editor(first, graph(1))
    first.call(first.queue.pause())
    (waiting,) = first.add(graph(31), editor=editor)
    first.close()
    second = make_rig()
    second.connect(demo.url)
    second.call(second.queue.resume())
    (done,) = second.wait([waiting])
    assert carried(second, done.files[0].path)[1] == graph(31)
    (again,) = second.wait(second.call(second.queue.retry([done.job_id])))
    assert carried(second, again.files[0].path)[1] == graph(31)
    store = sqlite3.connect(second.home.jobs_db)
    assert store.execute("SELECT COUNT(*) FROM editors").fetchone() == (1,)
    store.close()


def test_nothing_of_this_computer_is_in_what_is_sent(rig: Rig, demo: Demo, tmp_path: Path) -> None:
    from PIL import Image

    photo = tmp_path / "private" / "aunt.png"
    photo.parent.mkdir()
    Image.new("RGB", (64, 64)).save(photo)
    picked = InputFile("ab" * 32, "comfydesk/abababababababab.png", str(photo))
    nodes = {"n5": None, "n11": {"class_type": "VAEEncode", "inputs": {"pixels": ["10", 0], "vae": ["4", 2]}}}
    prompt = graph(5, n10={"class_type": "LoadImage", "inputs": {"image": "example.png"}}, **nodes)
    prompt["3"]["inputs"]["latent_image"] = ["11", 0]
    editor = made_in_the_editor(rig, prompt)
    prompt["10"]["inputs"]["image"] = picked.name
    (done,) = rig.wait(rig.add(prompt, editor=editor, inputs=(picked,), out_dir=str(tmp_path / "out")))
    assert done.state is JobState.DONE
    found = metadata.read(Path(done.files[0].path))
    text = json.dumps([found.prompt, found.workflow, dict(found.texts)])
    assert picked.name in text
    assert str(tmp_path) not in text and "private" not in text and "aunt" not in text
