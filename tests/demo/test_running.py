"""Prompts on the demo server: pictures, caching, failures, stopping, previews."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from PIL import Image

from tests.demo.conftest import Server, eventually, sdxl


def _open(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def test_a_prompt_ends_in_a_picture_that_carries_it(server: Server) -> None:
    prompt = sdxl("a castle", size=192)
    entry = server.run(prompt, extra_data={"extra_pnginfo": {"workflow": {"nodes": []}}})
    answer = server.picture(entry)
    picture = _open(answer.content)
    assert answer.headers["Content-Type"] == "image/png"
    assert picture.size == (192, 192)
    assert json.loads(picture.info["prompt"]) == prompt
    assert json.loads(picture.info["workflow"]) == {"nodes": []}
    assert entry["status"]["status_str"] == "success"


def test_equal_seeds_and_words_give_equal_pixels_others_do_not(server: Server) -> None:
    prompts = [sdxl("a lake", seed=5), sdxl("a lake", seed=6), sdxl("a tower", seed=5)]
    first, second, third = (_open(server.picture(server.run(prompt)).content).tobytes() for prompt in prompts)
    server.post("/free", {"free_memory": True})
    assert _open(server.picture(server.run(prompts[0])).content).tobytes() == first
    assert len({first, second, third}) == 3


def test_a_batch_gives_several_pictures_with_counters(server: Server) -> None:
    files = server.run(sdxl("a batch", batch=3))["outputs"]["9"]["images"]
    numbers = [int(file["filename"].split("_")[1]) for file in files]
    assert [file["subfolder"] for file in files] == ["t", "t", "t"]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_a_full_repeat_is_answered_from_the_cache_with_the_same_file(server: Server) -> None:
    listener = server.listen("repeat")
    first = server.run(sdxl("again"))
    prompt_id = server.submit(sdxl("again"), client_id="repeat")
    listener.until_end(prompt_id)
    assert server.wait(prompt_id)["outputs"] == first["outputs"]
    assert listener.of("execution_cached")[0]["nodes"] == ["3", "4", "5", "6", "7", "8", "9"]
    assert listener.of("executed")[0]["output"] == first["outputs"]["9"]
    assert [data for data in listener.of("executing") if data["node"] is not None] == []


def test_freeing_memory_makes_a_repeat_run_again(server: Server) -> None:
    first = server.run(sdxl("free me"))
    server.post("/free", {"unload_models": True, "free_memory": True})
    assert server.run(sdxl("free me"))["outputs"] != first["outputs"]


def test_a_failing_node_ends_the_job_with_an_error(server: Server) -> None:
    entry = server.run(sdxl("FAIL please"))
    kinds = [kind for kind, _ in entry["status"]["messages"]]
    error = dict(entry["status"]["messages"])["execution_error"]
    assert (entry["status"]["status_str"], entry["outputs"]) == ("error", {})
    assert kinds[-1] == "execution_error"
    assert (error["node_id"], error["node_type"], error["exception_type"]) == ("3", "KSampler", "RuntimeError")


def test_the_word_oom_gives_an_out_of_memory_error(server: Server) -> None:
    error = dict(server.run(sdxl("OOM"))["status"]["messages"])["execution_error"]
    assert error["exception_type"] == "torch.OutOfMemoryError"
    assert "Allocation on device" in error["exception_message"]


def test_pictures_beyond_all_memory_are_refused_as_a_card_would(server: Server) -> None:
    error = dict(server.run(sdxl("huge", size=16384))["status"]["messages"])["execution_error"]
    assert error["exception_type"] == "torch.OutOfMemoryError"


def test_a_failed_job_keeps_what_was_finished_before(server: Server) -> None:
    prompt = sdxl("FAIL")
    prompt["20"] = {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 255}}
    prompt["21"] = {"class_type": "SaveImage", "inputs": {"images": ["20", 0], "filename_prefix": "t/part"}}
    prompt = {"20": prompt.pop("20"), "21": prompt.pop("21"), **prompt}
    entry = server.run(prompt)
    assert entry["status"]["status_str"] == "error"
    assert list(entry["outputs"]) == ["21"]


def test_a_blocked_node_is_an_error_on_the_socket_but_not_in_the_history(server: Server) -> None:
    listener = server.listen("blocked")
    prompt_id = server.submit(sdxl("BLOCKED"), client_id="blocked")
    listener.until_end(prompt_id)
    assert listener.of("execution_error")[0]["exception_type"] == "ExecutionBlocked"
    assert "execution_success" in listener.kinds()
    entry = server.wait(prompt_id)
    assert (entry["status"]["status_str"], entry["outputs"]) == ("success", {})


def test_interrupting_stops_the_running_job_only_where_the_id_fits(server: Server) -> None:
    listener = server.listen("stop")
    prompt_id = server.submit(sdxl("long", steps=5000), client_id="stop")
    listener.until(lambda: "executing" in listener.kinds())
    server.post("/interrupt", {"prompt_id": "00000000-0000-4000-8000-000000000000"})
    assert server.get("/prompt").json()["exec_info"]["queue_remaining"] == 1
    server.post("/interrupt", {"prompt_id": prompt_id})
    entry = server.wait(prompt_id)
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"


def test_cancelling_by_the_jobs_api_takes_waiting_jobs_away_and_stops_running_ones(server: Server) -> None:
    running = server.submit(sdxl("long", steps=5000, seed=2))
    waiting = server.submit(sdxl("next", seed=3))
    eventually(lambda: server.get(f"/api/jobs/{running}").json()["status"] == "in_progress")
    assert server.post(f"/api/jobs/{waiting}/cancel").json() == {"cancelled": True}
    assert server.get(f"/api/jobs/{waiting}").status_code == 404
    assert server.post("/api/jobs/cancel", {"job_ids": [running]}).json() == {"cancelled": True}
    server.wait(running)
    assert server.get(f"/api/jobs/{running}").json()["status"] == "cancelled"


def test_the_jobs_api_lists_and_filters(server: Server) -> None:
    prompt_id = server.submit(sdxl("listed"))
    server.wait(prompt_id)
    listed = server.get("/api/jobs", limit=1).json()
    assert (listed["jobs"][0]["id"], listed["jobs"][0]["status"]) == (prompt_id, "completed")
    assert listed["pagination"]["has_more"] is (listed["pagination"]["total"] > 1)
    assert server.get("/api/jobs", status="pending,in_progress").json()["jobs"] == []


def test_only_chosen_outputs_run_where_targets_are_given(server: Server) -> None:
    prompt = sdxl("two savers")
    prompt["10"] = {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}
    entry = server.run(prompt, partial_execution_targets=["10"])
    assert list(entry["outputs"]) == ["10"]
    assert entry["outputs"]["10"]["images"][0]["type"] == "temp"


@pytest.mark.parametrize(("flags", "kind"), [(True, 4), (False, 1)])
def test_previews_come_where_the_job_asks_in_the_form_that_the_client_knows(
    server: Server, flags: bool, kind: int
) -> None:
    client = f"previews-{kind}"
    listener = server.listen(client, flags=flags)
    prompt_id = server.submit(sdxl("seen", seed=kind), client_id=client, extra_data={"preview_method": "auto"})
    listener.until_end(prompt_id)
    frames = listener.of(kind)
    assert len(frames) == 2
    assert {k for k in listener.kinds() if isinstance(k, int)} == {kind}
    body = frames[0]
    jpeg = body[4:] if kind == 1 else body[4 + int.from_bytes(body[:4], "big") :]
    assert _open(jpeg).format == "JPEG"
    if kind == 4:
        facts = json.loads(body[4 : 4 + int.from_bytes(body[:4], "big")])
        assert (facts["node_id"], facts["prompt_id"], facts["image_type"]) == ("3", prompt_id, "image/jpeg")


def test_no_previews_come_where_nobody_asks(server: Server) -> None:
    listener = server.listen("blind")
    listener.until_end(server.submit(sdxl("unseen", seed=9), client_id="blind"))
    assert [k for k in listener.kinds() if isinstance(k, int)] == []


def test_text_for_a_node_comes_as_a_frame_of_type_3(server: Server) -> None:
    listener = server.listen("text")
    listener.until_end(server.submit(sdxl("SAY something"), client_id="text"))
    frame = listener.of(3)[0]
    assert frame == b"\x00\x00\x00\x013the demo walks 2 steps"


def test_a_job_without_a_client_shows_its_progress_to_everybody_and_no_more(server: Server) -> None:
    listener = server.listen("bystander")
    server.run(sdxl("nobody's", seed=11))
    listener.until(lambda: len(listener.of("status")) >= 4)
    assert {"progress", "progress_state"} <= set(listener.kinds())
    assert not {"executing", "executed", "execution_start"} & set(listener.kinds())


def test_a_model_that_loads_slowly_makes_no_progress_meanwhile(start: Callable[..., Server]) -> None:
    server = start("--load-ms", "300")
    listener = server.listen("slow")
    listener.until_end(server.submit(sdxl(), client_id="slow"))
    messages = dict(server.get("/history").json().popitem()[1]["status"]["messages"])
    took = messages["execution_success"]["timestamp"] - messages["execution_start"]["timestamp"]
    assert took >= 300
    quick = server.submit(sdxl(seed=2), client_id="slow")
    server.wait(quick)
    messages = dict(server.wait(quick)["status"]["messages"])
    assert messages["execution_success"]["timestamp"] - messages["execution_start"]["timestamp"] < 300


def test_a_picture_that_was_uploaded_shines_through(server: Server) -> None:
    out = io.BytesIO()
    Image.new("RGB", (128, 128), (250, 10, 10)).save(out, "PNG")
    named = server.http.post(
        server.url + "/upload/image",
        files={"image": ("red.png", out.getvalue(), "image/png")},
        data={"subfolder": "comfydesk"},
        timeout=10,
    ).json()
    prompt = sdxl("a green forest")
    prompt["10"] = {"class_type": "LoadImage", "inputs": {"image": f"{named['subfolder']}/{named['name']}"}}
    prompt["11"] = {"class_type": "VAEEncode", "inputs": {"pixels": ["10", 0], "vae": ["4", 2]}}
    prompt["3"]["inputs"] |= {"latent_image": ["11", 0], "denoise": 0.1}
    red, green, _blue = _open(server.picture(server.run(prompt)).content).convert("RGB").getpixel((64, 2))
    assert red > 200 > green


def test_an_upload_that_is_missing_is_named(server: Server) -> None:
    prompt = sdxl()
    prompt["10"] = {"class_type": "LoadImage", "inputs": {"image": "none.png"}}
    prompt["11"] = {"class_type": "PreviewImage", "inputs": {"images": ["10", 0]}}
    answer = server.post("/prompt", {"prompt": prompt}).json()
    error = answer["node_errors"]["10"]["errors"][0]
    assert (error["type"], error["details"]) == ("custom_validation_failed", "image - Invalid image file: none.png")


@pytest.mark.parametrize(
    ("node", "name", "value", "kind"),
    [
        ("4", "ckpt_name", "none.safetensors", "value_not_in_list"),
        ("3", "steps", 0, "value_smaller_than_min"),
        ("3", "steps", 10001, "value_bigger_than_max"),
        ("3", "cfg", "x", "invalid_input_type"),
        ("8", "samples", ["4", 0], "return_type_mismatch"),
        ("8", "samples", ["4"], "bad_linked_input"),
        ("8", "samples", ["4", 9], "exception_during_inner_validation"),
    ],
)
def test_a_wrong_value_is_refused_by_its_kind(server: Server, node: str, name: str, value: object, kind: str) -> None:
    prompt = sdxl()
    prompt[node]["inputs"][name] = value
    answer = server.post("/prompt", {"prompt": prompt})
    assert answer.status_code == 400
    assert answer.json()["node_errors"][node]["errors"][0]["type"] == kind


def test_models_can_be_other_ones(start: Callable[..., Server]) -> None:
    server = start("--models", "mine.safetensors,yours.safetensors")
    refused = server.post("/prompt", {"prompt": sdxl()})
    spec = server.get("/object_info/CheckpointLoaderSimple").json()["CheckpointLoaderSimple"]
    assert refused.status_code == 400
    assert spec["input"]["required"]["ckpt_name"][0] == ["mine.safetensors", "yours.safetensors"]


def test_comfy_org_keys_are_hidden_other_extra_data_is_not(server: Server) -> None:
    entry = server.run(sdxl("keys"), extra_data={"api_key_comfy_org": "secret", "note": "seen"})
    assert "secret" not in json.dumps(entry)
    assert entry["prompt"][3]["note"] == "seen"
