"""When the server's "I do not know that job" is believed, and what it means then."""

from __future__ import annotations

from dataclasses import dataclass

from comfydesk.jobs.desk import Desk
from comfydesk.jobs.hearing import Level
from comfydesk.jobs.model import AttemptState
from comfydesk.jobs.record import JobRecord, Wish

GRACE = 6.0  # seconds that an absence must last without any sign of a restart: a history can be late (S6, fault 20)
SUCCESS_GRACE = 15.0  # the same where the socket told of success: then the history should come


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`restarted`: the server's memory is gone. `finished_unseen`: it was done, only its history is gone (S19)."""

    restarted: bool = False
    finished_unseen: bool = False


class Absences:
    """One host's absences that are not concluded yet. Lives on the engine's loop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._since: dict[str, float] = {}  # prompt id -> loop time of the first look that missed it

    @property
    def open(self) -> bool:
        return bool(self._since)

    def found(self, prompt_id: str) -> None:
        self._since.pop(prompt_id, None)

    async def conclude(self, record: JobRecord, heard: Level) -> Conclusion | None:
        """What the absence of this attempt means; None: not sure yet, look again."""
        attempt = record.attempt
        assert attempt is not None
        now = self._desk.loop_time
        first = attempt.prompt_id not in self._since
        since = self._since.setdefault(attempt.prompt_id, now)
        if heard is Level.SUCCESS and record.wish is not Wish.TAKE_BACK:
            if now - since < SUCCESS_GRACE and not self._desk.memory.restarted_since(attempt):
                return None
            return self._done(attempt.prompt_id, Conclusion(finished_unseen=True))
        if record.wish is not Wish.NONE and attempt.state is AttemptState.SENT:
            # We deleted it ourselves; one more look, for it may just have begun.
            return None if first else self._done(attempt.prompt_id, Conclusion())
        restarted = self._desk.memory.restarted_since(attempt) or await self._memory_is_gone()
        if not restarted and now - since < GRACE:
            return None
        # What ran and left no trace was not cleared from the queue: nobody can do that to a running job.
        return self._done(attempt.prompt_id, Conclusion(restarted=restarted or attempt.state is AttemptState.SEEN))

    def _done(self, prompt_id: str, conclusion: Conclusion) -> Conclusion:
        self._since.pop(prompt_id, None)
        return conclusion

    async def _memory_is_gone(self) -> bool:
        """Whether the server has also forgotten the last job that its history was seen to hold."""
        desk = self._desk
        witness = desk.memory.facts.witness
        if not witness or await desk.ask(desk.link.client.history, witness) is not None:
            return False
        desk.memory.note_restart()
        return True
