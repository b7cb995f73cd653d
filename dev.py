#!/usr/bin/env python3
"""Every developer command of ComfyDesk, with nothing but Python: makes the environment, then does what was asked.

python3 dev.py demo              four pictures on the built-in server, then the window on them
python3 dev.py run [ARGS]        ComfyDesk itself: the window, or any command (`run sdxl --demo`, `params sdxl`, ...)
python3 dev.py test [ARGS]       the tests; ARGS go to pytest
python3 dev.py lint              format, style, types, layers, dependencies
python3 dev.py package           the one-folder program in dist/, and its smoke test
python3 dev.py screenshots DIR   pictures of every page, light and dark
python3 dev.py bench [--json]    the figures of the README, with their goals
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST, NEWEST = (3, 11), (3, 13)  # qasync does not run on 3.14
STAMP = "comfydesk-dev.json"
NETWORK_TROUBLE = ("NewConnection", "ConnectTimeout", "ReadTimeout", "ProxyError", "name resolution", "unreachable")
WINDOWS, LINUX = os.name == "nt", sys.platform.startswith("linux")

# What the Qt wheels load and do not bring along (NEEDED entries of their libraries and of the xcb, offscreen and
# wayland plugins), and the Debian package that holds each. tests/packaging compares this with the wheels.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXext.so.6": "libxext6",
    "libXrandr.so.2": "libxrandr2",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libpulse.so.0": "libpulse0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}


class Stop(Exception):  # noqa: N818
    """Ends the command with a sentence for people."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- the interpreter and its environment ------------------------------------------------------------------------------


def fit(version: tuple[int, int]) -> bool:
    return OLDEST <= version <= NEWEST


def version_of(python: str | Path) -> tuple[int, int] | None:
    """The (major, minor) of an interpreter, or None if it does not start or lacks what an environment needs."""
    probe = "import sys, venv, ssl, sqlite3; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([str(python), "-c", probe], capture_output=True, text=True, timeout=30)
        major, minor = done.stdout.split()
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return int(major), int(minor)


def other_interpreter() -> str:
    """Another Python on this machine that ComfyDesk runs on."""
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    for name in [*names, "python3", "python"]:
        found = shutil.which(name)
        version = version_of(found) if found else None
        if found and version and fit(version):
            return found
    raise Stop(
        f"ComfyDesk needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}; this is {platform.python_version()}. "
        "Install one of those (https://www.python.org/downloads/) and run the command with it."
    )


