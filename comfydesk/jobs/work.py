"""One host's worker: dispatcher, tracker and live view, wired together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfydesk.jobs.desk import Desk
from comfydesk.jobs.dispatcher import Dispatcher
from comfydesk.jobs.live import Live
from comfydesk.jobs.model import JobState
from comfydesk.jobs.record import JobRecord, Wish
from comfydesk.jobs.tracker import Tracker

if TYPE_CHECKING:
    from comfydesk.server.messages import Message


class HostWork:
    """What the queue does with one connected host. Lives on the engine's loop."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.tracker = Tracker(desk)
        self.dispatcher = Dispatcher(desk)
        self.live = Live(desk)
        self.tracker.on_polled = self.dispatcher.poke
        self.dispatcher.found = self.tracker.poke
        self.dispatcher.carry_out = self.tracker.poke_for_wishes

    def link_up(self) -> None:
        """The host answers (again): look at everything before anything is sent."""
        self.desk.memory.note_refusals(self.desk.link.refusals)
        self.desk.reconciled.clear()
        self.tracker.poke()

    def heard(self, batch: list[Message]) -> None:
        self.tracker.heard(batch)
        self.live.heard(batch)

    def changed(self, old: JobRecord, new: JobRecord) -> None:
        """A job of this host changed."""
        if new.state is not JobState.RUNNING:
            self.live.forget(new.job_id)
        if new.wish is not Wish.NONE and old.wish is Wish.NONE:
            self.dispatcher.give_up(new)
            self.tracker.poke()
        elif (old.attempt and old.attempt.state) != (new.attempt and new.attempt.state):
            self.tracker.rethink()
        self.dispatcher.poke()

    async def close(self) -> None:
        await self.dispatcher.close()
        await self.tracker.close()
