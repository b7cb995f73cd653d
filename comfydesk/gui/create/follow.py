"""What the stage shows and when that changes by itself. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from comfydesk.jobs.model import Job, OutputPreview


class Kind(StrEnum):
    EMPTY = "empty"
    LIVE = "live"
    RESULT = "result"
    UNSAVED = "unsaved"
    PICKED = "picked"  # a result that a person chose: it stays until they go back


@dataclass(frozen=True, slots=True)
class Scene:
    """What is on the stage. `at`: when a result was saved; `path`: its file; `output`: what "Keep" would save."""

    kind: Kind = Kind.EMPTY
    job_id: str = ""
    path: str = ""
    media: str = "picture"
    at: float = 0.0
    output: OutputPreview | None = None


class Follow:
    """Follows the newest until a person picks an older one; what happens meanwhile is kept for the way back."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.newest = Scene()
        self.failed: Job | None = None

    @property
    def is_following(self) -> bool:
        return self.scene.kind is not Kind.PICKED

    def live(self, job_id: str) -> bool:
        """A live picture of a job came. Returns whether to show it."""
        self.newest = Scene(Kind.LIVE, job_id)
        if self.is_following:
            if self.failed is not None and self.failed.job_id != job_id:
                self.failed = None  # the queue goes on; the failed row stays red below
            self.scene = self.newest
        return self.is_following

    def saved(self, job_id: str, path: str, media: str, at: float) -> bool:
        """A file is on disk. Returns whether to show it."""
        self.newest = Scene(Kind.RESULT, job_id, path, media, at)
        if self.is_following:
            self.scene = self.newest
        return self.is_following

    def unsaved(self, output: OutputPreview) -> bool:
        """A preview that is not saved came. A saved file of the same job is worth more. Returns whether to show it."""
        if self.newest.kind is Kind.RESULT and self.newest.job_id == output.job_id:
            return False
        self.newest = Scene(Kind.UNSAVED, output.job_id, output.cache_path, "picture", 0.0, output)
        if self.is_following:
            self.scene = self.newest
        return self.is_following

    def fail(self, job: Job) -> bool:
        """A job failed. Returns whether to say so on the stage."""
        if self.is_following:
            self.failed = job
        return self.is_following

    def ended(self, job_id: str) -> bool:
        """A job is over. Returns whether its live picture is to be marked as no longer live."""
        return self.scene.kind is Kind.LIVE and self.scene.job_id == job_id

    def pick(self, path: str, media: str, at: float, job_id: str) -> None:
        """A person chose a result."""
        self.failed = None
        self.scene = Scene(Kind.PICKED, job_id, path, media, at)

    def back(self) -> Scene:
        """Back to the newest."""
        self.scene = self.newest
        return self.scene

    def dismiss(self) -> None:
        self.failed = None