def environment_folder() -> Path:
    """`.venv`, or `.venv-3.12` when `.venv` belongs to another Python."""
    first, own = ROOT / ".venv", ROOT / ".venv-{}.{}".format(*sys.version_info[:2])
    if not first.exists():
        return own if own.exists() else first
    try:
        lines = (first / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
        version = next(line.split("=")[1].strip() for line in lines if line.startswith("version"))
    except (OSError, StopIteration):
        return first
    return first if version.split(".")[:2] == [str(part) for part in sys.version_info[:2]] else own


def python_in(folder: Path) -> Path:
    return folder / "Scripts" / "python.exe" if WINDOWS else folder / "bin" / "python"


def make_environment(folder: Path) -> None:
    """An empty virtual environment, replacing a broken one."""
    if version_of(python_in(folder)):
        return
    say(f"Making the environment {folder.name} with Python {platform.python_version()}.")
    command = [sys.executable, "-m", "venv", "--clear", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and "ensurepip" in done.stdout + done.stderr:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        if not install_packages([package]):
            raise Stop(f"This Python cannot make environments. Run: {install_command([package])}")
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"The environment {folder} could not be made:\n{(done.stderr or done.stdout).strip()}")


def source_digest() -> str:
    """What the environment is installed from; another value means: install again."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in ("pyproject.toml", "setup.py", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def environment(*extras: str) -> Path:
    """The environment's Python, with ComfyDesk (editable) and the extras in the tested versions."""
    folder = environment_folder()
    make_environment(folder)
    python, stamp = python_in(folder), folder / STAMP
    try:
        installed = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        installed = {"source": "", "extras": []}
    everything = sorted({*extras, *installed["extras"]})
    wanted = {"source": source_digest(), "extras": everything}
    if installed == wanted:
        return python
    if installed["extras"]:
        say(f"Bringing {folder.name} up to date.")
    else:
        say(f"Installing what ComfyDesk needs into {folder.name}. This downloads about 300 MB, once.")
    started = time.monotonic()
    stamp.unlink(missing_ok=True)
    # setuptools from the constraints and no isolation: the build is pinned too, and needs no network of its own.
    install(python, "setuptools")
    install(python, "--no-build-isolation", "-e", f"{ROOT}[{','.join(everything)}]")
    stamp.write_text(json.dumps(wanted), encoding="utf-8")
    say(f"Installed in {time.monotonic() - started:.0f} s.")
    return python


def install(python: Path, *arguments: str) -> None:
    """pip install by the constraints; its output is shown only if it fails."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--constraint", str(ROOT / "constraints.txt"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if not done.returncode:
        return
    trouble = done.stderr.strip() or done.stdout.strip()
    if any(mark in trouble for mark in NETWORK_TROUBLE):
        raise Stop("The packages could not be downloaded. Check the network, then run the command again.")
    tail = "\n".join(trouble.splitlines()[-8:])
    raise Stop(f"{tail}\n\nThe packages could not be installed; what pip said stands above.")


# --- what the system must bring ---------------------------------------------------------------------------------------


def install_command(packages: list[str], sonames: list[str] | None = None) -> str:
    """The line that installs these on this system; sonames help where the package names are not Debian's."""
    if shutil.which("apt-get"):
        return f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}"
    for tool in ("dnf", "zypper"):
        if sonames and shutil.which(tool):  # both install by the library's name
            return f"sudo {tool} install -y " + " ".join(f"'{name}()(64bit)'" for name in sonames)
    return f"install with your system's package manager what Debian calls {', '.join(packages)}"


def install_packages(packages: list[str]) -> bool:
    """Install Debian packages where that is allowed without asking (root and apt-get). True when it worked."""
    if not LINUX or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing from the system's packages: {', '.join(packages)}.")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    done = subprocess.run(command, capture_output=True, text=True, env=quiet, stdin=subprocess.DEVNULL)
    if done.returncode:  # a fresh image has no package lists yet
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, env=quiet, stdin=subprocess.DEVNULL)
        done = subprocess.run(command, capture_output=True, text=True, env=quiet, stdin=subprocess.DEVNULL)
    if done.returncode:
        say((done.stderr or done.stdout).strip()[-600:])
    return not done.returncode


def loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def need_qt_libraries() -> None:
    """On Linux: the libraries that Qt expects of the system, installed or named."""
    missing = [name for name in QT_LIBRARIES if not loads(name)] if LINUX else []
    if not missing:
        return
    packages = sorted({QT_LIBRARIES[name] for name in missing})
    # A library that appears while this process runs is not found by its cache of names: trust the installation.
    if not install_packages(packages):
        raise Stop(
            f"Qt needs {', '.join(missing)}, which this system lacks.\nRun: {install_command(packages, missing)}"
        )


def need_font(pattern: str, package: str) -> None:
    """On Linux: a font whose file name holds `pattern`; without one, text in the window is drawn as boxes."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
    folders.append(Path.home() / ".fonts")
    if not LINUX or any(pattern in path.name for folder in folders for path in folder.rglob("*.[ot]t[fc]")):
        return
    if not install_packages([package]):
        say(f"For good-looking text, run: {install_command([package])}")


def need_virtual_screen() -> None:
    """On Linux: Xvfb, on which the packaged window is opened."""
    if LINUX and not shutil.which("Xvfb") and not install_packages(["xvfb"]):
        raise Stop(f"The smoke test opens the window on a virtual screen. Run: {install_command(['xvfb'])}")


def has_display() -> bool:
    return not LINUX or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# --- the commands -----------------------------------------------------------------------------------------------------


def call(python: Path, *arguments: str, **environ: str) -> int:
    """Run the environment's Python in the checkout; `environ` holds only where nothing else was set."""
    return subprocess.call([str(python), *arguments], cwd=ROOT, env={**environ, **os.environ})


