"""The window: rail, top bar and pages. It wires panels together and does nothing else."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QMargins, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from comfydesk.base.errors import Problem

from . import words
from .bridge import Bridge
from .context import Context
from .crossings import Crossings
from .disk_notice import DiskNotice
from .drops import can_take
from .hosts.states import HostStates
from .intake import Intake
from .page_skeleton import PageSkeleton
from .pages import PAGES, START, PageSpec
from .rail import Rail
from .settings.store import WindowSettings
from .title import NAME, Title
from .top_bar import TopBar
from .widgets.placeholder import Placeholder
from .widgets.toast import ToastHost

if TYPE_CHECKING:
    from comfydesk.jobs.model import QueueSummary

_SMALLEST = (860, 600)
_FIRST_SIZE = (1440, 900)
_FRAME = (4, 36, 4, 4)  # what the desktop's title bar and borders may take; known only once the window is shown


class Window(QMainWindow):
    """Pages are made when first needed, after the first paint; the engine comes and goes by `attach` and `detach`.

    `close_requested` instead of closing: who runs the window decides and calls `finish`. `painted`: the first frame is
    on the screen. `demo_requested`, `leave_demo_requested`: the home is to be swapped.
    """

    close_requested = Signal()
    painted = Signal()
    demo_requested = Signal()
    leave_demo_requested = Signal()

    def __init__(self, context: Context, *, first_page: str = "create") -> None:
        super().__init__()
        self.context = context
        self._engine: Any = None
        self._is_finishing = self._was_painted = False
        self._blocked: QWidget | None = None
        self._specs: dict[str, PageSpec] = {page.key: page for page in (*PAGES, START)}
        self._pages: dict[str, QWidget] = {}
        self._skeletons: dict[str, PageSkeleton] = {}
        bridge, theme, icons = context.bridge, context.theme, context.icons
        self.states = HostStates(bridge, self)
        self.title = Title(bridge, self)
        self.rail = Rail(theme, icons, PAGES)
        self.top_bar = TopBar(theme, icons, self.states)
        self.disk = DiskNotice(context)
        self.stack = QStackedWidget()
        self._lay_out()
        self.toasts = ToastHost(icons, self._desk, self.top_bar.free_room)
        self.intake = Intake(bridge, self)
        self.crossings = Crossings(self)
        self._connect(bridge)
        self.setWindowTitle(NAME)
        self.setAcceptDrops(True)
        self.setMinimumSize(*_SMALLEST)
        self._restore(context.settings)
        self.current = ""
        self.go_to(first_page)

    def _lay_out(self) -> None:
        vline = QFrame()
        vline.setProperty("kind", "vline")
        self._desk = QWidget()
        right = QVBoxLayout(self._desk)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.top_bar)
        right.addWidget(self.disk)
        right.addWidget(self.stack, 1)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(vline)
        row.addWidget(self._desk, 1)
        self.setCentralWidget(body)

    def _connect(self, bridge: Bridge) -> None:
        self.rail.page_requested.connect(self.go_to)
        self.top_bar.chip.page_requested.connect(self.go_to)
        self.top_bar.chip.use_requested.connect(self.use_host)
        self.top_bar.chip.leave_demo_requested.connect(self.leave_demo_requested)
        self.top_bar.leave_demo.clicked.connect(self.leave_demo_requested)
        self.disk.settings_requested.connect(partial(self.go_to, "settings"))
        self.title.changed.connect(self.setWindowTitle)
        self.title.summary_changed.connect(self._on_summary)
        self.intake.opened.connect(self._on_opened)
        self.intake.refused.connect(lambda text: self.toasts.show(text, tone="error"))
        self.intake.said.connect(self.show_toast)
        bridge.failed.connect(self.show_problem)
        for keys, act in (
            (QKeySequence.StandardKey.Quit, self.close),
            (QKeySequence.StandardKey.Close, self._close_one),
            (QKeySequence.StandardKey.Open, self.intake.ask),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        for page in PAGES:
            QShortcut(QKeySequence(page.shortcut), self).activated.connect(partial(self.go_to, page.key))

    def _close_one(self) -> None:
        """Ctrl+W: the page's tab, or the window."""
        page = self._pages.get(self.current)
        if not (hasattr(page, "close_tab") and page.close_tab()):
            self.close()

    # ------------------------------------------------------------------- pages

    def go_to(self, key: str) -> None:
        """Show a page; its skeleton until it can be made."""
        spec = self._specs[key]
        self.current = key
        self.rail.show_current(key)
        page = self._pages.get(key) or (self._make(spec) if self._was_painted else None)
        self.stack.setCurrentWidget(page or self._skeleton(spec))
        (page or self.stack).setFocus()  # not the first button of the rail

    def page(self, key: str) -> QWidget | None:
        """A page that is made already."""
        return self._pages.get(key)

    def _skeleton(self, spec: PageSpec) -> PageSkeleton:
        if spec.key not in self._skeletons:
            made = PageSkeleton(self.context.theme, spec.key)
            self._skeletons[spec.key] = made
            self.stack.addWidget(made)
        return self._skeletons[spec.key]

    def _make(self, spec: PageSpec) -> QWidget:
        page = spec.make(self.context)
        self._pages[spec.key] = page
        self.stack.addWidget(page)
        for name, slot in (
            ("page_requested", self.go_to),
            ("toast_requested", self.show_toast),
            ("demo_requested", self.demo_requested.emit),
            ("host_added", self._on_host_added),
            ("files_dropped", self.import_files),
        ):
            if hasattr(page, name):
                getattr(page, name).connect(slot)
        self.crossings.page_made(spec.key, page)
        if hasattr(page, "set_states"):
            page.set_states(self.states)
        if self._engine is not None:
            self._attach_page(page)
        old = self._skeletons.pop(spec.key, None)
        if old is not None:
            self.stack.removeWidget(old)
            old.deleteLater()
        return page

    def make_current_page(self) -> None:
        """After the first paint: replace the skeleton by the page."""
        self.go_to(self.current)

    # ------------------------------------------------------------------ engine

    async def attach(self, engine: Any) -> None:
        """The engine is there: show what it holds, and the start page if it knows no host."""
        self._engine = engine
        if self.context.bridge.engine is not engine:
            self.context.bridge.attach(engine)
        is_demo = bool(engine.home.is_demo)
        self.top_bar.show_demo(is_demo)
        await self.states.attach(engine)
        self.top_bar.chip.set_starting(False)
        for page in self._pages.values():
            self._attach_page(page)
        if self.states.current is None and self.current == "create":
            self.go_to(START.key)
        elif self.states.current is not None and self.current == START.key:
            self.go_to("create")
        if is_demo and "create" in self._pages:
            self._pages["create"].form.keyboard.begin()
        elif self.states.current is not None:
            self.use_host(self.states.current.host_id)

    def _attach_page(self, page: QWidget) -> None:
        done = page.attach(self._engine)
        if inspect.isawaitable(done):
            self.context.bridge.spawn(done, f"attach {type(page).__name__}")

    def show_blocked(self, problem: Problem, retry: Callable[[], object]) -> None:
        """The engine could not be opened: say why in place of the pages."""
        self._unblock()
        sentence, next_step = words.says(problem)
        page = Placeholder(self.context.icons, "error", sentence, next_step)
        page.add_button(self.tr("Try again"), lambda: (self._unblock(), retry()), "primary")
        page.add_button(self.tr("Quit"), self.close)
        self._blocked = page
        self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)
        self.top_bar.chip.set_starting(False)

    def _unblock(self) -> None:
        if self._blocked is not None:
            self.stack.removeWidget(self._blocked)
            self._blocked.deleteLater()
            self._blocked = None
            self.go_to(self.current)

    def detach(self) -> None:
        """The engine leaves."""
        self._engine = None
        for page in self._pages.values():
            page.detach()
        self.context.bridge.detach()
        self.states.detach()
        self.title.clear()
        self.disk.clear()
        self.toasts.clear()
        self.top_bar.chip.set_starting(True)

    def use_host(self, host_id: str) -> None:
        """Work with this host from now on."""
        if self._engine is not None:
            self.context.bridge.run(self._engine.use_host, host_id, then=lambda _host: self._reload_hosts())

    def _reload_hosts(self) -> None:
        self.context.bridge.spawn(self.states.reload(), "read the hosts")

    def _on_host_added(self) -> None:
        """The start page has done its work."""
        self.context.settings.set(first_run_done=True)
        self.context.bridge.spawn(self._leave_start(), "leave the start page")

    async def _leave_start(self) -> None:
        await self.states.reload()  # first, so that Queue has its host from the start
        if self.current == START.key:
            self.go_to("create")
            self._pages["create"].form.keyboard.begin()

    def _on_summary(self, summary: QueueSummary | None) -> None:
        self.rail.set_badge("queue", summary.running + summary.waiting if summary is not None else 0)

    def import_files(self, what: Any) -> None:
        """Put files, or what else a `Drop` brings, into the library and open the last of them."""
        self.intake.take(what)

    def _on_opened(self, entry: Any, count: int) -> None:
        self.go_to("create")
        self._pages["create"].open_workflow(entry.name)
        added = (
            self.tr("Added {n} workflows; “{title}” is open")
            if count > 1
            else self.tr("Added “{title}” to your workflows")
        )
        self.show_toast(added.format(n=count, title=entry.title))

    # ------------------------------------------------------------------ notes

    def show_toast(self, text: str, action: str = "", callback: Callable[[], object] | None = None) -> None:
        self.toasts.show(text, action, callback)

    def show_problem(self, problem: Problem) -> None:
        """A Problem that no panel showed in its place."""
        self.toasts.show("\n".join(words.says(problem)), tone="error")

    # ------------------------------------------------------------------- state

    def _restore(self, settings: WindowSettings) -> None:
        geometry = settings.get("window")
        if not geometry or not self.restoreGeometry(QByteArray.fromBase64(geometry.encode())):
            room = self.screen().availableSize()
            room = room.shrunkBy(QMargins(*_FRAME))
            self.resize(min(_FIRST_SIZE[0], room.width()), min(_FIRST_SIZE[1], room.height()))

    def remember(self) -> None:
        """Keep size and place for the next start."""
        self.context.settings.set(window=bytes(self.saveGeometry().toBase64().data()).decode())

    def finish(self) -> None:
        """Close without asking."""
        self._is_finishing = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._is_finishing:
            event.accept()
            return
        event.ignore()  # also app.quit(), Cmd-Q and closeAllWindows() come this way
        self.close_requested.emit()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if not self._was_painted and event.type() == QEvent.Type.UpdateRequest:
            self._was_painted = True  # an UpdateRequest paints the window with all its children and flushes it
            self.painted.emit()
        return done

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        data = event.mimeData()
        if can_take(data) and (data.hasUrls() or event.source() is None):  # text of our own fields stays there
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.intake.drop(event.mimeData())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Paste):  # nothing that has the focus wanted it
            self.intake.paste()
        else:
            super().keyPressEvent(event)
