"""Nodes that take pictures in or change them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from comfydesk.demo.call import Call, Folders
from comfydesk.demo.values import Model, Video

if TYPE_CHECKING:
    from PIL.Image import Image

Images = tuple["Image", ...]


def annotated_file(folders: Folders, name: str, kind: str = "input") -> Path:
    """The file that a name like `a/b.png [output]` means. Raises ValueError outside the folder."""
    for suffix in ("output", "input", "temp"):
        if name.endswith(f" [{suffix}]"):
            name, kind = name[: -len(suffix) - 3], suffix
            break
    folder = folders.of(kind)
    if folder is None:
        raise ValueError(kind)
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(name)
    return path


def load_image(call: Call, image: str) -> tuple[Images, Image]:
    from PIL import Image as Pillow
    from PIL import ImageChops, ImageOps

    with Pillow.open(annotated_file(call.folders, image)) as opened:
        picture = ImageOps.exif_transpose(opened)
        alpha = picture.getchannel("A") if "A" in picture.getbands() else None
        mask = ImageChops.invert(alpha) if alpha is not None else Pillow.new("L", (64, 64), 0)
        return (picture.convert("RGB"),), mask


def load_mask(call: Call, image: str, channel: str) -> tuple[Image]:
    from PIL import Image as Pillow
    from PIL import ImageChops

    with Pillow.open(annotated_file(call.folders, image)) as opened:
        band = channel[0].upper()
        picture = opened.convert("RGBA")
        mask = picture.getchannel(band)
        return (ImageChops.invert(mask) if band == "A" else mask,)


def empty_image(call: Call, width: int, height: int, batch_size: int, color: int) -> tuple[Images]:
    from PIL import Image as Pillow

    colour = (color >> 16 & 255, color >> 8 & 255, color & 255)
    return (tuple(Pillow.new("RGB", (width, height), colour) for _ in range(batch_size)),)


def scale(call: Call, image: Images, upscale_method: str, width: int, height: int, crop: str) -> tuple[Images]:
    from PIL import ImageOps

    def one(picture: Image) -> Image:
        wide = width or max(1, round(picture.width * height / picture.height)) if width or height else picture.width
        high = height or max(1, round(picture.height * width / picture.width)) if width or height else picture.height
        if crop == "center":
            return ImageOps.fit(picture, (wide, high))
        return picture.resize((wide, high))

    return (tuple(map(one, image)),)


def scale_by(call: Call, image: Images, upscale_method: str, scale_by: float) -> tuple[Images]:
    return (tuple(p.resize((max(1, round(p.width * scale_by)), max(1, round(p.height * scale_by)))) for p in image),)


def scale_to_pixels(
    call: Call, image: Images, upscale_method: str, megapixels: float, resolution_steps: int = 1
) -> tuple[Images]:
    factor = (megapixels * 1024 * 1024 / (image[0].width * image[0].height)) ** 0.5
    return scale_by(call, image, upscale_method, factor)


def upscale(call: Call, upscale_model: Model, image: Images) -> tuple[Images]:
    call.load(upscale_model.name)
    return scale_by(call, image, "lanczos", 4.0)


def batch(call: Call, image1: Images, image2: Images) -> tuple[Images]:
    size = image1[0].size
    return ((*image1, *(p if p.size == size else p.resize(size) for p in image2)),)


def invert(call: Call, image: Images) -> tuple[Images]:
    from PIL import ImageChops

    return (tuple(map(ImageChops.invert, image)),)


def create_video(call: Call, images: Images, fps: float, audio: object = None, bit_depth: int = 8) -> tuple[Video]:
    return (Video(images, fps),)
