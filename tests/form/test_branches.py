"""A picture that is taken out: what needs it is left out of the prompt, and nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.form import branches
from comfydesk.form.build import build
from comfydesk.form.check import check
from comfydesk.form.fields import Form, LocalFile, SeedMode
from comfydesk.form.runs import plan_runs
from comfydesk.form.values import freeze
from comfydesk.workflow.graph import Graph
from comfydesk.workflow.parse import from_prompt
from comfydesk.workflow.specs import Specs

IMAGE: list[Any] = ["IMAGE", {}]


def node(
    required: dict[str, Any],
    optional: dict[str, Any] | None = None,
    *,
    outputs: tuple[str, ...] = (),
    saves: bool = False,
) -> dict[str, Any]:
    return {"input": {"required": required, "optional": optional or {}}, "output": list(outputs), "output_node": saves}


INFO: dict[str, Any] = {
    "LoadImage": node({"image": [["fox.png"], {"image_upload": True}]}, outputs=("IMAGE", "MASK")),
    "ScaleBy": node({"image": IMAGE, "scale_by": ["FLOAT", {"default": 2.0}]}, outputs=("IMAGE",)),
    "Sizes": node({"seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1}]}, outputs=("FLOAT",)),
    "ImageToVideo": node(
        {"prompt": ["STRING", {"multiline": True}]},
        {"start_image": IMAGE, "end_image": IMAGE, "mask": ["MASK", {}]},
        outputs=("IMAGE",),
    ),
    "Stack": node(
        {
            "images": [
                "COMFY_AUTOGROW_V3",
                {"template": {"input": {"required": {"image": IMAGE}}, "prefix": "image", "min": 1}},
            ]
        },
        outputs=("IMAGE",),
    ),
    "PreviewImage": node({"images": IMAGE}, saves=True),
    "SaveImage": node({"images": IMAGE, "filename_prefix": ["STRING", {"default": "x"}]}, saves=True),
}
SPECS = Specs.from_object_info(INFO)


def workflow() -> dict[str, Any]:
    """Two pictures for a video, the second one scaled by what a node with a seed says; the scaled one has a preview."""
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": "fox.png"}},
        "2": {"class_type": "LoadImage", "inputs": {"image": "fox.png"}},
        "3": {"class_type": "Sizes", "inputs": {"seed": 7}},
        "4": {"class_type": "ScaleBy", "inputs": {"image": ["2", 0], "scale_by": ["3", 0]}},
        "5": {"class_type": "ImageToVideo", "inputs": {"prompt": "", "start_image": ["1", 0], "end_image": ["4", 0]}},
        "6": {"class_type": "SaveImage", "inputs": {"images": ["5", 0], "filename_prefix": "x"}},
        "7": {"class_type": "PreviewImage", "inputs": {"images": ["4", 0]}},
    }


def opened(prompt: dict[str, Any]) -> tuple[Graph, Form]:
    graph = from_prompt(prompt)
    return graph, build(graph, SPECS)


def test_a_picture_for_an_optional_input_goes_with_all_that_served_only_it() -> None:
    graph, form = opened(workflow())
    frozen = freeze(graph, form, {"2.image": ""})
    assert set(frozen) == {"1", "5", "6"}
    assert frozen["5"]["inputs"] == {"prompt": "", "start_image": ["1", 0]}


def test_nothing_is_wrong_with_what_is_left_out() -> None:
    graph, form = opened(workflow())
    assert check(graph, form, {"2.image": "", "4.scale_by": 0}, SPECS) == []


def test_both_pictures_may_be_left_out() -> None:
    graph, form = opened(workflow())
    assert set(freeze(graph, form, {"1.image": "", "2.image": None})) == {"5", "6"}


def test_a_seed_that_served_only_the_branch_is_drawn_for_nothing() -> None:
    graph, form = opened(workflow())
    plan = plan_runs(graph, form, {"2.image": ""}, {"3.seed": SeedMode.RANDOM}, 2)
    assert [set(run.prompt) for run in plan.runs] == [{"1", "5", "6"}] * 2


def test_media_that_served_only_the_branch_are_off_with_it() -> None:
    prompt = workflow()
    prompt["8"] = {"class_type": "LoadImage", "inputs": {"image": "fox.png"}}
    prompt["4"]["inputs"]["scale_by"] = ["8", 1]
    _, form = opened(prompt)
    assert branches.off(form, {"2.image": ""}) == {"2.image", "8.image"}
    assert branches.off(form, {}) == frozenset()


def test_a_picture_that_is_there_again_brings_its_branch_back() -> None:
    graph, form = opened(workflow())
    assert freeze(graph, form, {"2.image": "fox.png"}) == workflow()
    assert branches.empty(form, {"2.image": LocalFile("/a.png")}) == ()


def test_a_picture_without_which_nothing_is_saved_is_missing() -> None:
    prompt = workflow()
    prompt["6"]["inputs"]["images"] = ["4", 0]
    graph, form = opened(prompt)
    assert "2.image" not in form.branches
    assert [issue.code for issue in check(graph, form, {"2.image": ""}, SPECS)] == ["value_missing"]


def test_the_first_of_a_growing_input_that_needs_one_is_required() -> None:
    prompt = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "fox.png"}},
        "2": {"class_type": "LoadImage", "inputs": {"image": "fox.png"}},
        "3": {"class_type": "Stack", "inputs": {"images.image0": ["1", 0], "images.image1": ["2", 0]}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}},
    }
    graph, form = opened(prompt)
    assert set(form.branches) == {"2.image"}
    assert freeze(graph, form, {"2.image": ""})["3"]["inputs"] == {"images.image0": ["1", 0]}


def test_without_a_hosts_word_nothing_is_switched_off() -> None:
    graph = from_prompt(workflow())
    assert build(graph, None).branches == {}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Pictures, scalings and videos, linked at random to what stands before them."""
    prompt: dict[str, Any] = {"0": {"class_type": "LoadImage", "inputs": {"image": "fox.png"}}}
    for number in range(1, draw(st.integers(2, 14))):
        earlier = st.sampled_from([key for key, made in prompt.items() if INFO[made["class_type"]]["output"]])
        kind = draw(st.sampled_from(["LoadImage", "ScaleBy", "ImageToVideo", "PreviewImage", "SaveImage"]))
        inputs: dict[str, Any] = {"image": "fox.png"}
        if kind == "ScaleBy":
            inputs = {"image": [draw(earlier), 0], "scale_by": 2.0}
        elif kind == "ImageToVideo":
            chosen = draw(st.sets(st.sampled_from(["start_image", "end_image", "mask"])))
            inputs = {"prompt": "", **{name: [draw(earlier), 0] for name in sorted(chosen)}}
        elif kind != "LoadImage":
            inputs = {"images": [draw(earlier), 0], **({"filename_prefix": "x"} if kind == "SaveImage" else {})}
        prompt[str(number)] = {"class_type": kind, "inputs": inputs}
    return prompt


