"""How a demo server is to behave: what the command line of `comfydesk demo-server` sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_CHECKPOINTS = (
    "sd_xl_base_1.0.safetensors",
    "flux1-schnell-fp8.safetensors",
    "v1-5-pruned-emaonly-fp16.safetensors",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A server version as a client meets it. The differences are those between the recordings of both versions."""

    name: str
    os_name: str
    jobs_api: bool  # /api/jobs and its cancel routes
    preview_per_job: bool  # extra_data.preview_method is honoured
    checks_prompt_id: bool  # a prompt_id must be a lowercase hyphenated UUID
    names_missing_nodes: bool  # `missing_node_type`; before: `invalid_prompt`
    create_time: bool  # extra_data.create_time is added
    nosniff: bool  # X-Content-Type-Options on /view
    audio_suffix: str  # what follows the counter in audio file names
    progress_gap: float  # seconds between two reports of progress without a preview, first and last aside
    modern_specs: bool  # object_info has `advanced`, search aliases, V3 spellings of more nodes


PROFILES = {
    "0.33.0": Profile("0.33.0", "linux", True, True, True, True, True, True, "", 0.1, True),
    "0.3.64": Profile("0.3.64", "posix", False, False, False, False, False, False, "_", 0.0, False),
}


@dataclass(frozen=True, slots=True)
class Options:
    """`step_ms`, `load_ms`, `latency_ms`: milliseconds; `boot_number`: the first prompt's number after a start."""

    host: str = "127.0.0.1"
    port: int = 0
    profile: Profile = PROFILES["0.33.0"]
    step_ms: float = 50.0
    load_ms: float = 0.0
    latency_ms: float = 0.0
    clock_offset: float = 0.0  # seconds added to every time stamp
    boot_number: int = 0
    preview_method: str = "none"
    checkpoints: tuple[str, ...] = DEFAULT_CHECKPOINTS
    state_dir: Path | None = None
    script: Path | None = None
    control: bool = False
    auth: str = field(default="", repr=False)  # "user:password" or "bearer:token", from the environment
    end_with_stdin: bool = False