def demo(arguments: list[str]) -> int:
    """Four pictures by one command, then the window on them."""
    window = "--no-window" not in arguments
    rest = [argument for argument in arguments if argument != "--no-window"]
    python = environment("desktop")
    say("Running the SDXL workflow four times on the built-in demo server.")
    command = [str(python), "-m", "comfydesk", *rest, "run", "sdxl", "--demo", "--count", "4", "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    files = [Path(line) for line in done.stdout.splitlines() if line]
    if done.returncode:
        return done.returncode
    if len(files) != 4 or not all(file.is_file() for file in files):
        raise Stop("The demo should have made four pictures, but named these files: " + ", ".join(map(str, files)))
    say(f"\nFour pictures are ready in {files[0].parent}:")
    for file in files:
        print(file, flush=True)
    if not window:
        return 0
    if not has_display():
        say("\nThere is no display here, so the window stays closed. With one: python3 dev.py demo")
        return 0
    need_qt_libraries()
    need_font("", "fonts-dejavu-core")
    say("\nOpening the window.")
    return call(python, "-m", "comfydesk", *rest, "--demo")


def run(arguments: list[str]) -> int:
    python = environment("desktop")
    need_qt_libraries()
    return subprocess.call([str(python), "-m", "comfydesk", *arguments])


def test(arguments: list[str]) -> int:
    python = environment("desktop", "dev")
    need_qt_libraries()
    need_font("", "fonts-dejavu-core")
    return call(python, "-m", "pytest", *arguments, QT_QPA_PLATFORM="offscreen")


def lint(arguments: list[str]) -> int:
    """Every check, also after one has failed."""
    python = environment("desktop", "dev")
    checks = {
        "style": ["ruff", "check", "."],
        "format": ["ruff", "format", "--check", "."],
        "types": ["mypy"],
        "layers": ["lint-imports"],
        "dependencies": ["deptry", "."],
    }
    failed = []
    for name, command in checks.items():
        say(f"-- {name}: {' '.join(command)}")
        tool = python.with_name(command[0] + python.suffix)  # import-linter has no `python -m` form
        if subprocess.call([str(tool), *command[1:]], cwd=ROOT):
            failed.append(name)
    say(f"Not clean: {', '.join(failed)}." if failed else "All clean.")
    return 1 if failed else 0


def package(arguments: list[str]) -> int:
    """The program in dist/, then its smoke test; further arguments go to pytest."""
    python = environment("desktop", "dev")
    need_qt_libraries()
    need_font("", "fonts-dejavu-core")
    need_virtual_screen()
    say("Building the program with PyInstaller.")
    folders = ["--distpath", str(ROOT / "dist"), "--workpath", str(ROOT / "build" / "pyinstaller")]
    code = call(python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *folders, "build.spec")
    if code:
        return code
    program = ROOT / "dist" / "ComfyDesk"
    size = sum(file.stat().st_size for file in program.rglob("*") if file.is_file() and not file.is_symlink())
    say(f"Built {program} ({size / 1e6:.0f} MB).")
    return call(python, "-m", "pytest", "-m", "packaging", "tests/packaging", *arguments, COMFYDESK_BUILT=str(program))


def screenshots(arguments: list[str]) -> int:
    if len(arguments) != 1:
        raise Stop("Say where the pictures go: dev.py screenshots DIR")
    python = environment("desktop", "dev")
    need_qt_libraries()
    need_font("Inter", "fonts-inter")
    target = str(Path(arguments[0]).absolute())
    return call(python, "-m", "tests.gui.screenshots", target, QT_QPA_PLATFORM="offscreen")


def bench(arguments: list[str]) -> int:
    python = environment("desktop", "dev")
    need_qt_libraries()
    need_font("", "fonts-dejavu-core")
    return call(python, "-m", "benchmarks", *arguments, QT_QPA_PLATFORM="offscreen")


COMMANDS = {f.__name__: f for f in (demo, run, test, lint, package, screenshots, bench)}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__.strip() if __doc__ else "")
        return 0 if arguments[:1] in ([], ["-h"], ["--help"]) else 2
    try:
        if not fit(sys.version_info[:2]):
            return subprocess.call([other_interpreter(), str(Path(__file__).resolve()), *arguments])
        return COMMANDS[arguments[0]](arguments[1:])
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
