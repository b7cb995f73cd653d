"""The errors of `base.errors` in the window's words, ready for translation.

The codes are the same (a test holds the two sets equal); the next steps name what can be done in the window instead of
options of the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from comfydesk.base.errors import Problem, fill

# fmt: off
WORDS: dict[str, tuple[str, str]] = {
    # internal
    "internal": (QT_TRANSLATE_NOOP("errors", "Something went wrong inside ComfyDesk: {detail}."), QT_TRANSLATE_NOOP("errors", "The log has the details (Help → Open the log folder). Please report it.")),
    # host and network
    "host_invalid": (QT_TRANSLATE_NOOP("errors", "“{text}” is not an address: {reason}."), QT_TRANSLATE_NOOP("errors", "Type it like gpu-box:8188 or https://gpu.example/comfy/.")),
    "host_unknown": (QT_TRANSLATE_NOOP("errors", "There is no saved host named “{name}”."), QT_TRANSLATE_NOOP("errors", "Add it on the Hosts page.")),
    "dns": (QT_TRANSLATE_NOOP("errors", "No machine named {host} was found."), QT_TRANSLATE_NOOP("errors", "Check the spelling of the address and that this computer is online.")),
    "refused": (QT_TRANSLATE_NOOP("errors", "Nothing answers at {address}."), QT_TRANSLATE_NOOP("errors", "Start ComfyUI there, or correct the address. For another machine, ComfyUI must run with --listen.")),
    "unreachable": (QT_TRANSLATE_NOOP("errors", "{address} cannot be reached: {detail}."), QT_TRANSLATE_NOOP("errors", "Check the network and the address, then try again.")),
    "timeout": (QT_TRANSLATE_NOOP("errors", "{address} did not answer within {seconds} s."), QT_TRANSLATE_NOOP("errors", "Check that the server is not overloaded, then try again.")),
    "reset": (QT_TRANSLATE_NOOP("errors", "The connection to {address} broke."), QT_TRANSLATE_NOOP("errors", "Check the network; ComfyDesk looks for the server again by itself.")),
    "server_busy": (QT_TRANSLATE_NOOP("errors", "{address} answered {status}: it is overloaded or restarting."), QT_TRANSLATE_NOOP("errors", "Wait a moment; ComfyDesk tries again by itself.")),
    "server_error": (QT_TRANSLATE_NOOP("errors", "{address} answered {status} to {what}."), QT_TRANSLATE_NOOP("errors", "Look at the server's console for the reason.")),
    "redirect": (QT_TRANSLATE_NOOP("errors", "{address} sends visitors on to {target}."), QT_TRANSLATE_NOOP("errors", "If that address is right, use it instead: {target}")),
    "not_comfyui": (QT_TRANSLATE_NOOP("errors", "What answers at {address} is not ComfyUI ({detail})."), QT_TRANSLATE_NOOP("errors", "Check the address and the port; ComfyUI listens on 8188, its desktop app on 8000.")),
    "too_large": (QT_TRANSLATE_NOOP("errors", "{address} sent more than {limit} for {what}."), QT_TRANSLATE_NOOP("errors", "This is more than ComfyDesk accepts; check that the address is a ComfyUI server.")),
    "upload_too_large": (QT_TRANSLATE_NOOP("errors", "{address} refuses files over {limit}."), QT_TRANSLATE_NOOP("errors", "Make the file smaller, or raise the limit of the server (--max-upload-size) or of the proxy (client_max_body_size).")),
    "upload_failed": (QT_TRANSLATE_NOOP("errors", "{file} could not be uploaded to {address}: {detail}."), QT_TRANSLATE_NOOP("errors", "Try again, or choose another file.")),
    "forbidden": (QT_TRANSLATE_NOOP("errors", "{address} forbids this request (403)."), QT_TRANSLATE_NOOP("errors", "If a proxy stands in front of ComfyUI, it must pass the Host header on unchanged.")),
    "auth_needed": (QT_TRANSLATE_NOOP("errors", "{address} asks for a login."), QT_TRANSLATE_NOOP("errors", "Give a user and password, or a token, beside its address.")),
    "auth_wrong": (QT_TRANSLATE_NOOP("errors", "{address} does not accept this login."), QT_TRANSLATE_NOOP("errors", "Check user, password or token and try again.")),
    "auth_plain": (QT_TRANSLATE_NOOP("errors", "{address} is not encrypted, so the login would travel in the open."), QT_TRANSLATE_NOOP("errors", "Use https, or allow it for this host by the tick beside the login.")),
    "secret_file": (QT_TRANSLATE_NOOP("errors", "The secret in {file} cannot be used: {reason}."), QT_TRANSLATE_NOOP("errors", "Choose a readable file that only you can read.")),
    "tls_untrusted": (QT_TRANSLATE_NOOP("errors", "The certificate of {address} is not trusted ({detail})."), QT_TRANSLATE_NOOP("errors", "If the fingerprint is that of your server, trust it: {fingerprint}")),
    "tls_pin": (QT_TRANSLATE_NOOP("errors", "The certificate of {address} is not the one you trusted."), QT_TRANSLATE_NOOP("errors", "If you changed it yourself, trust the new one ({fingerprint}); otherwise somebody may be listening in.")),
    "tls_failed": (QT_TRANSLATE_NOOP("errors", "No secure connection to {address} could be made: {detail}."), QT_TRANSLATE_NOOP("errors", "Check that the address should begin with https://.")),
    "live_off": (QT_TRANSLATE_NOOP("errors", "{address} gives no live view: {detail}."), QT_TRANSLATE_NOOP("errors", "Jobs run all the same. For the live view the proxy in front must pass WebSocket upgrades on (Upgrade and Connection headers).")),
    "stuck": (QT_TRANSLATE_NOOP("errors", "{host} looks stuck: it has said nothing for {minutes} minutes while a job runs."), QT_TRANSLATE_NOOP("errors", "Restart ComfyUI there; waiting jobs go on by themselves.")),
    # workflow files
    "file_missing": (QT_TRANSLATE_NOOP("errors", "There is no file {file}."), QT_TRANSLATE_NOOP("errors", "It may have been moved; choose it again.")),
    "file_unreadable": (QT_TRANSLATE_NOOP("errors", "{file} cannot be read: {detail}."), QT_TRANSLATE_NOOP("errors", "Check that you may read this file.")),
    "workflow_unknown": (QT_TRANSLATE_NOOP("errors", "There is no workflow “{name}” in the library."), QT_TRANSLATE_NOOP("errors", "Drop its file on the window to add it.")),
    "workflow_json": (QT_TRANSLATE_NOOP("errors", "{file} is not valid JSON: {detail}."), QT_TRANSLATE_NOOP("errors", "Save it again in ComfyUI, or export it there (File → Export (API), in older versions “Save (API Format)”).")),
    "workflow_gui": (QT_TRANSLATE_NOOP("errors", "{file} is in the editor's format, and no host has told yet what its nodes take."), QT_TRANSLATE_NOOP("errors", "Connect to the ComfyUI host that it is for; a file from File → Export (API), in older versions “Save (API Format)”, opens without one.")),
    "workflow_not": (QT_TRANSLATE_NOOP("errors", "{file} is not a ComfyUI workflow: {detail}."), QT_TRANSLATE_NOOP("errors", "Open a workflow that ComfyUI saved or exported (File → Export (API), in older versions “Save (API Format)”), or a picture that it made.")),
    "workflow_none": (QT_TRANSLATE_NOOP("errors", "{file} carries no workflow: the program that wrote or copied it left it out."), QT_TRANSLATE_NOOP("errors", "Open the file as ComfyUI saved it; messengers and web sites send copies without it.")),
    "profile_not": (QT_TRANSLATE_NOOP("errors", "{file} is not an arrangement of a form: {detail}."), QT_TRANSLATE_NOOP("errors", "Choose a file that “Arrange the form” exported; its name ends in .form.json.")),
    "preset_not": (QT_TRANSLATE_NOOP("errors", "{file} holds no presets: {detail}."), QT_TRANSLATE_NOOP("errors", "Choose a file that “Export presets” made; its name ends in .preset.json.")),
    "preset_many": (QT_TRANSLATE_NOOP("errors", "There is room for {limit} presets."), QT_TRANSLATE_NOOP("errors", "Delete some that you do not use.")),
    "copy_keys": (QT_TRANSLATE_NOOP("errors", "The value of {label} cannot be said in a command."), QT_TRANSLATE_NOOP("errors", "Copy it as a Python script, as curl or as API JSON.")),
    "workflow_limits": (QT_TRANSLATE_NOOP("errors", "{file} is too large or too deep for a workflow: {detail}."), QT_TRANSLATE_NOOP("errors", "Open a workflow that ComfyUI saved or exported (File → Export (API), in older versions “Save (API Format)”), or a picture that it made.")),
    "workflow_settings": (QT_TRANSLATE_NOOP("errors", "{file} carries only the settings of another program, no workflow."), QT_TRANSLATE_NOOP("errors", "Open a workflow first, then put these settings into its form.")),
    # files on the host
    "remote_missing": (QT_TRANSLATE_NOOP("errors", "{address} has no {file} any more."), QT_TRANSLATE_NOOP("errors", "Look at the list again.")),
    "remote_exists": (QT_TRANSLATE_NOOP("errors", "{address} already has {file}."), QT_TRANSLATE_NOOP("errors", "Choose another name, or overwrite it.")),
    "remote_refused": (QT_TRANSLATE_NOOP("errors", "{address} does not take the name {file}."), QT_TRANSLATE_NOOP("errors", "Choose a simpler name.")),
    "remote_none": (QT_TRANSLATE_NOOP("errors", "{address} keeps no workflows and templates that ComfyDesk could show."), QT_TRANSLATE_NOOP("errors", "Update ComfyUI there.")),
    "templates_none": (QT_TRANSLATE_NOOP("errors", "{address} has no templates of ComfyUI installed."), QT_TRANSLATE_NOOP("errors", "Install them there: pip install -r requirements.txt in ComfyUI’s folder.")),
    "remote_user": (QT_TRANSLATE_NOOP("errors", "{address} has several users: {names}."), QT_TRANSLATE_NOOP("errors", "Choose whose workflows are meant.")),
    "name_taken": (QT_TRANSLATE_NOOP("errors", "There is a “{name}” already."), QT_TRANSLATE_NOOP("errors", "Choose another name.")),
    "url_failed": (QT_TRANSLATE_NOOP("errors", "{url} could not be fetched: {detail}."), QT_TRANSLATE_NOOP("errors", "Open the address in a browser, save the file and add that.")),
    "version_gone": (QT_TRANSLATE_NOOP("errors", "That version of “{name}” is not kept any more."), QT_TRANSLATE_NOOP("errors", "Choose another version.")),
    "undo_gone": (QT_TRANSLATE_NOOP("errors", "What was removed cannot be brought back from here any more."), QT_TRANSLATE_NOOP("errors", "Look for it in the system's trash.")),
    "nodes_missing": (QT_TRANSLATE_NOOP("errors", "{address} lacks these nodes: {nodes}."), QT_TRANSLATE_NOOP("errors", "Install the custom nodes there, or choose another host or workflow.")),
    "nodes_of_pack": (QT_TRANSLATE_NOOP("errors", "{address} lacks {nodes} of the node pack {pack}."), QT_TRANSLATE_NOOP("errors", "Install {pack} there ({url}), or choose another host or workflow.")),
    "nodes_newer": (QT_TRANSLATE_NOOP("errors", "{address} lacks {nodes}, which the workflow has from ComfyUI {version}."), QT_TRANSLATE_NOOP("errors", "Update ComfyUI there, or choose another host.")),
    "nodes_deprecated": (QT_TRANSLATE_NOOP("errors", "Still running, but deprecated: {nodes}."), QT_TRANSLATE_NOOP("errors", "Use the nodes that took their place when you next change the workflow in ComfyUI.")),
    "paid_used": (QT_TRANSLATE_NOOP("errors", "Each run costs money: {nodes}."), QT_TRANSLATE_NOOP("errors", "Nothing is queued before you confirm it.")),
    "tags_unread": (QT_TRANSLATE_NOOP("errors", "{file} cannot be read as a list of tags: {detail}."), QT_TRANSLATE_NOOP("errors", "Choose a CSV file with one tag a line: name, kind, uses, other names.")),
    "prompt_expands": (QT_TRANSLATE_NOOP("errors", "The choices of a prompt open out to more than {letters} letters."), QT_TRANSLATE_NOOP("errors", "Take some of its wildcards out of each other, or shorten their files.")),
    "paid_nodes": (QT_TRANSLATE_NOOP("errors", "This would cost money: {times} with {nodes}."), QT_TRANSLATE_NOOP("errors", "Queue it again and confirm it if you want to pay for it.")),
    "path_inside": (QT_TRANSLATE_NOOP("errors", "{label} names a place on somebody's computer: “{value}”."), QT_TRANSLATE_NOOP("errors", "Nothing is uploaded from there; the server gets these words only. Correct it, or choose a file of your own.")),
    "prefix_outside": (QT_TRANSLATE_NOOP("errors", "{label} has “..” in it: “{value}”."), QT_TRANSLATE_NOOP("errors", "Give a name without “..”; ComfyUI would not hand out files of that name.")),
    "prefix_absolute": (QT_TRANSLATE_NOOP("errors", "{label} is a whole path: “{value}”."), QT_TRANSLATE_NOOP("errors", "ComfyUI saves only below its output folder; give a name, or a folder in there and a name.")),
    "prefix_long": (QT_TRANSLATE_NOOP("errors", "{label} is {length} bytes long, and the server's disk may refuse such a name."), QT_TRANSLATE_NOOP("errors", "Give a shorter name.")),
    "prefix_tokens": (QT_TRANSLATE_NOOP("errors", "{label} has {tokens} in it, which nothing fills in."), QT_TRANSLATE_NOOP("errors", "It stays as it is in the file names; %year%, %month%, %day%, %date:yyyy-MM-dd% and %NODE.INPUT% are filled in.")),
    "specs_needed": (QT_TRANSLATE_NOOP("errors", "{file} is in the editor's format: to convert it, a host must tell what its nodes take."), QT_TRANSLATE_NOOP("errors", "Connect to the host that it is for.")),
    # values
    "key_unknown": (QT_TRANSLATE_NOOP("errors", "The workflow has no input “{key}”."), QT_TRANSLATE_NOOP("errors", "Did you mean {near}?")),
    "key_ambiguous": (QT_TRANSLATE_NOOP("errors", "“{key}” fits more than one input: {candidates}."), QT_TRANSLATE_NOOP("errors", "Use one of these names instead.")),
    "value_type": (QT_TRANSLATE_NOOP("errors", "{label} needs {wanted}, not “{value}”."), QT_TRANSLATE_NOOP("errors", "Correct the value.")),
    "value_range": (QT_TRANSLATE_NOOP("errors", "{label} is {value}, but must be between {min} and {max}."), QT_TRANSLATE_NOOP("errors", "Choose a value in that range.")),
    "value_choice": (QT_TRANSLATE_NOOP("errors", "{label}: “{value}” is not on {address}."), QT_TRANSLATE_NOOP("errors", "Choose one that is there: {near}.")),
    "value_missing": (QT_TRANSLATE_NOOP("errors", "{label} is empty."), QT_TRANSLATE_NOOP("errors", "Choose a file or type a value.")),
    "input_missing": (QT_TRANSLATE_NOOP("errors", "The input file {file} is not there."), QT_TRANSLATE_NOOP("errors", "Choose the file again.")),
    "input_linked": (QT_TRANSLATE_NOOP("errors", "{label} comes from “{source}” and cannot be set here."), QT_TRANSLATE_NOOP("errors", "Set it there, or change the workflow.")),
    "link_broken": (QT_TRANSLATE_NOOP("errors", "{label} of {node} is not connected."), QT_TRANSLATE_NOOP("errors", "Connect it in ComfyUI and export the workflow again.")),
    "outputs_missing": (QT_TRANSLATE_NOOP("errors", "The workflow has no node that saves or shows a result."), QT_TRANSLATE_NOOP("errors", "Add a save node in ComfyUI and export it again.")),
    "input_unusable": (QT_TRANSLATE_NOOP("errors", "The input file {file} cannot be used: {detail}."), QT_TRANSLATE_NOOP("errors", "Choose another file.")),
    "usage": (QT_TRANSLATE_NOOP("errors", "{detail}."), QT_TRANSLATE_NOOP("errors", "Correct it and try again.")),
    # running
    "rejected": (QT_TRANSLATE_NOOP("errors", "{address} rejected the workflow: {detail}."), QT_TRANSLATE_NOOP("errors", "Correct what is named and queue it again.")),
    "partial_outputs": (QT_TRANSLATE_NOOP("errors", "{address} would run only a part of the workflow: {detail}."), QT_TRANSLATE_NOOP("errors", "Correct what is named and queue it again.")),
    "node_failed": (QT_TRANSLATE_NOOP("errors", "{node} failed: {detail}."), QT_TRANSLATE_NOOP("errors", "Look at the details, change the settings and queue it again.")),
    "out_of_memory": (QT_TRANSLATE_NOOP("errors", "{node} ran out of memory on {host}."), QT_TRANSLATE_NOOP("errors", "Free memory and retry, or choose a smaller size.")),
    "interrupted": (QT_TRANSLATE_NOOP("errors", "The run was stopped on {host}."), QT_TRANSLATE_NOOP("errors", "Queue it again if you want it.")),
    "lost": (QT_TRANSLATE_NOOP("errors", "{host} does not know this job any more: it was restarted, or the job was removed there."), QT_TRANSLATE_NOOP("errors", "Run it again.")),
    "job_timeout": (QT_TRANSLATE_NOOP("errors", "The time of {seconds} s is over; {open} jobs are not finished."), QT_TRANSLATE_NOOP("errors", "The jobs on the server go on.")),
    "unfinished": (QT_TRANSLATE_NOOP("errors", "Interrupted: {open} jobs are not finished."), QT_TRANSLATE_NOOP("errors", "Jobs already on the server go on there.")),
    # outputs
    "output_missing": (QT_TRANSLATE_NOOP("errors", "{file} could not be fetched: {detail}."), QT_TRANSLATE_NOOP("errors", "Retry the download, or run the job again with a new seed.")),
    "no_outputs": (QT_TRANSLATE_NOOP("errors", "The job finished but made no files."), QT_TRANSLATE_NOOP("errors", "Add a save node to the workflow, or keep its previews.")),
    "disk_full": (QT_TRANSLATE_NOOP("errors", "The disk of {folder} is full."), QT_TRANSLATE_NOOP("errors", "Free some space; downloads go on from where they were.")),
    "disk_write": (QT_TRANSLATE_NOOP("errors", "{folder} cannot be written: {detail}."), QT_TRANSLATE_NOOP("errors", "Choose another folder or correct its permissions.")),
    "trash_failed": (QT_TRANSLATE_NOOP("errors", "{file} could not be moved to the trash: {detail}."), QT_TRANSLATE_NOOP("errors", "Delete it in the file manager if you want it gone; its drive may have no trash.")),
    "store_broken": (QT_TRANSLATE_NOOP("errors", "The job store {file} is damaged: {detail}."), QT_TRANSLATE_NOOP("errors", "It was set aside as {aside}; ComfyDesk begins a new one.")),
    "store_newer": (QT_TRANSLATE_NOOP("errors", "The job store {file} was made by a newer ComfyDesk."), QT_TRANSLATE_NOOP("errors", "Update ComfyDesk, or start it with another --home.")),
    # the program
    "no_window": (QT_TRANSLATE_NOOP("errors", "The window needs Qt, which is not installed."), QT_TRANSLATE_NOOP("errors", "Install it with: pip install 'comfydesk[desktop]'")),
    "demo_failed": (QT_TRANSLATE_NOOP("errors", "The demo server did not start: {detail}."), QT_TRANSLATE_NOOP("errors", "The log has the details (Help → Open the log folder).")),
}
# fmt: on


def sentence(code: str, facts: Mapping[str, Any]) -> str:
    """What is wrong, in the window's language. Plain text: facts may come from a server."""
    return fill(_translated(WORDS[code][0]), facts)


def next_step(code: str, facts: Mapping[str, Any]) -> str:
    """What to do about it, in the window's language."""
    return fill(_translated(WORDS[code][1]), facts)


def says(problem: Problem) -> tuple[str, str]:
    """Sentence and next step of a problem."""
    return sentence(problem.code, problem.facts), next_step(problem.code, problem.facts)


def _translated(template: str) -> str:
    return QCoreApplication.translate("errors", template)
