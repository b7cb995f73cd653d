"""What the window knows of its hosts: the saved ones, the one in use, and how each of them does.

The types of the rooms below are imported on first use: the first frame knows of no host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from comfydesk.base.changes import Change

from ..bridge import Bridge

if TYPE_CHECKING:
    from comfydesk.jobs.model import HostChanged
    from comfydesk.server.types import Connection, Host, HostReport

_GIB = 1 << 30


class HostStates(QObject):
    """`changed`: the list, the host in use, or a state. Filled from the engine while one is attached."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._engine: Any = None
        self._states: dict[str, HostChanged] = {}
        self.hosts: tuple[Host, ...] = ()
        self.current: Host | None = None
        bridge.changed.connect(self._on_changes)

    async def attach(self, engine: Any) -> None:
        self._engine = engine
        await self.reload()

    def detach(self) -> None:
        self._engine = None
        self._states.clear()
        self.hosts, self.current = (), None
        self.changed.emit()

    async def reload(self) -> None:
        """Ask the engine again: after a host was added, removed or chosen."""
        engine = self._engine
        if engine is None:
            return
        hosts = tuple(await self._bridge.call(engine.saved_hosts))
        if engine is not self._engine:
            return
        current = await self._bridge.call(engine.default_host)
        if engine is self._engine:
            self.hosts, self.current = hosts, current
            self.changed.emit()

    def state(self, host_id: str) -> HostChanged:
        """The newest state of a host."""
        from comfydesk.jobs.model import HostChanged
        from comfydesk.server.types import Connection

        return self._states.get(host_id) or HostChanged(host_id, Connection.UNKNOWN)

    def connection(self) -> Connection:
        """How the host in use does; UNKNOWN without one."""
        from comfydesk.server.types import Connection

        return self.state(self.current.host_id).connection if self.current else Connection.UNKNOWN

    def _on_changes(self, changes: list[Change]) -> None:
        from comfydesk.jobs.model import HostChanged

        news = [change for change in changes if isinstance(change, HostChanged)]
        for change in news:
            old = self._states.get(change.host_id)
            if change.report is None and old is not None and old.report is not None:
                change = HostChanged(  # the last report stays: the name of the GPU does not go away with the network
                    change.host_id,
                    change.connection,
                    old.report,
                    change.sentence,
                    change.next_step,
                    change.problem_code,
                    change.others,
                )
            self._states[change.host_id] = change
        if news:
            self.changed.emit()


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is shown: the dot's colour and whether it is filled, and a few words."""

    role: str
    filled: bool
    text: str
    is_busy: bool = False


def look(state: HostChanged) -> Look:
    """The state of a host in a few words, e.g. "RTX 4090 · 14 GB free"."""
    from comfydesk.server.types import Connection

    report = state.report
    match state.connection:
        case Connection.LIVE:
            return Look("good", True, machine(report) or _tr("connected"))
        case Connection.POLLING:
            return Look("warning", True, " · ".join(filter(None, (machine(report), _tr("live view off")))))
        case Connection.OFFLINE:
            return Look("error", False, _tr("not reachable · looking again"))
        case Connection.LOGIN:
            return Look("warning", False, _tr("asks for a login"))
        case Connection.UNTRUSTED:
            return Look("warning", False, _tr("its certificate is not trusted"))
        case Connection.WRONG:
            return Look("error", False, _tr("is not ComfyUI"))
        case Connection.STUCK:
            return Look("error", True, _tr("looks stuck"))
        case Connection.CONNECTING:
            return Look("faint", False, _tr("connecting"), is_busy=True)
    return Look("faint", False, "")


def machine(report: HostReport | None) -> str:
    """ "RTX 4090 · 14 GB free"; "" when nothing is known."""
    if report is None:
        return ""
    parts = [report.device]
    if report.vram_total:
        parts.append(_tr("{size} GB free").format(size=gigabytes(report.vram_free)))
    return " · ".join(part for part in parts if part)


def found(report: HostReport) -> str:
    """ "ComfyUI 0.33.0 · RTX 4090": what answers at an address."""
    name = _tr("Demo server") if report.is_demo else "ComfyUI"
    return " · ".join(part for part in (f"{name} {report.version}".strip(), report.device) if part)


def gigabytes(size: int) -> str:
    amount = size / _GIB
    return f"{amount:.0f}" if amount >= 10 else f"{amount:.1f}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("hosts", text)
