"""Errors are sentences with a next step.

The engine raises `Problem(code, **facts)`. Each code has one English template here, used by the command line, the log
and JSON; `gui/words.py` holds the same codes for translation, and a test keeps the two sets equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comfydesk.base.check_sentences import CHECK_SENTENCES

# Exit codes of the command line (after aria2's table); see README.
INTERNAL, USAGE, FAILED, MISSING, NETWORK, AUTH, INTERRUPTED, DISK, NOT_COMFYUI, STUCK, IN_USE = range(1, 12)


@dataclass(frozen=True, slots=True)
class Template:
    """`says`: what is wrong; `next`: what to do about it; `exit`: the command line's exit code."""

    says: str
    next: str
    exit: int


TEMPLATES: dict[str, Template] = {
    # internal
    "internal": Template(
        "Something went wrong inside ComfyDesk: {detail}.",
        "The log has the details: {log}. Please report it.",
        INTERNAL,
    ),
    # host and network
    "host_invalid": Template(
        "“{text}” is not an address: {reason}.", "Type it like gpu-box:8188 or https://gpu.example/comfy/.", USAGE
    ),
    "host_unknown": Template(
        "There is no saved host named “{name}”.",
        "See `comfydesk hosts list`, or give an address like gpu-box:8188.",
        USAGE,
    ),
    "dns": Template(
        "No machine named {host} was found.",
        "Check the spelling of the address and that this computer is online.",
        NETWORK,
    ),
    "refused": Template(
        "Nothing answers at {address}.",
        "Start ComfyUI there, or correct the address. For another machine, ComfyUI must run with --listen.",
        NETWORK,
    ),
    "unreachable": Template(
        "{address} cannot be reached: {detail}.", "Check the network and the address, then try again.", NETWORK
    ),
    "timeout": Template(
        "{address} did not answer within {seconds} s.",
        "Check that the server is not overloaded, then try again.",
        NETWORK,
    ),
    "reset": Template(
        "The connection to {address} broke.",
        "Check the network; ComfyDesk looks for the server again by itself.",
        NETWORK,
    ),
    "server_busy": Template(
        "{address} answered {status}: it is overloaded or restarting.",
        "Wait a moment; ComfyDesk tries again by itself.",
        NETWORK,
    ),
    "server_error": Template(
        "{address} answered {status} to {what}.", "Look at the server's console for the reason.", NETWORK
    ),
    "redirect": Template(
        "{address} sends visitors on to {target}.", "If that address is right, use it instead: {target}", NETWORK
    ),
    "not_comfyui": Template(
        "What answers at {address} is not ComfyUI ({detail}).",
        "Check the address and the port; ComfyUI listens on 8188, its desktop app on 8000.",
        NOT_COMFYUI,
    ),
    "too_large": Template(
        "{address} sent more than {limit} for {what}.",
        "This is more than ComfyDesk accepts; check that the address is a ComfyUI server.",
        NETWORK,
    ),
    "upload_too_large": Template(
        "{address} refuses files over {limit}.",
        "Make the file smaller, or raise the limit of the server (--max-upload-size) or of the proxy (client_max_body_size).",
        NETWORK,
    ),
    "upload_failed": Template(
        "{file} could not be uploaded to {address}: {detail}.", "Try again, or choose another file.", NETWORK
    ),
    "forbidden": Template(
        "{address} forbids this request (403).",
        "If a proxy stands in front of ComfyUI, it must pass the Host header on unchanged.",
        AUTH,
    ),
    "auth_needed": Template(
        "{address} asks for a login.",
        "Give a user and password, or a token (in the window beside the address; for commands $COMFYDESK_TOKEN, $COMFYDESK_USER and $COMFYDESK_PASSWORD, or --token-file).",
        AUTH,
    ),
    "auth_wrong": Template(
        "{address} does not accept this login.", "Check user, password or token and try again.", AUTH
    ),
    "auth_plain": Template(
        "{address} is not encrypted, so the login would travel in the open.",
        "Use https, or allow it for this host (--allow-plain-auth, or the tick beside the login).",
        AUTH,
    ),
    "secret_file": Template(
        "The secret in {file} cannot be used: {reason}.",
        "Give the path of a readable file that only you can read (chmod 600).",
        AUTH,
    ),
    "tls_untrusted": Template(
        "The certificate of {address} is not trusted ({detail}). Its SHA-256 fingerprint is {fingerprint}.",
        "If that is your server's certificate, trust it in the window, or give --pin {fingerprint}, or its CA by --ca FILE.",
        AUTH,
    ),
    "tls_pin": Template(
        "The certificate of {address} is not the one you trusted. Its SHA-256 fingerprint is {fingerprint}.",
        "If you changed it yourself, trust the new one; otherwise somebody may be listening in.",
        AUTH,
    ),
    "tls_failed": Template(
        "No secure connection to {address} could be made: {detail}.",
        "Check that the address should begin with https://.",
        AUTH,
    ),
    "live_off": Template(
        "{address} gives no live view: {detail}.",
        "Jobs run all the same, ComfyDesk asks for them. For the live view the proxy in front must pass WebSocket upgrades on (Upgrade and Connection headers).",
        NETWORK,
    ),
    "stuck": Template(
        "{host} looks stuck: it has said nothing for {minutes} minutes while a job runs.",
        "Restart ComfyUI there; waiting jobs go on by themselves.",
        STUCK,
    ),
    # workflow files
    "file_missing": Template("There is no file {file}.", "Check the path.", USAGE),
    "file_unreadable": Template("{file} cannot be read: {detail}.", "Check that you may read this file.", USAGE),
    "workflow_unknown": Template(
        "There is no workflow “{name}”, neither as a file nor in the library.",
        "Give the path of a workflow file, or one of these: {known}.",
        USAGE,
    ),
    "workflow_json": Template(
        "{file} is not valid JSON: {detail}.",
        "Save it again in ComfyUI, or export it there (File → Export (API), in older versions “Save (API Format)”).",
        USAGE,
    ),
    "workflow_gui": Template(
        "{file} is in the editor's format, and no host has told yet what its nodes take.",
        "Connect to the ComfyUI host that it is for; a file from File → Export (API), in older versions “Save (API Format)”, opens without one.",
        USAGE,
    ),
    "workflow_not": Template(
        "{file} is not a ComfyUI workflow: {detail}.",
        "Open a workflow that ComfyUI saved or exported (File → Export (API), in older versions “Save (API Format)”), or a picture that it made.",
        USAGE,
    ),
    "workflow_none": Template(
        "{file} carries no workflow: the program that wrote or copied it left it out.",
        "Open the file as ComfyUI saved it; messengers and web sites send copies without it.",
        USAGE,
    ),
    "profile_not": Template(
        "{file} is not an arrangement of a form: {detail}.",
        "Choose a file that “Arrange the form” exported; its name ends in .form.json.",
        USAGE,
    ),
    "preset_not": Template(
        "{file} holds no presets: {detail}.",
        "Choose a file that “Export presets” made; its name ends in .preset.json.",
        USAGE,
    ),
    "preset_many": Template(
        "There is room for {limit} presets.",
        "Delete some that you do not use.",
        USAGE,
    ),
    "copy_keys": Template(
        "The value of {label} cannot be said in a command.",
        "Copy it as a Python script, as curl or as API JSON.",
        USAGE,
    ),
    "workflow_limits": Template(
        "{file} is too large or too deep for a workflow: {detail}.",
        "Open a workflow that ComfyUI saved or exported (File → Export (API), in older versions “Save (API Format)”), or a picture that it made.",
        USAGE,
    ),
    "workflow_settings": Template(
        "{file} carries only the settings of another program, no workflow.",
        "Open a workflow first, then put these settings into its form.",
        USAGE,
    ),
    # files on the host
    "remote_missing": Template("{address} has no {file} any more.", "Look at the list again.", USAGE),
    "remote_exists": Template(
        "{address} already has {file}.", "Choose another name, or say that it shall be overwritten.", USAGE
    ),
    "remote_refused": Template("{address} does not take the name {file}.", "Choose a simpler name.", USAGE),
    "remote_none": Template(
        "{address} keeps no workflows and templates that ComfyDesk could show.", "Update ComfyUI there.", USAGE
    ),
    "templates_none": Template(
        "{address} has no templates of ComfyUI installed.",
        "Install them there: pip install -r requirements.txt in ComfyUI’s folder.",
        USAGE,
    ),
    "remote_user": Template(
        "{address} has several users: {names}.", "Choose in the window whose workflows are meant.", USAGE
    ),
    "name_taken": Template("There is a “{name}” already.", "Choose another name.", USAGE),
    "url_failed": Template(
        "{url} could not be fetched: {detail}.",
        "Open the address in a browser, save the file and add that.",
        NETWORK,
    ),
    "version_gone": Template("That version of “{name}” is not kept any more.", "Choose another version.", USAGE),
    "undo_gone": Template(
        "What was removed cannot be brought back from here any more.", "Look for it in the system's trash.", USAGE
    ),
    "nodes_missing": Template(
        "{address} lacks these nodes: {nodes}.",
        "Install the custom nodes there, or choose another host or workflow.",
        USAGE,
    ),
    **{code: Template(says, step, USAGE) for code, (says, step) in CHECK_SENTENCES.items()},
    # values
    "key_unknown": Template(
        "The workflow has no input “{key}”.", "Did you mean {near}? `comfydesk params` lists them all.", USAGE
    ),
    "key_ambiguous": Template(
        "“{key}” fits more than one input: {candidates}.", "Use one of these names instead.", USAGE
    ),
    "value_type": Template("{label} needs {wanted}, not “{value}”.", "Correct the value.", USAGE),
    "value_range": Template(
        "{label} is {value}, but must be between {min} and {max}.", "Choose a value in that range.", USAGE
    ),
    "value_choice": Template("{label}: “{value}” is not on {address}.", "Choose one that is there: {near}.", USAGE),
    "value_missing": Template("{label} is empty.", "Choose a file or type a value.", USAGE),
    "input_missing": Template("The input file {file} is not there.", "Choose the file again.", USAGE),
    "input_unusable": Template("The input file {file} cannot be used: {detail}.", "Choose another file.", USAGE),
    "input_linked": Template(
        "{label} comes from “{source}” and cannot be set here.", "Set it there, or change the workflow.", USAGE
    ),
    "link_broken": Template(
        "{label} of {node} is not connected.", "Connect it in ComfyUI and export the workflow again.", USAGE
    ),
    "outputs_missing": Template(
        "The workflow has no node that saves or shows a result.",
        "Add a save node in ComfyUI and export it again.",
        USAGE,
    ),
    "usage": Template("{detail}.", "See `comfydesk --help`.", USAGE),
    # running
    "rejected": Template(
        "{address} rejected the workflow: {detail}.", "Correct what is named and queue it again.", USAGE
    ),
    "partial_outputs": Template(
        "{address} would run only a part of the workflow: {detail}.", "Correct what is named and queue it again.", USAGE
    ),
    "node_failed": Template(
        "{node} failed: {detail}.", "Look at the details, change the settings and queue it again.", FAILED
    ),
    "out_of_memory": Template(
        "{node} ran out of memory on {host}.", "Free memory and retry, or choose a smaller size.", FAILED
    ),
    "interrupted": Template("The run was stopped on {host}.", "Queue it again if you want it.", FAILED),
    "lost": Template(
        "{host} does not know this job any more: it was restarted, or the job was removed there.",
        "Run it again.",
        FAILED,
    ),
    "job_timeout": Template(
        "The time of {seconds} s is over; {open} jobs are not finished.",
        "Give more time with --timeout; the jobs on the server go on.",
        NETWORK,
    ),
    "unfinished": Template(
        "Interrupted: {open} jobs are not finished.",
        "They are listed above; jobs already on the server go on there.",
        INTERRUPTED,
    ),
    # outputs
    "output_missing": Template(
        "{file} could not be fetched: {detail}.", "Retry the download, or run the job again with a new seed.", MISSING
    ),
    "no_outputs": Template(
        "The job finished but made no files.",
        "Add a save node to the workflow, or use --keep-temp to keep previews.",
        MISSING,
    ),
    "disk_full": Template(
        "The disk of {folder} is full.", "Free some space; downloads go on from where they were.", DISK
    ),
    "disk_write": Template(
        "{folder} cannot be written: {detail}.", "Choose another folder or correct its permissions.", DISK
    ),
    "trash_failed": Template(
        "{file} could not be moved to the trash: {detail}.",
        "Delete it in the file manager if you want it gone; its drive may have no trash.",
        DISK,
    ),
    "store_broken": Template(
        "The job store {file} is damaged: {detail}.", "It was set aside as {aside}; ComfyDesk begins a new one.", DISK
    ),
    "store_newer": Template(
        "The job store {file} was made by a newer ComfyDesk.", "Update ComfyDesk, or use another --home.", DISK
    ),
    # the program
    "no_window": Template(
        "The window needs Qt, which is not installed.", "Install it with: pip install 'comfydesk[desktop]'", USAGE
    ),
    "demo_failed": Template("The demo server did not start: {detail}.", "The log has the details: {log}.", INTERNAL),
}


