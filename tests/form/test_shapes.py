"""Sizes of pictures by the family of the model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfydesk.form import shapes
from comfydesk.form.shapes import SHAPES, Family
from tests.form.graphs import sdxl_form

MODEL = "4.ckpt_name"


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("sd_xl_base_1.0.safetensors", Family.MEGAPIXEL),
        ("dreamshaperXL.safetensors", Family.MEGAPIXEL),
        ("flux1-schnell-fp8.safetensors", Family.MEGAPIXEL),
        ("sd3.5_large.safetensors", Family.MEGAPIXEL),
        ("v1-5-pruned-emaonly.safetensors", Family.SMALL),
        ("SD1.5/dreamshaper.safetensors", Family.SMALL),
        ("sd15_inpaint.ckpt", Family.SMALL),
        ("wan2.2_t2v_14B.safetensors", Family.OTHER),
        ("hunyuan_video_720.safetensors", Family.OTHER),
        ("t5xxl.safetensors", Family.MEGAPIXEL),  # says nothing: by the file's size
    ],
)
def test_the_family_is_in_the_models_name(name: str, family: Family) -> None:
    _, form = sdxl_form()
    assert shapes.family_of(form, {MODEL: name}, (1024, 1024)) is family


def test_the_files_size_tells_the_family_where_the_name_does_not() -> None:
    _, form = sdxl_form()
    found = [shapes.family_of(form, {MODEL: "mine"}, size) for size in ((512, 512), (1152, 896), (832, 480), (0, 0))]
    assert found == [Family.SMALL, Family.MEGAPIXEL, Family.OTHER, Family.OTHER]


def test_shapes_have_the_sizes_that_the_family_was_trained_on() -> None:
    assert shapes.size_of((16, 9), Family.MEGAPIXEL, 1, (8, 8)) == (1344, 768)
    assert shapes.size_of((2, 3), Family.MEGAPIXEL, 1, (8, 8)) == (832, 1216)
    assert shapes.size_of((2, 3), Family.SMALL, 1, (8, 8)) == (512, 768)
    assert shapes.size_of((16, 9), Family.OTHER, 832 * 480, (16, 16)) == (832, 448)


@given(st.sampled_from(SHAPES), st.sampled_from(Family), st.integers(1, 10**8), st.sampled_from([1, 2, 8, 16, 32, 64]))
def test_each_size_is_a_multiple_of_the_step_and_has_its_shape(
    shape: tuple[int, int], family: Family, area: int, step: int
) -> None:
    width, height = shapes.size_of(shape, family, area, (step, step))
    assert width % step == 0 == height % step and width > 0 < height
    if family is not Family.OTHER:
        assert shapes.shape_of(width, height) == shape


def test_favourites_come_first_leave_by_the_same_way_and_odd_ones_are_left_out() -> None:
    kept = shapes.with_favourite(["832x1216", 7, "0x5", "ax b", "99999x1"], (640, 512))
    assert kept == ["640x512", "832x1216"]
    assert shapes.with_favourite(kept, (832, 1216)) == ["640x512"]
