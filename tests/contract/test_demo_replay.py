"""The demo server answers as the real servers of the recordings did."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from comfydesk.demo import process
from tests.contract.demo_recording import NOISY, SHARED, UUID, Player, event_of, lines, socket_of

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the recordings of real servers (../shared) are not here")

VERSIONS = ("0.33.0", "0.3.64")
SCENARIOS = ("basic", "basic_noflags", "cached", "batch4", "error", "own_id", "dup_cid", "other_client", "invalid")
TIMED = ("interrupt", "jobs", "reconnect", "clear")


@pytest.fixture(scope="module", params=VERSIONS)
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The recordings were made with previews on and 20 ms steps."""
    models = "sd_xl_base_1.0.safetensors,flux1-schnell-fp8.safetensors,v1-5-pruned-emaonly-fp16.safetensors"
    extra = ["--preview-method", "auto", "--models", models]
    with process.start(step_ms=4, profile=request.param, extra=extra) as demo:
        yield request.param, demo.url


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_messages_come_in_the_recorded_order(server: tuple[str, str], scenario: str) -> None:
    version, url = server
    with Player(url, version, scenario) as player:
        player.play()
        for name, socket in player.sockets.items():
            recorded = [event_of(line) for line in player.recorded if socket_of(line) == name]
            assert shaped(socket.events) == shaped(recorded), name


@pytest.mark.parametrize("scenario", TIMED)
def test_what_is_stopped_or_left_is_told_as_recorded(server: tuple[str, str], scenario: str) -> None:
    version, url = server
    with Player(url, version, scenario) as player:
        player.play()
        for name, socket in player.sockets.items():
            recorded = [event_of(line) for line in player.recorded if socket_of(line) == name]
            theirs = calm(shaped(recorded))
            assert calm(shaped(socket.events))[: len(theirs)] == theirs, name


@pytest.mark.parametrize("scenario", (*SCENARIOS, "interrupt", "jobs", "clear", "server", "userdata"))
def test_requests_are_answered_as_recorded(server: tuple[str, str], scenario: str) -> None:
    version, url = server
    with Player(url, version, scenario) as player:
        player.play()
        for line, response in player.answers:
            what = f"{line['http']['method']} {line['http']['path']}"
            if what in UNLIKE:
                continue
            assert response.status_code == line["status"], f"{what}: {response.text[:300]}"
            wanted = line["headers"].get("Content-Type")
            if wanted:
                assert response.headers["Content-Type"] == wanted, what
            if "json" in line:
                assert answer(response.json()) == answer(line["json"]), what
            elif "text" in line:
                assert response.text == line["text"], what


def test_partly_cached_media_prompts_name_the_recorded_files(server: tuple[str, str]) -> None:
    version, url = server
    with Player(url, version, "media") as player:
        player.play()
        theirs = {
            data["node"]: data["output"]
            for line in player.recorded
            if socket_of(line)
            for kind, data in [event_of(line)]
            if kind == "executed"
        }
        ours = {data["node"]: data["output"] for kind, data in player.sockets["ws"].events if kind == "executed"}
        for outputs in (theirs, ours):
            outputs.pop("8")  # how a value looks as text is the server's own
        assert answer(ours) == answer(theirs)


@pytest.mark.parametrize("version", VERSIONS)
def test_previews_come_only_where_a_server_with_default_flags_sends_them(version: str) -> None:
    recorded = "previews_default_flags"
    with process.start(step_ms=2, profile=version) as demo, Player(demo.url, "0.33.0", recorded) as player:
        player.play()
        ours = shaped(player.sockets["ws"].events)
        theirs = shaped([event_of(line) for line in player.recorded if socket_of(line)])
    if version == "0.33.0":
        assert ours == theirs
    else:  # older servers ignore the wish, and tell of every step
        assert "binary" not in {kind for kind, _ in ours}
        assert sum(kind == "progress" for kind, _ in ours) == 5 * 4


def test_the_node_specs_are_those_of_the_real_servers(server: tuple[str, str]) -> None:
    import requests

    version, url = server
    real = json.loads((SHARED / version / "object_info.json").read_text("utf-8"))
    ours = requests.get(url + "/object_info", timeout=10).json()
    assert len(ours) > 50
    for name, spec in ours.items():
        assert name in real, name
        assert inputs(spec) == inputs(real[name]), name
        for key in (
            "input_order",
            "output",
            "output_is_list",
            "output_name",
            "output_node",
            "category",
            "python_module",
        ):
            assert spec[key] == real[name][key], (name, key)


