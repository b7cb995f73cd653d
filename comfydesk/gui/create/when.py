"""The Queue button's second line: when a press now would be done, or what it would wait for."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication

from comfydesk.gui.form.session import FormSession
from comfydesk.gui.hosts.states import HostStates
from comfydesk.gui.queue.feed import ANSWERING, QueueFeed
from comfydesk.gui.queue.words import clock


def _tr(text: str) -> str:
    return QCoreApplication.translate("When", text)


def when(states: HostStates | None, session: FormSession, feed: QueueFeed, host_id: str) -> str:
    """ "done about 14:06", "starts when gpu-box answers", …; "" where nothing is known."""
    state, workflow = session.state, session.workflow
    if states is None or states.current is None:
        return _tr("waits until a host is chosen")
    if states.connection() not in ANSWERING:
        return _tr("starts when {host} answers").format(host=states.current.name or states.current.url)
    if feed.summary.paused:
        return _tr("waits: the queue is paused")
    if state is None or workflow is None:
        return ""
    took = feed.model.book.duration(host_id, workflow.entry.title)
    waiting = feed.model.book.waiting_count
    is_busy = waiting + feed.model.book.running_count > 0 and not feed.only_saves
    before = feed.end_of_all if is_busy else time.time()
    if took is None or before is None:
        return _tr("after {n} waiting").format(n=waiting) if waiting else ""
    end = max(before, time.time()) + took * state.runs
    left = end - time.time()
    if left < 60:
        return _tr("about {n} s").format(n=max(1, round(left)))
    return _tr("done about {time}").format(time=clock(end))
