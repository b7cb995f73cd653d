"""Latent files: a safetensors header and zeros."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping


def zeros(shape: tuple[int, ...], texts: Mapping[str, str]) -> bytes:
    """An empty latent of this shape, float32; `texts` become its metadata."""
    size = math.prod(shape) * 4
    header = {
        "__metadata__": dict(texts),
        "latent_tensor": {"dtype": "F32", "shape": list(shape), "data_offsets": [0, size]},
        "latent_format_version_0": {"dtype": "F32", "shape": [0], "data_offsets": [size, size]},
    }
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    return struct.pack("<Q", len(head)) + head + bytes(size)
