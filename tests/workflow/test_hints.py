"""What the editor's graph tells of packs and models is read, and nothing in it can lead astray."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.workflow.hints import NOTHING, hints_of
from comfydesk.workflow.prices import FREE, price_of


def node(kind: str, **properties: Any) -> dict[str, Any]:
    return {"id": 1, "type": kind, "properties": properties}


def gui(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"nodes": list(nodes), "links": [], **more}


def test_a_pack_of_the_registry_has_its_page() -> None:
    pack = hints_of(gui(node("FaceDetailer", cnr_id="comfyui-impact-pack", ver="8.1.2"))).pack("FaceDetailer")
    assert pack is not None
    assert (pack.name, pack.version, pack.is_core) == ("comfyui-impact-pack", "8.1.2", False)
    assert pack.url == "https://registry.comfy.org/nodes/comfyui-impact-pack"


def test_a_pack_that_is_only_on_github_has_its_page_there() -> None:
    pack = hints_of(gui(node("Old", aux_id="owner/Some-Nodes", ver="0a1b2c3d"))).pack("Old")
    assert pack is not None
    assert (pack.name, pack.url, pack.version) == ("Some-Nodes", "https://github.com/owner/Some-Nodes", "")


def test_nodes_of_comfyui_itself_are_known_with_the_newest_version() -> None:
    hints = hints_of(gui(node("A", cnr_id="comfy-core", ver="0.9.1"), node("A", cnr_id="comfy-core", ver="0.33.0")))
    pack = hints.pack("A")
    assert pack is not None and pack.is_core and pack.version == "0.33.0" and not pack.url


@pytest.mark.parametrize(
    "properties",
    [
        {"cnr_id": "../../evil"},
        {"cnr_id": "a/b"},
        {"cnr_id": ".."},
        {"cnr_id": "x" * 500},
        {"cnr_id": "a?b=c"},
        {"aux_id": "owner"},
        {"aux_id": "../.."},
        {"aux_id": "owner/repo/../../other"},
        {"aux_id": "owner/.."},
        {"aux_id": "owner/repo#x"},
        {"aux_id": "evil.example\\@owner/repo"},
        {"cnr_id": 7, "aux_id": ["owner/repo"]},
    ],
)
def test_a_name_that_would_lead_elsewhere_is_no_pack(properties: dict[str, Any]) -> None:
    assert hints_of(gui(node("A", **properties))).pack("A") is None


def test_nodes_inside_subgraphs_and_group_nodes_are_seen() -> None:
    inner = node("Inner", cnr_id="pack-a")
    grouped = {"groupNodes": {"G": {"nodes": [node("Grouped", cnr_id="pack-b")]}}}
    hints = hints_of(gui(definitions={"subgraphs": [{"id": "s", "nodes": [inner]}]}, extra=grouped))
    assert hints.packs.keys() == {"Inner", "Grouped"}


def test_models_are_found_by_file_name_in_nodes_and_at_the_top() -> None:
    model = {"name": "VAE.safetensors", "url": "https://huggingface.co/x/VAE.safetensors", "directory": "vae"}
    top = {"name": "up.pth", "url": "", "directory": "upscale_models"}
    hints = hints_of(gui(node("VAELoader", models=[model]), models=[top]))
    found = hints.model("sub\\vae.safetensors")
    assert found is not None
    assert (found.site, found.directory) == ("huggingface.co", "vae")
    assert hints.model("up.pth") is not None
    assert hints.model("other.pth") is None and hints.model(7) is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://good.example@evil.example/x",
        "https:///x",
        "https://[x/",
        7,
    ],
)
def test_an_address_that_is_none_is_left_out(url: Any) -> None:
    assert hints_of(gui(node("A", models=[{"name": "m.pth", "url": url}]))).model("m.pth") is None


def test_an_api_workflow_has_no_hints() -> None:
    assert hints_of(None) is NOTHING
    assert hints_of({"3": {"class_type": "KSampler", "inputs": {}}}).packs == {}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "nodes",
                    "definitions",
                    "subgraphs",
                    "extra",
                    "groupNodes",
                    "models",
                    "properties",
                    "cnr_id",
                    "aux_id",
                    "ver",
                    "type",
                    "url",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(anything)
def test_nothing_in_a_file_makes_it_fail(value: Any) -> None:
    hints_of(value if isinstance(value, dict) else {"nodes": value})
    price_of(value)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('{"type":"usd","usd":0.06}', "$0.06"),
        ('{"type":"usd","usd":0.2}', "$0.20"),
        ('{"type":"usd","usd":0.0286}', "$0.0286"),
        ('{"type":"usd","usd":1234}', "$1,234.00"),
        ('{"type":"usd","usd":0.05,"format":{"suffix":"/second"}}', "$0.05/second"),
        ('{"type":"usd","usd":0.06,"format":{"approximate":true,"suffix":"/sec"}}', "about $0.06/second"),
        ('{"type":"range_usd","min_usd":0.03,"max_usd":0.06}', "$0.03 to $0.06"),
        ('{"type":"text","text":"Free"}', FREE),
        ('{"type":"usd","usd":0}', FREE),
        ('{"type":"text","text":"Token-based"}', ""),
        ('($r := widgets.size = "1080p" ? 0.4 : 0.1; {"type":"usd","usd":$r})', ""),
        ('{"type":"usd","usd":true}', ""),
        ('{"type":"usd","usd":-1}', ""),
        ("[" * 1_900, ""),
        ("[1]", ""),
    ],
)
def test_a_price_is_said_where_it_is_a_plain_number(expression: str, said: str) -> None:
    assert price_of({"engine": "jsonata", "expr": expression}) == said


def test_a_badge_that_is_none_has_no_price() -> None:
    assert price_of(None) == price_of("x") == price_of({"expr": 7}) == ""
