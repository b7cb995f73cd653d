"""Output nodes: they write files and tell clients their names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfydesk.demo.call import Call, Saved
from comfydesk.demo.output_names import Place, place
from comfydesk.demo.values import Audio, Latent, Video

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.PngImagePlugin import PngInfo

Images = tuple["Image", ...]


def texts(call: Call) -> dict[str, str]:
    """What is written into files: the prompt, and what the client sent along (its workflow)."""
    shown = {"prompt": json.dumps(call.prompt)}
    pnginfo = call.extra.get("extra_pnginfo")
    if isinstance(pnginfo, dict):
        shown |= {str(key): json.dumps(value) for key, value in pnginfo.items()}
    return shown


def _pnginfo(call: Call, *, animated: bool = False) -> PngInfo:
    """Text chunks before the picture; in animations `comf` chunks after it, as real servers do."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for key, value in texts(call).items():
        if animated:
            info.add(b"comf", key.encode("latin-1", "replace") + b"\0" + value.encode("latin-1", "replace"), True)
        else:
            info.add_text(key, value)
    return info


def _file(at: Place, name: str, kind: str) -> dict[str, str]:
    return {"filename": name, "subfolder": at.subfolder, "type": kind}


def _passed(call: Call, value: Any) -> tuple[Any, ...]:
    return (value,) if call.modern else ()


def save_image(call: Call, images: Images, filename_prefix: str = "ComfyUI") -> Saved:
    return _save_images(call, images, filename_prefix, "output")


def preview_image(call: Call, images: Images) -> Saved:
    return _save_images(call, images, f"ComfyUI_temp_{call.temp_tag}", "temp")


def _save_images(call: Call, images: Images, prefix: str, kind: str) -> Saved:
    root = call.folders.output if kind == "output" else call.folders.temp
    at = place(prefix, root, images[0].width, images[0].height)
    info = _pnginfo(call)
    files = []
    for k, picture in enumerate(images):
        name = f"{at.stem.replace('%batch_num%', str(k))}_{at.counter + k:05}_.png"
        # Pillow's level 4 as real servers; 1 for previews.
        picture.save(at.folder / name, "PNG", pnginfo=info, compress_level=4 if kind == "output" else 1)
        files.append(_file(at, name, kind))
    return Saved({"images": files}, _passed(call, images))


def save_animated_webp(
    call: Call, images: Images, filename_prefix: str, fps: float, lossless: bool, quality: int, method: str
) -> Saved:
    at = place(filename_prefix, call.folders.output, images[0].width, images[0].height)
    name = f"{at.stem}_{at.counter:05}_.webp"
    from PIL import Image

    exif = Image.Exif()
    for tag, (key, value) in zip(range(0x0110, 0x0100, -1), texts(call).items(), strict=False):
        exif[tag] = f"{key}:{value}"
    images[0].save(
        at.folder / name,
        "WEBP",
        save_all=True,
        append_images=images[1:],
        duration=int(1000 / fps),
        loop=0,
        lossless=lossless,
        quality=quality,
        method={"default": 4, "fastest": 0, "slowest": 6}.get(method, 4),
        exif=exif,
    )
    return Saved({"images": [_file(at, name, "output")], "animated": [True]}, _passed(call, images))


def save_animated_png(call: Call, images: Images, filename_prefix: str, fps: float, compress_level: int) -> Saved:
    at = place(filename_prefix, call.folders.output, images[0].width, images[0].height)
    name = f"{at.stem}_{at.counter:05}_.png"
    images[0].save(
        at.folder / name,
        "PNG",
        save_all=True,
        append_images=images[1:],
        duration=int(1000 / fps),
        compress_level=compress_level,
        pnginfo=_pnginfo(call, animated=True),
    )
    return Saved({"images": [_file(at, name, "output")], "animated": [True]}, _passed(call, images))


def save_audio(call: Call, audio: Audio, filename_prefix: str = "audio/ComfyUI") -> Saved:
    return _save_audio(call, audio, filename_prefix, "output")


def preview_audio(call: Call, audio: Audio) -> Saved:
    return _save_audio(call, audio, f"ComfyUI_temp_{call.temp_tag}", "temp")


def _save_audio(call: Call, audio: Audio, prefix: str, kind: str) -> Saved:
    from comfydesk.demo.media.flac import silence

    at = place(prefix, call.folders.output if kind == "output" else call.folders.temp)
    name = f"{at.stem}_{at.counter:05}{call.audio_suffix}.flac"
    _write(at.folder / name, silence(audio.seconds, audio.sample_rate, audio.channels, texts(call)))
    return Saved({"audio": [_file(at, name, kind)]}, _passed(call, audio))


def save_video(
    call: Call,
    video: Video,
    filename_prefix: str,
    format: str = "auto",
    codec: str = "auto",
    **settings: Any,
) -> Saved:
    from comfydesk.demo.media.mp4 import movie

    at = place(filename_prefix, call.folders.output, video.frames[0].width, video.frames[0].height)
    name = f"{at.stem}_{at.counter:05}_.mp4"
    _write(at.folder / name, movie(video.frames, video.fps, texts(call)))
    return Saved({"images": [_file(at, name, "output")], "animated": [True]}, _passed(call, video))


def save_latent(call: Call, samples: Latent, filename_prefix: str) -> Saved:
    from comfydesk.demo.media.latent_file import zeros

    at = place(filename_prefix, call.folders.output)
    name = f"{at.stem}_{at.counter:05}_.latent"
    shape = (max(1, samples.batch), 4, samples.height // 8, samples.width // 8)
    _write(at.folder / name, zeros(shape, texts(call)))
    return Saved({"latents": [_file(at, name, "output")]}, _passed(call, samples))


def preview_any(call: Call, source: Any) -> Saved:
    text = source if isinstance(source, str) else _described(source)
    return Saved({"text": [text]}, _passed(call, text))


def _described(source: Any) -> str:
    if isinstance(source, (bool, int, float)):
        return str(source)
    if isinstance(source, Latent):
        return f"a latent of {source.batch} × {source.width} × {source.height} pixels"
    if isinstance(source, tuple):
        return f"{len(source)} pictures of {source[0].width} × {source[0].height} pixels"
    return str(source)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
