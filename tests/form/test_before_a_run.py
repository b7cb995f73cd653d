"""The check tells what a stranger's workflow would do: what is missing where, what costs money, what it names."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.base.errors import Problem
from comfydesk.cli.report import lines_of, summary
from comfydesk.form import paid, prefixes
from comfydesk.form.build import build
from comfydesk.form.check import check
from comfydesk.form.fields import Issue, LocalFile
from comfydesk.form.issue_groups import Subject, grouped
from comfydesk.form.local_paths import local_path
from comfydesk.workflow.hints import NOTHING, Hints, ModelHint, Pack
from comfydesk.workflow.parse import from_conversion, from_prompt
from comfydesk.workflow.specs import Specs
from tests.form.graphs import INFO, sdxl

PAID = {
    "PaintService": {
        "input": {"required": {"prompt": ["STRING", {"multiline": True}]}},
        "output": ["IMAGE"],
        "display_name": "Paint Service",
        "api_node": True,
        "price_badge": {"engine": "jsonata", "expr": '{"type":"usd","usd":0.05}'},
    },
    "OldBlur": {"input": {"required": {"image": ["IMAGE"]}}, "display_name": "Blur (old)", "deprecated": True},
}
SPECS = Specs.from_object_info({**INFO, **PAID})


def changed(**nodes: Any) -> dict[str, Any]:
    """The SDXL starter with nodes put in: `n30=("Class", {inputs})`."""
    prompt = sdxl().to_prompt()
    for key, (kind, inputs) in nodes.items():
        prompt[key[1:]] = {"class_type": kind, "inputs": {**prompt.get(key[1:], {}).get("inputs", {}), **inputs}}
    return prompt


def issues_of(
    prompt: dict[str, Any], values: dict[str, Any] | None = None, specs: Specs | None = SPECS, hints: Hints = NOTHING
) -> list[Issue]:
    graph = from_prompt(prompt)
    return check(graph, build(graph, specs), values or {}, specs, "gpu-box", hints=hints)


def codes(issues: list[Issue]) -> list[str]:
    return [issue.code for issue in issues]


# missing


def test_missing_nodes_are_named_by_the_pack_that_has_them() -> None:
    impact = Pack("impact-pack", "https://registry.comfy.org/nodes/impact-pack", "8.0")
    older = Pack("impact-pack", "https://registry.comfy.org/nodes/impact-pack", "7.0")
    hints = Hints({"FaceA": impact, "FaceB": older, "NewCore": Pack("comfy-core", "", "0.40.0")})
    prompt = changed(n30=("FaceA", {}), n31=("FaceB", {}), n32=("NewCore", {}), n33=("Nobody", {}))
    found = issues_of(prompt, hints=hints)
    assert codes(found) == ["nodes_newer", "nodes_of_pack", "nodes_missing"]
    assert found[0].message == "gpu-box lacks NewCore, which the workflow has from ComfyUI 0.40.0."
    assert found[1].facts["names"] == ("FaceA", "FaceB") and found[1].facts["url"] == impact.url
    assert "impact-pack" in found[1].message and "Nobody" in found[2].message
    (group,) = grouped(found)
    assert (group.subject, group.severity, group.count) == (Subject.NODES, "error", 4)


def test_a_missing_model_says_where_it_can_be_had() -> None:
    hint = ModelHint("gone.safetensors", "https://huggingface.co/a/gone.safetensors", "checkpoints")
    prompt = changed(n4=("CheckpointLoaderSimple", {"ckpt_name": "x/gone.safetensors"}))
    (issue,) = issues_of(prompt, hints=Hints(models={"gone.safetensors": hint}))
    assert issue.code == "value_choice" and issue.suggestions
    assert (issue.facts["site"], issue.facts["directory"]) == ("huggingface.co", "checkpoints")


def test_sixty_places_that_lack_three_models_are_three_lines() -> None:
    loaders = {
        f"n{number}": ("CheckpointLoaderSimple", {"ckpt_name": f"gone{number % 3}.safetensors"})
        for number in range(100, 160)
    }
    prompt = changed(**loaders)
    prompt["9"]["inputs"] |= {f"extra{key}": [key[1:], 0] for key in loaders}
    graph = from_prompt(prompt)
    form = build(graph, SPECS)
    (group,) = grouped(check(graph, form, {}, SPECS), form)
    assert (group.subject, group.count) == (Subject.MODELS, 3)
    assert {len(item.issues) for item in group.items} == {20}
    assert {item.name for item in group.items} == {"gone0.safetensors", "gone1.safetensors", "gone2.safetensors"}


def test_deprecated_nodes_are_a_note() -> None:
    found = issues_of(changed(n30=("OldBlur", {"image": ["8", 0]}), n9=("SaveImage", {"images": ["30", 0]})))
    assert [(issue.code, issue.severity) for issue in found] == [("nodes_deprecated", "note")]
    assert "Blur (old)" in found[0].message


# money


def test_a_paid_node_is_named_with_its_price() -> None:
    prompt = changed(n30=("PaintService", {"prompt": "x"}), n9=("SaveImage", {"images": ["30", 0]}))
    (issue,) = issues_of(prompt)
    assert (issue.code, issue.severity) == ("paid_used", "warning")
    assert issue.message == "Each run costs money: Paint Service ($0.05)."
    question = paid.ask(paid.paid_nodes(from_prompt(prompt), SPECS), 8)
    assert question.code == "paid_nodes" and question.exit_code == 2
    assert question.message == "This would cost money: 8 runs with Paint Service ($0.05)."


def test_paid_nodes_that_no_output_uses_cost_nothing() -> None:
    assert issues_of(changed(n30=("PaintService", {"prompt": "x"}))) == []


def test_a_free_service_is_not_paid() -> None:
    badge = {"engine": "jsonata", "expr": '{"type":"text","text":"Free"}'}
    specs = Specs.from_object_info({**INFO, "PaintService": {**PAID["PaintService"], "price_badge": badge}})
    prompt = changed(n30=("PaintService", {"prompt": "x"}), n9=("SaveImage", {"images": ["30", 0]}))
    assert issues_of(prompt, specs=specs) == []


@pytest.mark.parametrize(
    "kind", ["KlingTextToVideoNode", "OpenAIGPTImage1", "WanTextToVideoApi", "Veo3VideoGenerationNode"]
)
def test_without_a_host_the_names_of_the_services_decide(kind: str) -> None:
    graph = from_prompt(changed(n30=(kind, {}), n9=("SaveImage", {"images": ["30", 0]})))
    assert [found.class_type for found in paid.paid_nodes(graph, None)] == [kind]
    assert not paid.paid_nodes(sdxl(), None)


def test_many_paid_nodes_stay_one_sentence() -> None:
    nodes = [paid.PaidNode(f"N{number}", f"N{number}", "$1.00", 2) for number in range(9)]
    assert paid.listed(nodes).endswith("N3 × 2 ($1.00 each) and 5 more")


# paths


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("/home/u/.ssh/id_rsa", "/home/u/.ssh/id_rsa"),
        ("C:\\Users\\Ann\\My Pictures\\a.png", "C:\\Users\\Ann\\My Pictures\\a.png"),
        ("D:/models/x.safetensors", "D:/models/x.safetensors"),
        ("\\\\nas\\share\\film.mp4", "\\\\nas\\share\\film.mp4"),
        ("~/.bashrc", "~/.bashrc"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("/data/sets/faces", "/data/sets/faces"),
        ("load (/home/u/secret.txt) please", "/home/u/secret.txt"),
        ("first line\nC:\\Users\\x\\key.pem and more", "C:\\Users\\x\\key.pem"),
        ({"a": ["x", {"b": "/etc/shadow"}]}, "/etc/shadow"),
    ],
)
def test_a_path_of_a_computer_is_found(value: Any, path: str) -> None:
    assert local_path(value) == path


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a red fox, night and/or day",
        "/imagine a fox",
        "https://example.com/home/index.html",
        "ratio 16:9",
        "SDXL\\base.safetensors",
        "portraits/fox",
        "//comment",
        "<lora:style/ink:0.8>",
        "time 12:30, f/2.8, 24/7",
        "/9j/4AAQSkZJRgABAQAAAQABAAD",
        "{a|b}/{c|d}",
        7,
        None,
        LocalFile("/home/me/photo.png"),
    ],
)
def test_other_texts_are_no_paths(value: Any) -> None:
    assert local_path(value) == ""


def test_a_picture_that_names_a_place_on_a_computer_is_warned_of() -> None:
    prompt = changed(n30=("LoadImage", {"image": "/home/u/.ssh/id_rsa"}), n9=("SaveImage", {"images": ["30", 0]}))
    (issue,) = issues_of(prompt)
    assert (issue.key, issue.code, issue.severity) == ("30.image", "path_inside", "warning")
    assert "/home/u/.ssh/id_rsa" in issue.message
    assert [group.subject for group in grouped([issue])] == [Subject.PATHS]


def test_a_long_text_is_looked_through_at_once() -> None:
    spent = []
    for text in ("/" * 200_000, "~" * 200_000, "a/" * 100_000, "C:" * 100_000, "\\\\a" * 60_000):
        start = time.process_time()
        local_path(text)
        spent.append(time.process_time() - start)
    assert max(spent) < 0.2


# names of results


@pytest.mark.parametrize(
    ("value", "code", "severity"),
    [
        ("../../etc/x", "prefix_outside", "error"),
        ("foo..bar", "prefix_outside", "error"),
        ("x" * 5_000, "prefix_long", "error"),
        ("x" * 300, "prefix_long", "warning"),
        ("/srv/out/x", "prefix_absolute", "warning"),
        ("C:\\out\\x", "prefix_absolute", "warning"),
        ("%date%_x", "prefix_tokens", "note"),
        ("%Nobody.seed%", "prefix_tokens", "note"),
    ],
)
def test_an_odd_prefix_is_told(value: str, code: str, severity: str) -> None:
    (issue,) = issues_of(changed(n9=("SaveImage", {"filename_prefix": value})))
    assert (issue.key, issue.code, issue.severity) == ("9.filename_prefix", code, severity)


@pytest.mark.parametrize(
    "value", ["ComfyUI", "a/b/c", "%year%-%month%/x", "%date:yyyy-MM-dd%", "%KSampler.seed%", "50%", ""]
)
def test_an_ordinary_prefix_is_no_issue(value: str) -> None:
    assert issues_of(changed(n9=("SaveImage", {"filename_prefix": value}))) == []


def test_a_prefix_that_comes_by_a_link_is_seen_where_it_is_typed() -> None:
    prompt = changed(n9=("SaveImage", {"filename_prefix": ["40", 0]}), n40=("CLIPTextEncode", {"text": "../x"}))
    graph = from_prompt(prompt)
    assert list(prefixes.places(graph)) == [("40", "text")]
    with pytest.raises(Problem) as caught:
        prefixes.refuse_unsafe(graph, prompt, {})
    assert (caught.value.code, caught.value.field) == ("prefix_outside", "40.text")


def test_prefixes_that_are_only_odd_are_sent() -> None:
    prompt = changed(n9=("SaveImage", {"filename_prefix": "/abs/%date%"}))
    prefixes.refuse_unsafe(from_prompt(prompt), prompt, {})


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["/home/u/x", "../x", "%date%", "fox.png"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ids = st.sampled_from(["1", "2", "3", "57:8"])
names = st.sampled_from([name for spec in INFO.values() for name in spec["input"]["required"]])
prompts = st.dictionaries(
    ids,
    st.fixed_dictionaries(
        {"inputs": st.dictionaries(names, values | st.tuples(ids, st.integers(0, 2)).map(list), max_size=6)},
        optional={"class_type": st.sampled_from([*INFO, *PAID, "Nobody", "KlingVideoNode"])},
    ),
    min_size=1,
)


@settings(max_examples=150, deadline=None)
@given(prompts, st.booleans())
def test_any_graph_is_told_about_in_lines_for_people(prompt: dict[str, Any], with_host: bool) -> None:
    specs = SPECS if with_host else None
    graph = from_conversion(prompt)
    form = build(graph, specs)
    groups = grouped(check(graph, form, {}, specs, "gpu-box"), form)
    assert summary(groups)
    assert all(isinstance(line, str) for line in lines_of(groups))
