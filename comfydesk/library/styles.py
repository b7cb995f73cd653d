"""Styles: presets for all workflows, as files that people may edit, in the home's folder `presets`. Blocking."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from comfydesk.base.errors import Problem
from comfydesk.form import preset_file, presets
from comfydesk.form.presets import Preset
from comfydesk.library import files, names

log = logging.getLogger(__name__)

MAX_FILES = 500


class StyleFolder:
    """Made at the first style. A file may hold several; what is no style in it stays as it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self) -> tuple[Preset, ...]:
        """All styles by name; of two with one name the one whose file comes first. Files that cannot be read are left
        out, and the log says which."""
        found: dict[str, Preset] = {}
        for _, made in self._read():
            for preset in made:
                if preset.is_style:
                    found.setdefault(preset.name.casefold(), preset)
        return tuple(found[name] for name in sorted(found))[: presets.MAX_PRESETS]

    def save(self, preset: Preset, instead_of: str = "") -> None:
        """Write a style, in the file that has one of its name or that named `instead_of`, else in a new one.

        Raises Problem disk_write, disk_full or preset_many.
        """
        if presets.find(self.list(), instead_of or preset.name) is None and len(self.list()) >= presets.MAX_PRESETS:
            raise Problem("preset_many", limit=presets.MAX_PRESETS)
        home: Path | None = None
        for wanted in dict.fromkeys((instead_of or preset.name, preset.name)):
            for path, made in self._read():
                held = presets.find(made, wanted)
                if held is None or not held.is_style:
                    continue
                if home is None:
                    home = path
                    files.write(path, preset_file.write(presets.put(made, preset, instead_of)))
                elif path != home:
                    self._rewrite(path, presets.without(made, wanted))
        if home is None:
            files.write(self._free(preset.name), preset_file.write([preset]))

    def remove(self, name: str) -> None:
        """Take a style out of its file; an empty one goes. Raises Problem disk_write or disk_full."""
        for path, made in self._read():
            held = presets.find(made, name)
            if held is not None and held.is_style:
                self._rewrite(path, presets.without(made, name))

    def _read(self) -> Iterator[tuple[Path, tuple[Preset, ...]]]:
        try:
            paths = sorted(path for path in self.folder.iterdir() if path.name.endswith(preset_file.ENDING))
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("the styles cannot be listed: %s", error)
            return
        for path in paths[:MAX_FILES]:
            try:
                yield path, preset_file.read(files.read(path, preset_file.MAX_BYTES), path.name)
            except Problem as problem:
                log.warning("the styles in %s cannot be read: %s", path.name, problem)

    def _rewrite(self, path: Path, left: tuple[Preset, ...]) -> None:
        if left:
            files.write(path, preset_file.write(left))
            return
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise files.disk_problem(error, path.parent) from error

    def _free(self, name: str) -> Path:
        title = names.title_of(name).replace(".", "_")
        taken = {path.name.casefold() for path in self.folder.glob("*")} if self.folder.is_dir() else set()
        found, number = title, 2
        while f"{found}{preset_file.ENDING}".casefold() in taken:
            found, number = f"{title} {number}", number + 1
        return self.folder / f"{found}{preset_file.ENDING}"
