"""The stage: the picture that is made, with what it is, how far it is, and what came before."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtGui import QHideEvent, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from comfydesk.base.changes import Change
from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.create.follow import Follow, Kind, Scene
from comfydesk.gui.create.latest import LatestPicture
from comfydesk.gui.create.newest import NewestStrip
from comfydesk.gui.create.overlays import ErrorCard, PictureTag
from comfydesk.gui.create.strip import ProgressStrip
from comfydesk.gui.queue.feed import QueueFeed
from comfydesk.gui.queue.words import clock
from comfydesk.gui.style.tokens import STAGE_RADIUS
from comfydesk.gui.widgets.buttons import button
from comfydesk.gui.widgets.image_view import ImageView
from comfydesk.gui.widgets.placeholder import Placeholder
from comfydesk.jobs.model import Job, JobState, OutputPreview, OutputSaved, OwnerKind, Preview

# The kinds that can be shown as a picture; others are named.
PICTURES = frozenset({"picture", "animation"})
MARGIN = 16
INSET = 12


class Stage(QFrame):
    """`page_requested(name)`, `shown(str)`: the kind of what is on it now."""

    page_requested = Signal(str)
    shown = Signal(str)

    def __init__(self, context: Context, feed: QueueFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.follow = Follow()
        self._feed = feed
        self._engine: Any = None
        self._latest = LatestPicture(context, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, 10)
        column.setSpacing(10)
        self.area = QStackedWidget()
        self.empty = Placeholder(
            context.icons,
            "image",
            self.tr("Your pictures appear here"),
            self.tr(
                "Say what you want in the form, then press Queue (Ctrl+Enter). You see each picture while it is made."
            ),
        )
        self.view = ImageView(context.theme, radius=STAGE_RADIUS)
        self.other = Placeholder(context.icons, "file", "")
        self.open_file = self.other.add_button(self.tr("Open"), self._open_outside)
        for page in (self.empty, self.view, self.other):
            self.area.addWidget(page)
        column.addWidget(self.area, 1)
        self.strip = ProgressStrip(context, feed)
        column.addWidget(self.strip)
        self.newest = NewestStrip(context)
        column.addWidget(self.newest)
        self._lay_over()
        self._connect()
        self._refresh()

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.newest.attach(engine)
        self.demo.setVisible(bool(engine.home.is_demo))
        self._ask_for_previews(self.isVisible())

    def detach(self) -> None:
        self._engine = None
        self._latest.forget()
        self.newest.detach()
        self.follow = Follow()
        self.view.set_image(None)
        self._refresh()

    def show_item(self, item: GalleryItem) -> None:
        """Show a result that a person picked."""
        self.follow.pick(item.path, item.kind, item.created_at, item.job_id)
        self._load(self.follow.scene)

    def back(self) -> None:
        """Back to what is made now."""
        self.newest.clear_selection()
        scene = self.follow.back()
        if scene.kind in (Kind.RESULT, Kind.UNSAVED):
            self._load(scene)
        self._refresh()

    def set_compact(self, compact: bool) -> None:
        """Leave out the newest results where there is no room."""
        self.newest.set_wanted(not compact)

    def _lay_over(self) -> None:
        self.tag = PictureTag("", self.area)
        self.demo = PictureTag(self.tr("Demo"), self.area)
        self.demo.setToolTip(self.tr("Painted by the built-in demo server, not by a model"))
        self.demo.hide()
        self.keep = button(self.tr("Keep"), "primary", clicked=self._keep)
        self.keep.setParent(self.area)
        self.keep.setToolTip(self.tr("Save this preview among your results"))
        self.live = button(self.tr("Back to live"), "primary", clicked=self.back)
        self.live.setParent(self.area)
        self.card = ErrorCard(self.context, self.area)
        self.area.installEventFilter(self)

    def _connect(self) -> None:
        self.context.bridge.changed.connect(self._on_changes)
        self._feed.job_changed.connect(self._on_job)
        self.newest.picked.connect(self.show_item)
        self.newest.gallery_requested.connect(lambda: self.page_requested.emit("gallery"))
        self.card.closed.connect(self._dismiss)
        self.card.action_requested.connect(lambda action, job: self._feed.act(action, [job]))
        self.view.scale_changed.connect(lambda _: self._place())

    def _on_changes(self, changes: list[Change]) -> None:
        if self._engine is None:
            return
        for change in changes:
            if isinstance(change, Preview):
                if self._is_ours(change.job_id) and self.follow.live(change.job_id):
                    self._latest.show(change.data, self._show_live(change.job_id), live=True)
            elif isinstance(change, OutputSaved):
                if self._is_ours(change.job_id) and self.follow.saved(
                    change.job_id, change.file.path, change.kind, time.time()
                ):
                    self._load(self.follow.scene)
            elif isinstance(change, OutputPreview) and self._is_ours(change.job_id) and self.follow.unsaved(change):
                self._load(self.follow.scene)

    def _on_job(self, job: Job) -> None:
        if job.owner_kind is not OwnerKind.WINDOW:
            return
        if job.state in (JobState.FAILED, JobState.PARTIAL) and self.follow.fail(job):
            self.card.show_job(job, self._feed.model.host_name(job.host_id))
            self._refresh()
        elif job.state.is_final and self.follow.ended(job.job_id):
            self._refresh()

    def _is_ours(self, job_id: str) -> bool:
        """Jobs of commands and scripts have stages of their own."""
        job = self._feed.model.book.jobs.get(job_id)
        return job is None or job.owner_kind is OwnerKind.WINDOW

    def _show_live(self, job_id: str) -> Any:
        def show(image: QImage) -> None:
            scene = self.follow.scene
            if not image.isNull() and scene.kind is Kind.LIVE and scene.job_id == job_id:
                self.view.set_image(image, keep_view=True)
                self._refresh()

        return show

    def _load(self, scene: Scene) -> None:
        """Show a file: decoded elsewhere, put up when it is there."""
        if scene.media not in PICTURES:
            self._latest.forget()
            self._refresh()
            return

        def show(image: QImage) -> None:
            if scene is self.follow.scene and not image.isNull():
                self.view.set_image(image)
                self._refresh()

        self._latest.show(scene.path, show)

    def _refresh(self) -> None:
        """Put up what the scene says."""
        scene, failed = self.follow.scene, self.follow.failed
        if scene.kind is not Kind.EMPTY and scene.media not in PICTURES:
            name = scene.path.replace("\\", "/").rsplit("/", 1)[-1]
            self.other.say(name, self.tr("This kind of result opens in its own program."))
            self.area.setCurrentWidget(self.other)
        else:
            self.area.setCurrentWidget(self.view if self.view.has_image or failed is not None else self.empty)
        self.view.set_dimmed(failed is not None)
        self.card.setVisible(failed is not None)
        self.tag.setText(self._words(scene))
        self.tag.setVisible(bool(self.tag.text()) and failed is None)
        self.demo.setVisible(self._is_demo() and self.area.currentWidget() is self.view and failed is None)
        self.keep.setVisible(scene.kind is Kind.UNSAVED and failed is None)
        self.live.setVisible(scene.kind is Kind.PICKED and self.strip.job is not None)
        self._place()
        self.shown.emit("error" if failed is not None else scene.kind.value)

    def _words(self, scene: Scene) -> str:
        if scene.kind is Kind.LIVE:
            job = self._feed.model.book.jobs.get(scene.job_id)
            # The last live picture stays until the file is here, but it is not live any more.
            return self.tr("Last preview") if job is not None and job.state.is_final else self.tr("Live")
        if scene.kind is Kind.UNSAVED:
            return self.tr("Preview, not saved")
        if scene.kind in (Kind.RESULT, Kind.PICKED):
            return self.tr("Result · {time}").format(time=clock(scene.at))
        return ""

    def _is_demo(self) -> bool:
        return self._engine is not None and bool(self._engine.home.is_demo)

    def _place(self) -> None:
        """Put what lies on the picture where the picture is."""
        room = self.area.rect()
        picture = self.view.picture_rect().toRect() if self.view.has_image else room
        left, top = max(room.left(), picture.left()) + INSET, max(room.top(), picture.top()) + INSET
        for widget in (self.tag, self.demo, self.keep):
            if not widget.isHidden():
                size = widget.sizeHint()
                widget.setGeometry(left, top, size.width(), size.height())
                widget.raise_()
                left += size.width() + 8
        if not self.live.isHidden():
            size = self.live.sizeHint()
            right = min(room.right(), picture.right()) - INSET
            self.live.setGeometry(right - size.width(), top, size.width(), size.height())
            self.live.raise_()
        if not self.card.isHidden():
            width = min(480, room.width() - 2 * INSET)
            size = QSize(width, min(self.card.heightForWidth(width), room.height()))
            self.card.setGeometry(
                (room.width() - size.width()) // 2,
                max(0, (room.height() - size.height()) // 2),
                size.width(),
                size.height(),
            )
            self.card.raise_()

    def _dismiss(self) -> None:
        self.follow.dismiss()
        self._refresh()

    def _keep(self) -> None:
        output = self.follow.scene.output
        if output is not None and self._engine is not None:
            self.keep.setEnabled(False)
            self.context.bridge.run(
                self._engine.queue.keep, output.output_id, then=lambda _: self.keep.setEnabled(True)
            )

    def _open_outside(self) -> None:
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        QDesktopServices.openUrl(QUrl.fromLocalFile(self.follow.scene.path))

    def _ask_for_previews(self, visible: bool) -> None:
        """Servers send previews only where they were asked for; nobody looks while the stage is hidden."""
        if self._engine is not None:
            wanted = visible and bool(self.context.settings.get("previews"))
            self._engine.runtime.post(self._engine.queue.set_previews, wanted)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.area and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_for_previews(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ask_for_previews(False)
