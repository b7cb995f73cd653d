"""Keeps one event socket on a host: a reader thread, reconnects, and a fresh client id after a deaf or dead one."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import TYPE_CHECKING

from comfydesk.base.errors import Problem
from comfydesk.base.runtime import Runtime
from comfydesk.jobs.backoff import Backoff
from comfydesk.jobs.inbox import Inbox

if TYPE_CHECKING:
    from comfydesk.jobs.link import HostLink
    from comfydesk.server.messages import Message
    from comfydesk.server.socket import EventSocket

log = logging.getLogger(__name__)

HEALTHY = 10.0  # seconds after which a socket that delivered is worth an immediate reconnect


class Ear:
    """The socket of one link. Everything works without it, only later (promise 6)."""

    def __init__(self, link: HostLink, runtime: Runtime) -> None:
        self._link, self._runtime = link, runtime
        self._backoff = Backoff()
        self._socket: EventSocket | None = None
        self._ended: asyncio.Future[Problem | None] | None = None
        self._deaf = self._at_once = False
        self._heard_at = 0.0
        self._task = runtime.spawn(self._keep(), f"socket {link.host.name}")

    def is_deaf(self) -> None:
        """A poll saw what the socket should have told (S7, S8): leave it and come back under another id."""
        if self._socket is not None and not self._deaf:
            log.info("the socket of %s is deaf: reconnecting", self._link.host.name)
            self._deaf = True
            self._link.socket_delivers = False
            self._runtime.lane("closing", 1).submit(self._socket.close)

    def reconnect(self) -> None:
        """Leave the socket (another login or address) and come back at once."""
        self._backoff.reset()
        self._at_once = self._socket is not None
        if self._socket is not None:
            self._runtime.lane("closing", 1).submit(self._socket.close)

    @property
    def heard_at(self) -> float:
        """Loop time of the last batch of messages."""
        return self._heard_at

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if self._socket is not None:
            self._runtime.lane("closing", 1).submit(self._socket.close)

    async def _keep(self) -> None:
        link, loop = self._link, self._runtime.loop
        while True:
            await link.up.wait()
            begun = loop.time()
            problem = await self._listen()
            if self._at_once:
                problem, link.client_id = None, uuid.uuid4().hex
            lasted = loop.time() - begun
            was_live, link.socket_delivers = link.socket_delivers, False
            if self._deaf or (problem is not None and problem.code == "timeout"):
                # Half-open or deaf: the server may still hold the old one under this id, and mix the two up (S7).
                link.client_id = uuid.uuid4().hex
            if lasted > HEALTHY and self._heard_at > begun and not self._deaf:
                self._backoff.reset()
            link.socket_problem = problem
            if (was_live or self._deaf) and link.listener is not None:
                link.listener.socket_down(link)
            if link.up.is_set():
                link.announce()
            if problem is not None and (was_live or problem.code == "refused"):
                link.doubt(problem)  # a refused handshake alone says nothing about the host: proxies do that
            if not self._at_once:
                await asyncio.sleep(self._backoff.next())
            self._deaf = self._at_once = False

    async def _listen(self) -> Problem | None:
        """One connection, from its thread's start to its end; returns why it ended."""
        from comfydesk.server.socket import EventSocket

        link = self._link
        socket = EventSocket(link.client, link.client_id)
        ended: asyncio.Future[Problem | None] = self._runtime.loop.create_future()
        inbox = Inbox(self._runtime.post, lambda batch: self._took(socket, batch))
        self._socket = socket

        def finish(problem: Problem | None) -> None:
            if not ended.done():
                ended.set_result(problem)

        def read() -> None:
            problem: Problem | None = None
            try:
                socket.connect()
                self._runtime.post(self._connected, socket)
                for message in socket.messages():
                    inbox.put(message)
            except Problem as exc:
                problem = exc
            except Exception as exc:  # a watchdog on the thread: no reader dies silently
                log.exception("the socket's reader failed")
                problem = Problem("unreachable", address=link.host.url, detail=type(exc).__name__)
            finally:
                socket.close()
                self._runtime.post(finish, problem)

        self._runtime.reader(f"socket-{link.host.name}", read, socket.close)
        try:
            return await ended
        finally:
            self._socket = None
            if not ended.done():
                self._runtime.lane("closing", 1).submit(socket.close)

    def _connected(self, socket: EventSocket) -> None:
        if socket is not self._socket or self._deaf:
            return
        link = self._link
        link.socket_delivers, link.socket_problem = True, None
        link.announce()
        if link.listener is not None:
            link.listener.socket_up(link)

    def _took(self, socket: EventSocket, batch: list[Message]) -> None:
        if socket is not self._socket:
            return  # of a connection that was given up
        self._heard_at = self._runtime.loop.time()
        if self._link.listener is not None:
            try:
                self._link.listener.messages(self._link, batch)
            except Exception:  # a message that nobody thought of costs its batch; the polls know the rest
                log.exception("messages of %s could not be taken in", self._link.host.name)
