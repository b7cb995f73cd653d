"""What pyproject.toml cannot say: the resources folder travels inside the package (see comfydesk/base/resources.py)."""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

RESOURCES = Path("resources")


class BuildWithResources(build_py):
    """Copies `resources/` to `comfydesk/_resources/`; an editable install reads the checkout's own."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for source, target in self._pairs():
                self.mkpath(str(target.parent))
                self.copy_file(str(source), str(target))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return [*super().get_outputs(include_bytecode), *(str(target) for _, target in self._pairs())]

    def get_source_files(self) -> list[str]:
        return [*super().get_source_files(), *(str(source) for source, _ in self._pairs())]

    def _pairs(self) -> list[tuple[Path, Path]]:
        inside = Path(self.build_lib or "build/lib") / "comfydesk" / "_resources"
        return [(file, inside / file.relative_to(RESOURCES)) for file in sorted(RESOURCES.rglob("*")) if file.is_file()]


setup(cmdclass={"build_py": BuildWithResources})
