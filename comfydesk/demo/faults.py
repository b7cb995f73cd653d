"""The script of faults: which rule fires when.

A rule is ``{"match": "POST /prompt", "nth": 3, "do": "rst_after_enqueue"}``. `match` is a request (method, and the
path without /api unless the rule has it; `*` at its end matches any rest), `WS <type>` for a message about to be sent,
or `JOB start|step|done`. It fires on every match, or on the `nth`, or on `every` n-th, after the first `after`, at most
`times` times, with probability `p` (drawn from the script's `seed`).

For requests (the first that answers wins; `delay` and what concerns the server come before):

    rst_before  rst_after_enqueue            reset the connection before, or after, the request was handled
    status:N[:RETRY_AFTER]  html  bad_json   another answer; the request is not handled
    redirect:URL  gzip_bomb  no-upgrade
    reply (status, json | text, headers)     the answer that the rule carries
    hang[:ms]  delay:ms                      no answer, or a late one
    drip:bytes_a_second  trunc[:share]       a good answer sent slowly, or only a share of it
    nolen[:share]  wrong_len[:share]         a share of it, with no length or with the length of that share
    reset_body[:share]                       a share of it, then a reset

For messages: drop, delay:ms, replace (json). For all of them, and by `Control.do`:

    ws_drop  ws_deaf  ws_mute  ws_frame:size  flood:messages_a_second[:seconds]
    restart[:ms]  wedge  evict  clear_queue  reuse_name
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from comfydesk.demo.journal import Journal

# What needs no request to act on: done to the server as a whole.
SERVER_ACTIONS = frozenset(
    ("ws_drop", "ws_deaf", "ws_mute", "ws_frame", "restart", "wedge", "evict", "clear_queue", "reuse_name", "flood")
)


@dataclass(slots=True)
class Rule:
    match: str
    do: str
    nth: int = 0
    every: int = 0
    after: int = 0
    times: int = 0
    p: float = 1.0
    facts: dict[str, Any] = field(default_factory=dict)  # of `reply` and `replace`: status, json, text, headers
    seen: int = 0
    fired: int = 0

    @property
    def action(self) -> str:
        return self.do.partition(":")[0]

    @property
    def argument(self) -> str:
        return self.do.partition(":")[2]

    def number(self, default: float) -> float:
        """The argument as a number, e.g. of `delay:200`."""
        try:
            return float(self.argument)
        except ValueError:
            return default

    def fits(self, what: str) -> bool:
        if self.match.endswith("*"):
            return what.startswith(self.match[:-1])
        return what == self.match

    def fires(self, rng: random.Random) -> bool:
        """Count one match and say whether this one counts."""
        self.seen += 1
        if self.seen <= self.after or (self.times and self.fired >= self.times):
            return False
        if self.nth and self.seen != self.nth:
            return False
        if self.every and (self.seen - self.after) % self.every:
            return False
        if self.p < 1 and rng.random() >= self.p:
            return False
        self.fired += 1
        return True


def parse(rules: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """Rules from JSON. Raises ValueError for one without `match` and `do`."""
    known = {"match", "do", "nth", "every", "after", "times", "p"}
    parsed = []
    for rule in rules:
        if (
            not isinstance(rule, Mapping)
            or not isinstance(rule.get("match"), str)
            or not isinstance(rule.get("do"), str)
        ):
            raise ValueError(f"a rule needs match and do: {rule!r}")
        facts = {key: value for key, value in rule.items() if key not in known}
        parsed.append(Rule(**{key: rule[key] for key in known if key in rule}, facts=facts))
    return parsed


@dataclass(frozen=True, slots=True)
class Reaction:
    """What becomes of a message: its data, or nothing where `drop`."""

    data: Any
    drop: bool = False


class Faults:
    """Holds the rules. `perform(action, argument)` is the server's hand for what concerns all of it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._rng = random.Random(0)
        self.rules: list[Rule] = []
        self.perform: Callable[[Rule, str], Awaitable[None]] | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def load(self, rules: Sequence[Mapping[str, Any]], seed: int = 0) -> None:
        parsed = parse(rules)
        with self._lock:
            self.rules, self._rng = parsed, random.Random(seed)

    def firing(self, *names: str) -> list[Rule]:
        """The rules that fire for something known under these names (a path with and without /api)."""
        if not self.rules:
            return []
        with self._lock:
            fired = [r for r in self.rules if any(map(r.fits, names)) and r.fires(self._rng)]
        for rule in fired:
            self._journal.note("fault", what=names[0], do=rule.do)
        return fired

    async def on_message(self, event: str, data: Any) -> Reaction:
        """A socket message is about to go out."""
        drop = False
        for rule in self.firing(f"WS {event}"):
            if rule.action == "drop":
                drop = True
            elif rule.action == "replace":
                data = rule.facts.get("json")
            elif rule.action == "delay":
                await asyncio.sleep(rule.number(0) / 1000)
            else:
                await self.act(rule, "")
        return Reaction(data, drop)

    def on_job(self, moment: str, prompt_id: str) -> None:
        """A job starts, steps or is done; called on the worker's thread, which waits until the fault has happened."""
        for rule in self.firing(f"JOB {moment}"):
            if self.loop is not None:
                asyncio.run_coroutine_threadsafe(self.act(rule, prompt_id), self.loop).result(10)

    async def act(self, rule: Rule, prompt_id: str) -> None:
        if self.perform is not None and rule.action in SERVER_ACTIONS:
            await self.perform(rule, prompt_id)