@settings(max_examples=150, deadline=None)
@given(graphs(), st.data())
def test_what_is_left_lacks_nothing_that_it_requires(prompt: dict[str, Any], data: st.DataObject) -> None:
    graph, form = opened(prompt)
    pictures = sorted(form.branches)
    values = dict.fromkeys(data.draw(st.sets(st.sampled_from(pictures))), "") if pictures else {}
    frozen = freeze(graph, form, values)
    for made in frozen.values():
        assert set(INFO[made["class_type"]]["input"]["required"]) <= set(made["inputs"])
        for value in made["inputs"].values():
            assert not isinstance(value, list) or value[0] in frozen
    savers = [key for key, made in prompt.items() if made["class_type"] == "SaveImage"]
    assert all(key in frozen for key in savers)
    assert set(prompt) - set(frozen) == branches.lost(graph, form, values)
    assert values or frozen == prompt


def test_an_empty_mask_of_a_painter_is_a_value_and_takes_nothing_away() -> None:
    info: dict[str, Any] = {
        "Painter": {
            "input": {"required": {"mask": ["STRING", {"image_upload": True, "default": ""}]}},
            "output": ["IMAGE"],
        },
        "Blend": {
            "input": {"required": {"seed": ["INT", {}]}, "optional": {"image": ["IMAGE"]}},
            "output": ["IMAGE"],
        },
        "SaveImage": {
            "input": {"required": {"images": ["IMAGE"]}},
            "output_node": True,
        },
    }
    prompt = {
        "1": {"class_type": "Painter", "inputs": {"mask": ""}},
        "2": {"class_type": "Blend", "inputs": {"seed": 1, "image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
    }
    graph, specs = from_prompt(prompt), Specs.from_object_info(info)
    form = build(graph, specs)
    assert freeze(graph, form, {}) == prompt
    assert [issue for issue in check(graph, form, {}, specs) if issue.severity == "error"] == []
