"""The change stream: first at once, last always, the newest of a kind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from comfydesk.base.changes import Change, ChangeStream


@dataclass(frozen=True, slots=True)
class Numbered(Change):
    name: str
    number: int

    @property
    def key(self) -> object | None:
        return self.name or None


def deliveries(*bursts: list[Change], interval: float = 0.01) -> list[list[Change]]:
    """What a subscriber gets when these bursts are published, each after the one before was delivered."""
    got: list[list[Change]] = []

    async def main() -> None:
        stream = ChangeStream(asyncio.get_running_loop(), interval)
        arrived = asyncio.Event()
        stream.subscribe(lambda changes: (got.append(changes), arrived.set()))
        for burst in bursts:
            stream.publish(*burst)
            async with asyncio.timeout(5):
                await arrived.wait()
            arrived.clear()

    asyncio.run(asyncio.wait_for(main(), 5))
    return got


def test_changes_of_one_kind_are_delivered_once_with_the_newest_value() -> None:
    got = deliveries([Numbered("a", 1), Numbered("b", 1), Numbered("a", 2)])
    assert got == [[Numbered("b", 1), Numbered("a", 2)]]


def test_changes_without_a_key_are_all_delivered_in_order() -> None:
    assert deliveries([Numbered("", 1), Numbered("", 2)]) == [[Numbered("", 1), Numbered("", 2)]]


def test_the_last_change_is_delivered_too() -> None:
    assert deliveries([Numbered("a", 1)], [Numbered("a", 2)])[-1] == [Numbered("a", 2)]


def test_a_subscriber_that_raises_is_not_felt_by_the_others() -> None:
    got: list[list[Change]] = []

    async def main() -> None:
        stream = ChangeStream(asyncio.get_running_loop(), 0)

        def broken(changes: list[Change]) -> None:
            raise RuntimeError("broken")

        stream.subscribe(broken)
        arrived = asyncio.Event()
        end = stream.subscribe(lambda changes: (got.append(changes), arrived.set()))
        stream.publish(Numbered("a", 1))
        await arrived.wait()
        end()
        stream.publish(Numbered("a", 2))
        await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(main(), 5))
    assert got == [[Numbered("a", 1)]]


def test_what_waits_can_be_flushed() -> None:
    got: list[list[Change]] = []

    async def main() -> None:
        stream = ChangeStream(asyncio.get_running_loop(), 60)
        stream.subscribe(got.append)
        stream.publish(Numbered("a", 1))
        stream.flush()
        stream.flush()

    asyncio.run(main())
    assert got == [[Numbered("a", 1)]]
