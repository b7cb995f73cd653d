"""The state machine: what each event makes of a job, and what holds whatever happens in whatever order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfydesk.jobs import events as ev
from comfydesk.jobs.model import AttemptState, JobError, JobState, OwnerKind
from comfydesk.jobs.record import JobRecord, OutputState, Wish
from comfydesk.jobs.states import MAX_RERUNS, apply
from comfydesk.server.types import RemoteFile

ERROR = JobError("node_failed", "KSampler failed: x.", "Look.")


def waiting(kind: OwnerKind = OwnerKind.WINDOW, **fields: object) -> JobRecord:
    job = JobRecord("j", "me", kind, "host", "SDXL", position=1.0, created_at=0.0)
    return replace(job, **fields)  # type: ignore[arg-type]


def after(job: JobRecord, *events: ev.Event) -> JobRecord:
    for event in events:
        job = apply(job, event).job
    return job


def named(
    name: str = "a.png", node: str = "9", index: int = 0, kind: str = "output", number: int = 1
) -> ev.NamedOutput:
    return ev.NamedOutput(number, node, "images", index, RemoteFile(name, "", kind))


INTENDED = ev.Intended("p1", "c", 0, 1.0)
SENT = ev.Accepted("p1", 2.0, number=5)
SEEN = ev.Seen("p1", 3.0)


def test_a_job_goes_from_waiting_to_done() -> None:
    job = after(waiting(), INTENDED)
    assert (job.state, job.attempt and job.attempt.state) == (JobState.WAITING, AttemptState.INTENDED)
    job = after(job, SENT)
    assert (job.state, job.attempt and job.attempt.state) == (JobState.WAITING, AttemptState.SENT)
    job = after(job, SEEN)
    assert job.state is JobState.RUNNING
    changes = apply(job, ev.Named("p1", (named(),), 4.0))
    assert [o.remote.filename for o in changes.wanted] == ["a.png"]
    finished = apply(changes.job, ev.Finished("p1", (named(),), 5.0))
    assert finished.job.state is JobState.SAVING
    assert finished.wanted == (), "what is being fetched already is not fetched again"
    assert finished.closed is not None and finished.closed.state is AttemptState.FINISHED
    job = after(finished.job, ev.Saved(1, "/x/a.png", 10, "ab", 6.0))
    assert (job.state, job.finished_at, len(job.as_job().files)) == (JobState.DONE, 6.0, 1)


def test_the_first_event_may_come_before_the_answer_to_the_post() -> None:
    job = after(waiting(), INTENDED, SEEN, SENT)
    assert job.state is JobState.RUNNING
    assert job.attempt is not None and (job.attempt.state, job.attempt.number) == (AttemptState.SEEN, 5)


def test_a_server_that_chooses_its_own_ids_is_followed_by_its_id() -> None:
    job = after(waiting(), INTENDED, ev.Accepted("p1", 2.0, remote_id="theirs"))
    assert job.as_job().prompt_id == "theirs" and job.attempt is not None and job.attempt.prompt_id == "p1"
    job = after(job, ev.Seen("theirs", 3.0))
    assert job.state is JobState.RUNNING
    assert after(job, ev.Finished("theirs", (named(),), 4.0)).state is JobState.SAVING


def test_a_missing_output_makes_the_job_partial_and_can_be_fetched_again() -> None:
    job = after(waiting(), INTENDED, SENT, SEEN, ev.Finished("p1", (named(), named("b.png", index=1, number=2)), 5.0))
    job = after(job, ev.Saved(1, "/x/a.png", 1, "ab", 6.0), ev.Missing(2, "404", 7.0))
    assert job.state is JobState.PARTIAL
    assert job.error is not None and job.error.code == "output_missing" and "b.png" in job.error.message
    changes = apply(job, ev.FetchAgain())
    assert changes.job.state is JobState.SAVING and [o.output_id for o in changes.wanted] == [2]
    assert after(changes.job, ev.Saved(2, "/x/b.png", 1, "cd", 8.0)).state is JobState.DONE


def test_a_failed_job_keeps_its_finished_outputs() -> None:
    job = after(waiting(), INTENDED, SENT, SEEN, ev.Finished("p1", (named(),), 5.0, error=ERROR))
    assert job.state is JobState.SAVING
    job = after(job, ev.Saved(1, "/x/a.png", 1, "ab", 6.0))
    assert (job.state, job.error, len(job.as_job().files)) == (JobState.FAILED, ERROR, 1)


def test_a_job_without_files_says_so() -> None:
    job = after(waiting(), INTENDED, SENT, SEEN, ev.Finished("p1", (), 5.0))
    assert job.state is JobState.PARTIAL and job.error is not None and job.error.code == "no_outputs"


def test_previews_are_saved_only_when_there_is_nothing_else() -> None:
    temp = named("t.png", node="10", kind="temp", number=7)
    job = after(waiting(), INTENDED, SENT, SEEN, ev.Named("p1", (temp,), 4.0))
    assert job.outputs[0].state is OutputState.PREVIEW
    alone = apply(job, ev.Finished("p1", (temp,), 5.0))
    assert [o.state for o in alone.wanted] == [OutputState.WANTED] and alone.job.outputs[0].ordinal == 1
    both = apply(job, ev.Finished("p1", (temp, named()), 5.0))
    assert {o.node_id: o.state for o in both.job.outputs} == {"10": OutputState.PREVIEW, "9": OutputState.WANTED}
    kept = apply(after(waiting(keep_temp=True), INTENDED, SENT), ev.Named("p1", (temp,), 4.0))
    assert kept.job.outputs[0].state is OutputState.WANTED


def test_cancelling_a_waiting_job_is_done_at_once() -> None:
    assert after(waiting(), ev.CancelAsked(1.0)).state is JobState.CANCELLED


@pytest.mark.parametrize("events", [(INTENDED, SENT), (INTENDED, SENT, SEEN), (INTENDED,)])
def test_cancelling_on_a_server_is_done_only_when_the_server_says_so(events: tuple[ev.Event, ...]) -> None:
    job = after(waiting(), *events, ev.CancelAsked(4.0))
    assert not job.state.is_final and job.as_job().cancelling
    gone = after(job, ev.Absent("p1", False, 5.0))
    assert (gone.state, gone.as_job().cancelling) == (JobState.CANCELLED, False)
    stopped = after(job, SENT, ev.Finished("p1", (), 5.0, error=ERROR, interrupted=True))
    assert (stopped.state, stopped.error) == (JobState.CANCELLED, None)
    late = after(job, SENT, ev.Finished("p1", (named(),), 5.0), ev.Saved(1, "/x", 1, "ab", 6.0))
    assert late.state is JobState.DONE, "it was faster than the cancel"


def test_somebody_elses_interrupt_is_a_failure() -> None:
    job = after(waiting(), INTENDED, SENT, SEEN, ev.Finished("p1", (), 5.0, error=ERROR, interrupted=True))
    assert job.state is JobState.FAILED


def test_a_job_taken_back_waits_again_and_counts_no_attempt() -> None:
    job = after(waiting(), INTENDED, SENT, ev.TakeBackAsked())
    assert job.wish is Wish.TAKE_BACK
    changes = apply(job, ev.Absent("p1", False, 5.0))
    assert changes.job.is_local and changes.job.attempts == 0
    assert changes.closed is not None and changes.closed.state is AttemptState.VANISHED
    assert after(job, SEEN).wish is Wish.NONE, "what runs is not taken back"


def test_a_lost_job_is_sent_again_by_itself_only_where_nobody_can_be_asked() -> None:
    assert after(waiting(), INTENDED, SENT, ev.Absent("p1", True, 5.0)).state is JobState.LOST
    job = after(waiting(OwnerKind.RUN), INTENDED, SENT, SEEN, ev.Absent("p1", True, 5.0))
    assert job.is_local and job.reruns == 1 and "restarted" in job.note
    for number in range(2, MAX_RERUNS + 2):
        prompt_id = f"p{number}"
        job = after(job, ev.Intended(prompt_id, "c", 0, 6.0), ev.Absent(prompt_id, True, 7.0))
        assert not job.state.is_final, "what never arrived is not lost"
        job = after(job, ev.Accepted(prompt_id, 7.0), ev.Absent(prompt_id, True, 8.0))
    assert job.state is JobState.LOST


def test_a_job_removed_on_the_server_is_not_sent_again_by_itself() -> None:
    job = after(waiting(OwnerKind.BATCH), INTENDED, SENT, ev.Absent("p1", False, 5.0))
    assert job.state is JobState.LOST and job.note == "removed on the server"


def test_an_output_that_a_lost_attempt_saved_is_not_saved_twice() -> None:
    job = after(waiting(OwnerKind.RUN), INTENDED, SENT, SEEN, ev.Named("p1", (named(),), 4.0))
    job = after(job, ev.Saved(1, "/x/a.png", 1, "ab", 5.0), ev.Absent("p1", True, 6.0))
    again = after(job, ev.Intended("p2", "c", 1, 7.0), ev.Accepted("p2", 8.0))
    changes = apply(again, ev.Finished("p2", (named("a_2.png", number=3),), 9.0))
    assert changes.wanted == () and changes.job.state is JobState.DONE


def test_a_job_that_would_run_in_part_is_cancelled_and_fails() -> None:
    partial = JobError("partial_outputs", "Only a part.", "Correct it.")
    job = after(waiting(), INTENDED, SENT, ev.Condemned(partial))
    assert job.wish is Wish.CANCEL
    assert after(job, ev.Absent("p1", False, 5.0)).state is JobState.FAILED
    ran = after(job, ev.Finished("p1", (named(),), 5.0), ev.Saved(1, "/x", 1, "ab", 6.0))
    assert (ran.state, ran.error) == (JobState.FAILED, partial)


_PROMPTS = st.sampled_from(["p1", "p2", "p3"])
_NAMED = st.lists(
    st.builds(
        named,
        st.sampled_from(["a", "b"]),
        st.sampled_from(["9", "10"]),
        st.integers(0, 1),
        st.sampled_from(["output", "temp"]),
        st.integers(1, 9),
    ),
    max_size=3,
).map(tuple)
_EVENTS = st.one_of(
    st.builds(ev.Intended, _PROMPTS, st.just("c"), st.just(0), st.just(1.0)),
    st.builds(ev.Accepted, _PROMPTS, st.just(2.0)),
    st.builds(ev.Declined, st.just(ERROR), st.just(2.0)),
    st.builds(ev.Seen, _PROMPTS, st.just(3.0)),
    st.builds(ev.Named, _PROMPTS, _NAMED, st.just(4.0)),
    st.builds(ev.Finished, _PROMPTS, _NAMED, st.just(5.0), st.sampled_from([None, ERROR]), st.booleans()),
    st.builds(ev.Absent, _PROMPTS, st.booleans(), st.just(5.0)),
    st.builds(ev.CancelAsked, st.just(5.0)),
    st.builds(ev.Condemned, st.just(ERROR)),
    st.builds(ev.TakeBackAsked),
    st.builds(ev.Saved, st.integers(1, 9), st.just("/x"), st.just(1), st.just("ab"), st.just(6.0)),
    st.builds(ev.Missing, st.integers(1, 9), st.just("404"), st.just(6.0)),
    st.builds(ev.FetchAgain),
    st.builds(ev.Held, st.booleans()),
    st.builds(ev.Moved, st.just(2.0)),
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(list(OwnerKind)), st.lists(_EVENTS, max_size=30))
def test_whatever_happens_the_books_stay_true(kind: OwnerKind, events: list[ev.Event]) -> None:
    job = waiting(kind)
    for event in events:
        changes = apply(job, event)
        new = changes.job
        saved = {o.place for o in job.outputs if o.state is OutputState.SAVED}
        assert saved <= {o.place for o in new.outputs if o.state is OutputState.SAVED}, "what is saved stays saved"
        if job.state.is_final and not isinstance(event, ev.FetchAgain):
            assert new.state is job.state, "what ended stays ended"
        if job.attempt is not None and new.attempt is not None and job.attempt.prompt_id != new.attempt.prompt_id:
            raise AssertionError("an attempt is replaced only after it was given up")
        if job.attempt and job.attempt.is_open and not (new.attempt and new.attempt.is_open):
            assert changes.closed is not None, "an attempt never ends silently"
        for output in changes.wanted:
            assert new.output(output.output_id) is not None
        _check(new)
        job = new


def _check(job: JobRecord) -> None:
    attempt = job.attempt
    assert len({o.place for o in job.outputs}) == len(job.outputs)
    match job.state:
        case JobState.WAITING:
            assert attempt is None or attempt.state in (AttemptState.INTENDED, AttemptState.SENT)
        case JobState.RUNNING:
            assert attempt is not None and attempt.state is AttemptState.SEEN
        case JobState.SAVING:
            assert job.ending is not None and job.pending()
        case JobState.DONE:
            assert all(o.state in (OutputState.SAVED, OutputState.PREVIEW) for o in job.outputs)
            assert job.as_job().files and job.error is None
        case JobState.PARTIAL | JobState.FAILED | JobState.LOST:
            assert job.error is not None
    if job.state.is_final:
        assert job.finished_at is not None and job.wish is Wish.NONE and not job.pending()
        assert attempt is None or not attempt.is_open
    if job.wish is not Wish.NONE:
        assert attempt is not None and attempt.is_open
    if attempt is not None and attempt.is_open:
        assert job.attempts >= 1
