"""Where ComfyDesk keeps its own things (the home), and where results go."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from comfydesk.base.errors import Problem

APP = "ComfyDesk"


@dataclass(frozen=True, slots=True)
class Home:
    """One home: settings, job store, workflows, copied inputs, caches and logs.

    `--home DIR` or `$COMFYDESK_HOME` moves all of it; results of the window do not move with it.
    The demo lives in a home of its own inside the real one, so that nothing of it is ever mixed in.
    """

    root: Path
    cache: Path
    is_demo: bool = False

    @classmethod
    def locate(cls, given: str | os.PathLike[str] | None = None, *, demo: bool = False) -> Home:
        """The home that was asked for, else `$COMFYDESK_HOME`, else the platform's app-data folder."""
        chosen = given or os.environ.get("COMFYDESK_HOME")
        if chosen:
            root = Path(chosen).expanduser().absolute()
            home = cls(root, root / "cache")
        else:
            home = cls.usual()
        return home.demo() if demo else home

    @classmethod
    def usual(cls) -> Home:
        """The platform's app-data folder: the home where nobody says otherwise."""
        dirs = platformdirs.PlatformDirs(APP, appauthor=False)
        return cls(Path(dirs.user_data_dir), Path(dirs.user_cache_dir))

    def demo(self) -> Home:
        """The demo's own home below this one."""
        return Home(self.root / "demo", self.cache / "demo", is_demo=True)

    def make(self) -> Home:
        """Create the folders (private to the user) and return self. Raises Problem("disk_write")."""
        for folder in (self.root, self.cache, self.workflows, self.inputs, self.owners, self.logs):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as exc:
                raise Problem("disk_write", folder=folder, detail=exc.strerror or str(exc)) from exc
        return self

    @property
    def jobs_db(self) -> Path:
        return self.root / "jobs.db"

    @property
    def schema_lock(self) -> Path:
        return self.root / "schema.lock"

    @property
    def gallery_db(self) -> Path:
        return self.root / "gallery.db"

    @property
    def settings_file(self) -> Path:
        return self.root / "settings.json"

    @property
    def workflows(self) -> Path:
        return self.root / "workflows"

    @property
    def inputs(self) -> Path:
        return self.root / "inputs"

    @property
    def wildcards(self) -> Path:
        return self.root / "wildcards"

    @property
    def tags(self) -> Path:
        return self.root / "tags"

    @property
    def presets(self) -> Path:
        return self.root / "presets"

    @property
    def owners(self) -> Path:
        return self.root / "owners"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def thumbnails(self) -> Path:
        return self.cache / "thumbnails"

    @property
    def object_info_cache(self) -> Path:
        return self.cache / "object_info"

    def default_output_root(self) -> Path:
        """`Pictures/ComfyDesk`; the demo's results stay inside the demo's home."""
        if self.is_demo:
            return self.root / "results"
        return Path(platformdirs.user_pictures_dir()) / APP
