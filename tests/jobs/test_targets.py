"""Outputs that are left out of a run."""

from __future__ import annotations

from comfydesk.jobs import rows
from comfydesk.jobs.model import JobRequest
from comfydesk.jobs.progress import nodes_of

PROMPT = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    "8": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
}


def test_the_outputs_that_run_are_kept_with_the_job() -> None:
    packed, _ = rows.pack(JobRequest("w", PROMPT, "host", targets=("8",)))
    assert rows.unpack(packed).targets == ("8",)


def test_progress_counts_only_the_nodes_that_run() -> None:
    assert list(nodes_of(PROMPT, {}, ("8",))) == ["1", "8"]
    assert list(nodes_of(PROMPT, {})) == ["1", "2", "8", "9"]
