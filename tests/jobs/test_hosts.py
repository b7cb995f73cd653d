"""Host links: what is known of a server that is there, away, or another one than before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from comfydesk.base.errors import Problem
from comfydesk.jobs.model import HostChanged
from comfydesk.server.types import AuthKind, Connection, Credentials, Host

from .conftest import Demo
from .rig import Rig, until


def test_a_connected_host_tells_what_it_is(rig: Rig) -> None:
    live = rig.until_connection(Connection.LIVE)
    assert live.report is not None and live.report.is_demo and live.report.has_jobs_api
    assert live.sentence == "" and live.others == 0


def test_a_command_waits_for_the_first_answer(make_rig: Callable[..., Rig], start_demo: Callable[..., Demo]) -> None:
    demo = start_demo()
    port = demo.child.port
    demo.child.stop()
    rig = make_rig()
    late = threading.Thread(target=lambda: start_demo(port=port))
    late.start()
    rig.connect(demo.url, wait=20.0)
    late.join()
    assert rig.pool.link("demo") is not None


def test_specs_come_from_the_host_then_from_the_cache(
    make_rig: Callable[..., Rig], start_demo: Callable[..., Demo]
) -> None:
    demo = start_demo()
    first = make_rig()
    first.connect(demo.url)
    some = first.call(first.pool.specs("demo", ["KSampler", "SaveImage"]))
    assert set(some) == {"KSampler", "SaveImage"}
    whole = first.call(first.pool.refresh_specs("demo"))
    assert {"CheckpointLoaderSimple", "KSampler"} < set(whole)
    first.close()
    demo.child.stop()
    second = make_rig()
    second.connect(demo.url, wait=None)
    until(lambda: second.seen(HostChanged))
    assert second.call(second.pool.specs("demo", ["KSampler"])) == whole, "also while the host is away"


def test_specs_of_a_host_that_never_answered_are_a_sentence(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    rig.connect("http://127.0.0.1:9", wait=None)
    rig.until_connection(Connection.OFFLINE)
    with pytest.raises(Problem) as refused:
        rig.call(rig.pool.specs("demo"))
    assert refused.value.code == "refused"


def test_promise_8_a_login_stays_with_its_origin(rig: Rig, start_demo: Callable[..., Demo]) -> None:
    login = Credentials(AuthKind.BEARER, "", "secret-token")
    link = rig.pool.link("demo")
    assert link is not None
    rig.call(rig.pool.set_credentials("demo", login))
    assert link.credentials == login
    rig.call(rig.pool.set_host(replace(link.host, name="renamed")))
    assert (link.host.name, link.credentials) == ("renamed", login)
    elsewhere = start_demo()
    rig.call(rig.pool.set_host(Host("demo", "moved", elsewhere.url)))
    assert link.credentials == Credentials(), "another port is another origin"
    rig.wait_for(HostChanged, lambda c: c.report is not None and c.report.url == elsewhere.url)


def test_a_dropped_host_lets_nothing_hang(rig: Rig) -> None:
    link = rig.pool.link("demo")
    assert link is not None
    rig.call(rig.pool.drop("demo"))
    assert rig.pool.links() == ()
    with pytest.raises(Problem):
        rig.call(link.control(link.client.features))


def test_nodes_of_a_host_that_is_not_connected_are_a_sentence(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    for ask in (rig.pool.specs, rig.pool.refresh_specs):
        with pytest.raises(Problem) as unknown:
            rig.call(ask("elsewhere"))
        assert unknown.value.code == "host_unknown"