class Problem(Exception):
    """What went wrong, as a code with facts. The only exception that the engine lets out on purpose.

    `facts` fill the template; a missing one shows as “?”. `details` is technical text for “Details” and the log,
    `node_id` and `field` name the place in the workflow where there is one.
    """

    def __init__(
        self,
        code: str,
        *,
        details: str = "",
        node_id: str | None = None,
        field: str | None = None,
        **facts: Any,
    ) -> None:
        if code not in TEMPLATES:
            raise KeyError(code)
        self.code = code
        self.facts: Mapping[str, Any] = facts
        self.details = details
        self.node_id = node_id
        self.field = field
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The sentence that says what is wrong."""
        return fill(TEMPLATES[self.code].says, self.facts)

    @property
    def next_step(self) -> str:
        """The sentence that says what to do."""
        return fill(TEMPLATES[self.code].next, self.facts)

    @property
    def exit_code(self) -> int:
        return TEMPLATES[self.code].exit


class ReportedProblem(Problem):
    """A problem that was put into words before, e.g. in a job's row: code, sentence and next step as they are there."""

    def __init__(self, code: str, message: str, next_step: str, **place: Any) -> None:
        self._message = message
        self._next_step = next_step
        super().__init__(code, **place)

    @property
    def message(self) -> str:
        return self._message

    @property
    def next_step(self) -> str:
        return self._next_step


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def fill(template: str, facts: Mapping[str, Any]) -> str:
    """Put facts into a template; text from servers may hold braces, so only the template's own fields are read."""
    text = template.format_map(_Facts(facts))
    return text.replace("..", ".") if text.endswith("..") else text
