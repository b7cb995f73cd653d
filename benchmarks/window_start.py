"""How long the first window takes, against an empty PySide6 window."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.goal import Figure

EMPTY_WINDOW = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, app.quit)

app = QApplication(sys.argv)
window = Window()
window.resize(1440, 900)
window.show()
sys.exit(app.exec())
"""


def measure(rounds: int = 9) -> list[Figure]:
    """Median wall time of `comfydesk --quit-after-paint` over that of an empty window, runs interleaved."""
    empty, ours = [], []
    with tempfile.TemporaryDirectory() as home:
        window = [sys.executable, "-m", "comfydesk", "--home", home, "--quit-after-paint"]
        bare = [sys.executable, "-c", EMPTY_WINDOW]
        for command in (bare, window):  # the first start reads from disk and compiles
            seconds(command)
        for _ in range(rounds):
            empty.append(seconds(bare))
            ours.append(seconds(window))
    figure = Figure(
        name="window_start",
        what="first window painted / an empty PySide6 window",
        seen=statistics.median(ours) / statistics.median(empty),
        most=3.0,
        unit="×",
        details={
            "empty": f"{statistics.median(empty):.3f} s",
            "ComfyDesk": f"{statistics.median(ours):.3f} s",
            "runs": f"{rounds} each",
        },
    )
    return [figure]


def seconds(command: list[str]) -> float:
    """Wall time of a process from start to end; it must end well."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return time.perf_counter() - started
