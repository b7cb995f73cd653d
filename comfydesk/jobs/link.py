"""One host's link: client, lanes and state of the connection; keeps looking for a host that is away."""

from __future__ import annotations

import asyncio
import functools
import logging
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from comfydesk.base.changes import ChangeStream
from comfydesk.base.errors import Problem
from comfydesk.base.runtime import Runtime
from comfydesk.jobs.backoff import Backoff
from comfydesk.jobs.model import HostChanged
from comfydesk.server.types import Connection, Credentials, Host, HostReport

if TYPE_CHECKING:
    from comfydesk.server.client import ServerClient
    from comfydesk.server.messages import Message

log = logging.getLogger(__name__)
T = TypeVar("T")

# Problems that say something about the connection, not about the request.
_LOGIN = frozenset({"auth_needed", "auth_wrong", "auth_plain"})
_UNTRUSTED = frozenset({"tls_untrusted", "tls_pin"})
_WRONG = frozenset({"not_comfyui", "redirect", "forbidden", "host_invalid", "tls_failed"})
_AWAY = frozenset({"dns", "refused", "unreachable", "timeout", "reset", "server_busy", "server_error"})
ABOUT_THE_HOST = _LOGIN | _UNTRUSTED | _WRONG | _AWAY
NEEDS_A_PERSON = _LOGIN | _UNTRUSTED
FIRST_TRY = 12.0  # seconds: resolving, connecting and one answer, each with its own time-out
RETRIES = (0.1, 0.4, 1.0, None)  # seconds between looks at a host that was up just now
IMPATIENT = 0.5  # seconds between looks while a command waits for the first answer


def connection_for(problem: Problem) -> Connection:
    """The state of a host whose look ended with this problem."""
    if problem.code in _LOGIN:
        return Connection.LOGIN
    if problem.code in _UNTRUSTED:
        return Connection.UNTRUSTED
    return Connection.WRONG if problem.code in _WRONG else Connection.OFFLINE


class LinkListener(Protocol):
    """What the queue hears from a link, on the engine's loop."""

    def link_up(self, link: HostLink) -> None: ...
    def link_down(self, link: HostLink) -> None: ...
    def socket_up(self, link: HostLink) -> None: ...
    def socket_down(self, link: HostLink) -> None: ...
    def messages(self, link: HostLink, batch: list[Message]) -> None: ...


