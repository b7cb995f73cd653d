"""Everything that can be wrong with a job ends as a sentence that names the place, and never stops the queue."""

from __future__ import annotations

from comfydesk.jobs.model import JobState
from comfydesk.server.client import ServerClient

from .conftest import Demo
from .rig import Rig, graph, until

SAVE_NOTHING = {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}
PREVIEW = {"class_type": "PreviewImage", "inputs": {"images": ["8", 0]}}


def test_a_node_that_fails_is_named_with_its_message(rig: Rig) -> None:
    failed, good = rig.wait(rig.add(graph(seed=1, prompt="please FAIL"), graph(seed=2)))
    assert failed.state is JobState.FAILED and good.state is JobState.DONE
    error = failed.error
    assert error is not None and (error.code, error.node_id, error.node_title) == ("node_failed", "3", "KSampler")
    assert "asked to fail" in error.message and "RuntimeError" in error.details and error.next


def test_out_of_memory_is_told_apart(rig: Rig) -> None:
    (failed,) = rig.wait(rig.add(graph(seed=1, prompt="an OOM fox")))
    assert failed.error is not None and failed.error.code == "out_of_memory"
    assert failed.error.message == "KSampler ran out of memory on demo."


def test_a_missing_model_names_node_and_field(rig: Rig, demo: Demo) -> None:
    prompt = graph(seed=1)
    prompt["4"]["inputs"]["ckpt_name"] = "nope.safetensors"
    (failed,) = rig.wait(rig.add(prompt))
    assert failed.state is JobState.FAILED and failed.error is not None
    assert (failed.error.code, failed.error.field, failed.error.node_title) == (
        "rejected",
        "4.ckpt_name",
        "Load Checkpoint",
    )
    assert "nope.safetensors" in failed.error.details
    assert demo.executions() == []


def test_a_missing_node_class_is_named(rig: Rig) -> None:
    prompt = graph(seed=1)
    prompt["3"]["class_type"] = "NoSuchNode"
    (failed,) = rig.wait(rig.add(prompt))
    assert failed.error is not None and (failed.error.code, failed.error.node_id) == ("nodes_missing", "3")
    assert "NoSuchNode" in failed.error.message


def test_a_workflow_that_would_run_in_part_fails_and_leaves_the_server(rig: Rig, demo: Demo) -> None:
    (failed,) = rig.wait(rig.add(graph(seed=1, steps=4000, n10=SAVE_NOTHING)))
    assert failed.state is JobState.FAILED and failed.error is not None
    assert (failed.error.code, failed.error.field) == ("partial_outputs", "10.images")
    client = ServerClient(demo.url)
    until(lambda: not client.open_ids())
    client.close()


def test_somebody_elses_interrupt_is_no_cancel(rig: Rig, demo: Demo) -> None:
    (job,) = rig.add(graph(seed=1, steps=4000))
    running = rig.until_state(job, JobState.RUNNING)
    client = ServerClient(demo.url)
    client.interrupt(running.prompt_id)
    client.close()
    (stopped,) = rig.wait([job])
    assert stopped.state is JobState.FAILED and stopped.error is not None and stopped.error.code == "interrupted"


def test_a_workflow_without_outputs_is_refused_with_a_sentence(rig: Rig) -> None:
    (failed,) = rig.wait(rig.add(graph(seed=1, n9=None)))
    assert failed.state is JobState.FAILED and failed.error is not None and failed.error.code == "rejected"
    assert "no outputs" in failed.error.message


def test_a_proxy_that_refuses_the_job_fails_it_with_a_sentence(rig: Rig, demo: Demo) -> None:
    demo.control.load_script([{"match": "POST /prompt", "do": "status:413", "times": 3}])
    bad, good = rig.wait(rig.add(graph(seed=1), graph(seed=2)), timeout=30)
    assert bad.state is JobState.FAILED and bad.error is not None and "413" in bad.error.message
    assert good.state is JobState.DONE


def test_five_hundred_for_ever_fails_the_job_and_not_the_queue(rig: Rig, demo: Demo) -> None:
    demo.control.load_script([{"match": "POST /prompt", "do": "status:500", "times": 3}])
    bad, good = rig.wait(rig.add(graph(seed=1), graph(seed=2)), timeout=30)
    assert bad.state is JobState.FAILED and bad.error is not None and bad.error.code == "server_error"
    assert good.state is JobState.DONE
    assert len(demo.executions()) == 1


def test_finished_outputs_of_a_failed_job_are_kept(rig: Rig) -> None:
    """The first saver is done before the second sampler fails."""
    prompt = graph(seed=1)
    prompt["16"] = {"class_type": "CLIPTextEncode", "inputs": {"text": "FAIL", "clip": ["4", 1]}}
    second = dict(prompt["3"]["inputs"]) | {"positive": ["16", 0], "latent_image": ["3", 0], "seed": 2}
    prompt["13"] = {"class_type": "KSampler", "inputs": second}
    prompt["18"] = {"class_type": "VAEDecode", "inputs": {"samples": ["13", 0], "vae": ["4", 2]}}
    prompt["19"] = {"class_type": "SaveImage", "inputs": {"filename_prefix": "second", "images": ["18", 0]}}
    (failed,) = rig.wait(rig.add(prompt))
    assert failed.state is JobState.FAILED and failed.error is not None and failed.error.code == "node_failed"
    assert [file.node_id for file in failed.files] in (["9"], []), "as far as the server got"
    assert len(rig.files()) == len(failed.files)