def test_view_gives_ranges_previews_and_channels_as_recorded(server: tuple[str, str]) -> None:
    version, url = server
    with Player(url, version, "basic") as basic:
        basic.play()
        made = next(d["output"]["images"][0] for k, d in basic.sockets["ws"].events if k == "executed")
    for line in lines(version, "view"):
        params = line["http"].get("params", {})
        if line["http"]["path"] != "/view":
            continue
        if str(params.get("filename", "")).startswith("fox_"):
            params = {**params, **made}
        headers = {"Range": "bytes=0-99"} if line["status"] == 206 else {}
        with Player(url, version, "view") as player:
            response = player.http.get(url + "/view", params=params, headers=headers, timeout=10)
        assert response.status_code == line["status"], params
        for key in ("Content-Type", "Accept-Ranges", "X-Content-Type-Options"):
            assert response.headers.get(key) == line["headers"].get(key) or line["bytes"] == 0, (params, key)
        if line["status"] == 206:
            assert len(response.content) == 100


def test_uploads_are_named_as_recorded(server: tuple[str, str]) -> None:
    """Same bytes keep the name, other bytes get a number, `overwrite` overwrites."""
    import requests

    version, url = server
    first, second = _png((64, 48)), _png((32, 48))
    sent = [first, first, second, first, first, first, first, None, first]
    for line, data in zip(lines(version, "upload"), sent, strict=False):
        asked = line["http"]
        name = "mask.png" if asked["path"] == "/upload/mask" else "photo é.png"
        files = {"image": (name, data, "image/png")} if asked["files"] else None
        form = asked["data"]
        response = requests.post(url + asked["path"], data=form, files=files, timeout=10)
        assert response.status_code == line["status"], asked
        if "json" in line:
            assert response.json() == line["json"], asked


# ── what counts as the same ───────────────────────────────────────────────────────────────────────────────────────
# Models, pages and extensions are the server's own; the demo has others.
UNLIKE = {
    "GET /system_stats",
    "GET /embeddings",
    "GET /models/checkpoints",
    "GET /extensions",
    "GET /templates/index.json",
    "GET /workflow_templates",
    "GET /object_info/KSampler",
    "GET /view",
    "GET /api/jobs?limit=6",
}
TIMES = ("timestamp", "create_time", "execution_start_time", "execution_end_time", "modified", "created")
OWN_WORDS = ("traceback", "current_inputs", "current_outputs")
UNSTABLE = (*TIMES, *OWN_WORDS, "number", "priority", "size")


def answer(value: Any) -> Any:
    """A JSON answer without what differs from server to server: ids, times, counters, tooltips, tracebacks."""
    if isinstance(value, dict):
        return {
            answer(key): "…" if key in UNSTABLE else sorted(item) if key == "executed" else answer(item)
            for key, item in value.items()
            if key != "tooltip"
        }
    if isinstance(value, list):
        queue_item = (
            len(value) == 5 and isinstance(value[0], int) and isinstance(value[1], str) and UUID.match(value[1])
        )
        if queue_item:
            value = ["number", *value[1:]]
        return [answer(item) for item in value]
    if isinstance(value, str):
        value = UUID.sub("id", value)
        return re.sub(r"(_|temp_[a-z]{5}_)\d{5}", "_n", value)
    return value


def shaped(events: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Messages without ids, times and counters; `status` apart, since its place is a matter of luck."""
    found = []
    for kind, data in events:
        if kind == "status":
            continue
        if kind == "progress_state":
            data = {n: (s["value"], s["max"], s["state"]) for n, s in data["nodes"].items()}
        found.append((kind, answer(data)))
    return found


def calm(events: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Without progress: how far a job came before it was stopped is a matter of luck."""
    return [event for event in events if event[0] not in NOISY]


def inputs(spec: dict[str, Any]) -> Any:
    """Inputs without tooltips; of combos of files, dynamic combos and long lists only that they are there."""
    found: dict[str, Any] = {}
    for section, group in spec["input"].items():
        for name, shown in group.items():
            found[f"{section}.{name}"] = _input(name, shown) if section != "hidden" else shown
    return found


def _input(name: str, shown: list[Any]) -> Any:
    kind, facts = shown[0], shown[1] if len(shown) > 1 else {}
    facts = {k: v for k, v in facts.items() if k not in ("tooltip", "display_name")}
    if kind == "COMFY_DYNAMICCOMBO_V3":
        return kind
    is_files = (name.endswith("_name") and name not in ("sampler_name",)) or name in (
        "image",
        "clip_name1",
        "clip_name2",
    )
    if isinstance(kind, list):
        kind = "files" if is_files else [c for c in kind if c in KNOWN_CLIP or name != "type"]
    if is_files:
        facts.pop("options", None)
    return kind, facts


KNOWN_CLIP = {"stable_diffusion", "sd3", "flux", "sdxl"}


def _png(size: tuple[int, int]) -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, (40, 90, 160)).save(out, "PNG")
    return out.getvalue()