class HostLink:
    """What the rest of `jobs` knows of one connected host. Lives on the engine's loop."""

    def __init__(
        self,
        host: Host,
        credentials: Credentials,
        runtime: Runtime,
        changes: ChangeStream,
        listener: Callable[[], LinkListener | None],
    ) -> None:
        self.host = host
        self.credentials = credentials
        self.connection = Connection.UNKNOWN
        self.report: HostReport | None = None
        self.problem: Problem | None = None  # why it is not up
        self.socket_problem: Problem | None = None  # why there is no live view
        self.client_id = uuid.uuid4().hex
        self.socket_delivers = False
        self.stuck: Problem | None = None  # it says nothing for long while a job runs (S18)
        self.others = 0
        self.refusals = 0  # how often nothing listened at the address: a sign of a restart (S5b)
        self.up = asyncio.Event()
        self._runtime, self._changes, self._listener = runtime, changes, listener
        self._control = runtime.lane(f"control-{host.host_id}", 2)
        self._transfer = runtime.lane(f"transfer-{host.host_id}", 4)
        self._doubt = asyncio.Event()  # look again now
        self._answered = asyncio.Event()  # one look has ended, well or not
        self._backoff = Backoff()
        self._closed = self._impatient = False
        self.client = self._new_client()
        self._task = runtime.spawn(self._keep(), f"link {host.name}")

    def _new_client(self) -> ServerClient:
        from comfydesk.server.client import ServerClient

        return ServerClient(
            self.host.url, self.credentials, self.host.trust, allow_plain_auth=self.host.allow_plain_auth
        )

    @property
    def listener(self) -> LinkListener | None:
        return self._listener()

    @property
    def round_trip(self) -> float:
        """Seconds of one request, as the last look measured it."""
        return self.report.latency if self.report else 0.0

    async def control(self, fn: Callable[..., T], *args: Any, **kw: Any) -> T:
        """Run a short blocking request of `client` on this host's control lane."""
        if self._closed:
            raise self._gone()
        return await self._judged(self._control.run(functools.partial(fn, *args, **kw)))

    async def transfer(self, fn: Callable[..., T], *args: Any, **kw: Any) -> T:
        """Run a blocking upload or download on this host's transfer lane."""
        if self._closed:
            raise self._gone()
        return await self._judged(self._transfer.run(functools.partial(fn, *args, **kw)))

    async def _judged(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except Problem as problem:
            self.doubt(problem)
            raise
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._closed and task is not None and not task.cancelling():  # its lane is gone, the caller is not
                raise self._gone() from None
            raise

    def _gone(self) -> Problem:
        return Problem("unreachable", address=self.host.url, detail="it was disconnected here")

    def doubt(self, problem: Problem) -> None:
        """A request failed in a way that may concern the whole host: look at it."""
        if problem.code in ABOUT_THE_HOST:
            if problem.code == "refused":
                self.refusals += 1
            if self.up.is_set():  # else the back-off says when to look
                self._doubt.set()

    def look_again(self) -> None:
        """Do not wait for the back-off: a person asks."""
        self._backoff.reset()
        self.connection = Connection.UNKNOWN
        self._doubt.set()

    async def first_answer(self, seconds: float) -> None:
        """Wait until the host answers. Raises its Problem: at once if a person must act, else after `seconds`."""
        deadline = self._runtime.loop.time() + seconds
        self._impatient = True
        if self.problem is not None:
            self._doubt.set()
        try:
            await self._first_answer(deadline, seconds)
        finally:
            self._impatient = False

    async def _first_answer(self, deadline: float, seconds: float) -> None:
        while not self.up.is_set():
            left = deadline - self._runtime.loop.time()
            if self.problem is not None:
                settled = connection_for(self.problem) is not Connection.OFFLINE
                if settled or left <= 0:
                    raise self.problem
            try:
                # The first try may end by itself, however little patience there is: its Problem says what is wrong.
                least = FIRST_TRY if self.problem is None else 0.05
                await asyncio.wait_for(self._answered.wait(), max(least, left))
            except TimeoutError:
                raise self.problem or Problem("timeout", address=self.host.url, seconds=round(seconds)) from None
            self._answered.clear()

    def use(self, host: Host, credentials: Credentials) -> bool:
        """Go on with another name, login, trust or address. True: the connection is made anew."""
        same = replace(host, name=self.host.name) == self.host and credentials == self.credentials
        self.host = host
        if same:
            return False
        old, self.credentials = self.client, credentials
        self.client = self._new_client()
        self._runtime.lane("closing", 1).submit(old.close)  # its threads end with their requests
        self.report = self.problem = None
        if self.up.is_set():
            self.up.clear()
            if self.listener is not None:
                self.listener.link_down(self)
        self.look_again()
        return True

    async def close(self) -> None:
        self._closed = True
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.up.clear()
        self._runtime.lane("closing", 1).submit(self.client.close)
        self._runtime.drop_lane(f"control-{self.host.host_id}")
        self._runtime.drop_lane(f"transfer-{self.host.host_id}")

    # -- looking

    async def _keep(self) -> None:
        while True:
            self._doubt.clear()
            if self.connection is Connection.UNKNOWN:  # tries in the background do not flicker
                self.announce(Connection.CONNECTING)
            problem = await self._look() if not self.up.is_set() else await self._look_twice()
            if problem is None:
                self._came_up()
                await self._doubt.wait()
                continue
            self._went_down(problem)
            self._doubt.clear()
            wait = None if problem.code in NEEDS_A_PERSON else self._backoff.next()
            if self._impatient and wait is not None:
                wait = min(wait, IMPATIENT)
            try:
                await asyncio.wait_for(self._doubt.wait(), wait)
            except TimeoutError:
                pass

    async def _look_twice(self) -> Problem | None:
        """A host that was up: one lost answer does not make it down, but nobody listening does."""
        for pause in RETRIES:
            try:
                await self._control.run(self.client.system_stats)
                return None
            except Problem as problem:
                if problem.code not in _AWAY or problem.code == "refused":
                    self.refusals += problem.code == "refused"
                    return problem
                if pause is None:
                    return problem
                await asyncio.sleep(pause)
        raise AssertionError("the last pause is None")

    async def _look(self) -> Problem | None:
        client = self.client
        try:
            self.report = await self._control.run(client.look)
        except Problem as problem:
            if problem.code == "refused":
                self.refusals += 1
            return problem
        finally:
            self._answered.set()
        return None

    def _came_up(self) -> None:
        was_up = self.up.is_set()
        self.problem = None
        self._backoff.reset()
        self.up.set()
        self.announce()
        if not was_up and self.listener is not None:
            self.listener.link_up(self)

    def _went_down(self, problem: Problem) -> None:
        was_up = self.up.is_set()
        self.problem = problem
        self.up.clear()
        self._answered.set()
        self.announce(connection_for(problem))
        if was_up and self.listener is not None:
            self.listener.link_down(self)

    def announce(self, connection: Connection | None = None) -> None:
        """Tell what the host's state is now."""
        if connection is None:
            connection = Connection.LIVE if self.socket_delivers else Connection.POLLING
            if self.stuck is not None:
                connection = Connection.STUCK
        shown = (self.stuck or self.socket_problem) if self.up.is_set() else self.problem
        self.connection = connection
        self._changes.publish(
            HostChanged(
                host_id=self.host.host_id,
                connection=connection,
                report=self.report,
                sentence=shown.message if shown else "",
                next_step=shown.next_step if shown else "",
                problem_code=shown.code if shown else "",
                others=self.others,
            )
        )
