from __future__ import annotations

import math
from pathlib import Path

import pytest

from comfydesk.server.specs_cache import SpecsCache

URL = "http://gpu:8188"
SPECS = {"KSampler": {"input": {"required": {"seed": ["INT", {"max": 2**64 - 1}]}}}}


def test_specs_are_there_the_next_time_and_for_their_host_only(tmp_path: Path) -> None:
    cache = SpecsCache(tmp_path / "new")
    assert cache.get(URL) is None
    cache.put(URL, SPECS)
    assert SpecsCache(tmp_path / "new").get(URL) == SPECS
    assert cache.get("http://other:8188") is None


def test_new_specs_replace_the_old_ones(tmp_path: Path) -> None:
    cache = SpecsCache(tmp_path)
    cache.put(URL, SPECS)
    cache.put(URL, {"A": {}})
    assert cache.get(URL) == {"A": {}}
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"url": 5}', b"\xff", b'{"a":' * 2000])
def test_a_broken_file_is_dropped(tmp_path: Path, data: bytes) -> None:
    cache = SpecsCache(tmp_path)
    cache.put(URL, SPECS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(data)
    assert cache.get(URL) is None
    assert not file.exists()


def test_what_cannot_be_kept_does_no_harm(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    SpecsCache(blocked / "below").put(URL, SPECS)
    SpecsCache(tmp_path).put(URL, {"A": object()})
    assert SpecsCache(tmp_path).get(URL) is None
    SpecsCache(tmp_path).put(URL, {"A": math.nan})
    assert SpecsCache(tmp_path).get(URL) == {"A": None}
