"""The value that a result was made with, for one field: of the same workflow, or by what it is for."""

from __future__ import annotations

from typing import Any

from comfydesk.form.build import build
from comfydesk.form.fields import Form
from comfydesk.form.taking import value_for
from comfydesk.workflow.parse import from_prompt
from tests.form.test_branches import SPECS, workflow


def sdxl(shift: int = 0, text: str = "a fox", seed: int = 5) -> dict[str, Any]:
    """A usual workflow whose node ids begin at `shift`."""
    ids = {
        name: str(number + shift) for number, name in enumerate(["model", "pos", "neg", "size", "run", "out", "save"])
    }
    return {
        ids["model"]: {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
        ids["pos"]: {"class_type": "CLIPTextEncode", "inputs": {"clip": [ids["model"], 1], "text": text}},
        ids["neg"]: {"class_type": "CLIPTextEncode", "inputs": {"clip": [ids["model"], 1], "text": "blurry"}},
        ids["size"]: {"class_type": "EmptyLatentImage", "inputs": {"width": 768, "height": 512, "batch_size": 1}},
        ids["run"]: {
            "class_type": "KSampler",
            "inputs": {
                "model": [ids["model"], 0],
                "positive": [ids["pos"], 0],
                "negative": [ids["neg"], 0],
                "latent_image": [ids["size"], 0],
                "seed": seed,
                "steps": 20,
                "cfg": 7.0,
                "sampler_name": "euler",
                "scheduler": "normal",
                "denoise": 1.0,
            },
        },
        ids["out"]: {"class_type": "VAEDecode", "inputs": {"samples": [ids["run"], 0], "vae": [ids["model"], 2]}},
        ids["save"]: {"class_type": "SaveImage", "inputs": {"images": [ids["out"], 0], "filename_prefix": "x"}},
    }


def form_of(prompt: dict[str, Any]) -> Form:
    return build(from_prompt(prompt), None)


def test_the_same_workflow_gives_the_same_input() -> None:
    form = form_of(sdxl())
    made = sdxl(text="a wolf", seed=2**63)
    assert value_for(form, "1.text", made) == "a wolf"
    assert value_for(form, "4.seed", made) == 2**63
    assert (value_for(form, "3.width", made), value_for(form, "4.cfg", made)) == (768, 7.0)


def test_another_workflow_gives_what_serves_the_same_purpose() -> None:
    form = form_of(sdxl())
    made = sdxl(1, text="a wolf", seed=9)  # its node 2 is the prompt, ours the negative one
    assert value_for(form, "1.text", made) == "a wolf"
    assert value_for(form, "2.text", made) == "blurry"
    assert value_for(form, "4.seed", made) == 9


def test_what_a_result_does_not_know_is_none() -> None:
    form = form_of(sdxl())
    assert value_for(form, "4.seed", {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}) is None
    assert value_for(form, "nothing", sdxl()) is None
    assert value_for(build(from_prompt(workflow()), SPECS), "1.image", workflow()) is None


def test_a_value_that_the_field_cannot_hold_is_none() -> None:
    made = sdxl()
    made["4"]["inputs"]["cfg"] = "high"
    assert value_for(form_of(sdxl()), "4.cfg", made) is None
