"""The stage: the picture that is made, with what it is, how far it is, and what came before."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from comfydesk.base.changes import Change
from comfydesk.gallery.model import GalleryItem
from comfydesk.gui.context import Context
from comfydesk.gui.create.area import StageArea
from comfydesk.gui.create.first_notes import FirstNotes
from comfydesk.gui.create.follow import Follow, Kind, Scene
from comfydesk.gui.create.latest import LatestPicture
from comfydesk.gui.create.newest import NewestStrip
from comfydesk.gui.create.strip import ProgressStrip
from comfydesk.gui.queue.feed import QueueFeed
from comfydesk.gui.queue.words import clock
from comfydesk.jobs.model import Job, JobState, OutputPreview, OutputSaved, OwnerKind, Preview

MARGIN = 16


class Stage(QFrame):
    """`page_requested(name)`, `toast_requested(text, action, callback)`, `shown(str)`: the kind of what is on it."""

    page_requested = Signal(str)
    toast_requested = Signal(str, str, object)
    shown = Signal(str)

    def __init__(self, context: Context, feed: QueueFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.follow = Follow()
        self._feed = feed
        self._engine: Any = None
        self._latest = LatestPicture(context, self)
        self._notes = FirstNotes(context, feed, self)
        self._notes.toast_requested.connect(self.toast_requested)
        self._last_live = QImage()
        self._knows = False  # whether there are results of earlier starts
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, 10)
        column.setSpacing(10)
        self.area = StageArea(context)
        column.addWidget(self.area, 1)
        self.strip = ProgressStrip(context, feed)
        column.addWidget(self.strip)
        self.newest = NewestStrip(context)
        column.addWidget(self.newest)
        self._connect()
        self._refresh()

    def attach(self, engine: Any) -> None:
        self._engine = engine
        self.newest.attach(engine)
        self._notes.attach(engine)
        self._ask_for_previews(self.isVisible())

    def detach(self) -> None:
        self._engine = None
        self._knows = False
        self._latest.forget()
        self.newest.detach()
        self._notes.detach()
        self.follow = Follow()
        self._last_live = QImage()
        self.area.show_empty()
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
        elif not self._last_live.isNull():
            self.area.show_picture(self._last_live)
        self._refresh()

    def set_compact(self, compact: bool) -> None:
        """Leave out the newest results where there is no room."""
        self.newest.set_wanted(not compact)

    def _connect(self) -> None:
        self.context.bridge.changed.connect(self._on_changes)
        self._feed.job_changed.connect(self._on_job)
        self._feed.host_changed.connect(self._refresh)
        self.newest.picked.connect(self.show_item)
        self.newest.loaded.connect(self._begin)
        self.newest.gallery_requested.connect(lambda: self.page_requested.emit("gallery"))
        self.area.keep_requested.connect(self._keep)
        self.area.back_requested.connect(self.back)
        self.area.card.closed.connect(self._dismiss)
        self.area.card.action_requested.connect(lambda action, job: self._feed.act(action, [job]))

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
            self.area.card.show_job(job, self._feed.model.host_name(job.host_id))
            self._refresh()
        elif _is_made(job) and self.follow.ended(job.job_id):
            self._refresh()

    def _begin(self) -> None:
        """Begin with the last picture of an earlier start."""
        self._knows = True
        item = next((item for item in self.newest.model.items if item.kind == "picture" and not item.missing), None)
        if item is not None and self.follow.scene.kind is Kind.EMPTY:
            self.follow.saved(item.job_id, item.path, item.kind, item.created_at)
            self._load(self.follow.scene)
        self._refresh()

    def _is_ours(self, job_id: str) -> bool:
        """Jobs of commands and scripts have stages of their own."""
        job = self._feed.model.book.jobs.get(job_id)
        return job is None or job.owner_kind is OwnerKind.WINDOW

    def _show_live(self, job_id: str) -> Any:
        def show(image: QImage) -> None:
            scene = self.follow.scene
            if not image.isNull() and scene.kind is Kind.LIVE and scene.job_id == job_id:
                keep_view = not self._last_live.isNull() and self.area.view.image_size == image.size()
                self._last_live = image
                self.area.show_picture(image, keep_view=keep_view)
                self._refresh()

        return show

    def _load(self, scene: Scene) -> None:
        """Show a file: decoded elsewhere, put up when it is there."""
        if scene.media != "picture":
            self._latest.forget()
            self.area.show_file(scene.path, scene.media)
            self._refresh()
            return

        def show(image: QImage) -> None:
            if scene is not self.follow.scene:
                return
            if image.isNull():
                self.area.name_file(
                    scene.path, self.tr("This file is not there any more, or is damaged."), openable=False
                )
            else:
                self.area.show_picture(image)
            self._refresh()

        self._latest.show(scene.path, show)

    def _refresh(self) -> None:
        """Put up what the scene says."""
        scene, failed = self.follow.scene, self.follow.failed
        area = self.area
        has_picture = area.currentWidget() is not area.empty
        area.view.set_dimmed(failed is not None)
        area.empty.set_quiet(failed is not None or not self._knows)
        area.card.setVisible(failed is not None)
        area.tag.setText(self._words(scene))
        area.tag.setVisible(bool(area.tag.text()) and has_picture and failed is None)
        area.demo.setVisible(self._is_demo() and has_picture and failed is None)
        area.keep.setVisible(scene.kind is Kind.UNSAVED and failed is None)
        area.live.setVisible(scene.kind is Kind.PICKED and self.strip.job is not None)
        area.place()
        self.shown.emit("error" if failed is not None else scene.kind.value)

    def _words(self, scene: Scene) -> str:
        if scene.kind is Kind.LIVE:
            job = self._feed.model.book.jobs.get(scene.job_id)
            # The last live picture stays until the file is here, but it is not live any more.
            is_over = job is not None and (_is_made(job) or job.host_id in self._feed.model.away)
            return self.tr("Last preview") if is_over else self.tr("Live")
        if scene.kind is Kind.UNSAVED:
            return self.tr("Preview, not saved")
        if scene.kind in (Kind.RESULT, Kind.PICKED):
            return self.tr("Result · {time}").format(time=clock(scene.at))
        return ""

    def _is_demo(self) -> bool:
        return self._engine is not None and bool(self._engine.home.is_demo)

    def _dismiss(self) -> None:
        self.follow.dismiss()
        self._refresh()

    def _keep(self) -> None:
        output = self.follow.scene.output
        if output is not None and self._engine is not None:
            self.area.keep.setEnabled(False)
            self.context.bridge.run(
                self._engine.queue.keep, output.output_id, then=lambda _: self.area.keep.setEnabled(True)
            )

    def _ask_for_previews(self, visible: bool) -> None:
        """Servers send previews only where they were asked for; nobody looks while the stage is hidden."""
        if self._engine is not None:
            wanted = visible and bool(self.context.settings.get("previews"))
            self._engine.runtime.post(self._engine.queue.set_previews, wanted)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._notes.set_watched(True)
        self._ask_for_previews(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._notes.set_watched(False)
        self._ask_for_previews(False)


def _is_made(job: Job) -> bool:
    """Whether the host is done with it: what is seen of it moves no more, though its files may be on their way."""
    return job.state.is_final or job.state is JobState.SAVING
