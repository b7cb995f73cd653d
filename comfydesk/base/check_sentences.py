"""The sentences of the check before a run: (what it is, what to do), by code; `errors.TEMPLATES` takes them in."""

from __future__ import annotations

CHECK_SENTENCES: dict[str, tuple[str, str]] = {
    "nodes_of_pack": (
        "{address} lacks {nodes} of the node pack {pack}.",
        "Install {pack} there ({url}), or choose another host or workflow.",
    ),
    "nodes_newer": (
        "{address} lacks {nodes}, which the workflow has from ComfyUI {version}.",
        "Update ComfyUI there, or choose another host.",
    ),
    "nodes_deprecated": (
        "Still running, but deprecated: {nodes}.",
        "Use the nodes that took their place when you next change the workflow in ComfyUI.",
    ),
    "paid_used": (
        "Each run costs money: {nodes}.",
        "Nothing is queued before you confirm it; commands need --allow-paid.",
    ),
    "tags_unread": (
        "{file} cannot be read as a list of tags: {detail}.",
        "Choose a CSV file with one tag a line: name, kind, uses, other names.",
    ),
    "prompt_expands": (
        "The choices of a prompt open out to more than {letters} letters.",
        "Take some of its wildcards out of each other, or shorten their files.",
    ),
    "paid_nodes": (
        "This would cost money: {times} with {nodes}.",
        "Give --allow-paid (allow_paid=True in Python) if you want to pay for it.",
    ),
    "path_inside": (
        "{label} names a place on somebody's computer: “{value}”.",
        "Nothing is uploaded from there; the server gets these words only. Correct it, or choose a file of your own.",
    ),
    "prefix_outside": (
        "{label} has “..” in it: “{value}”.",
        "Give a name without “..”; ComfyUI would not hand out files of that name.",
    ),
    "prefix_absolute": (
        "{label} is a whole path: “{value}”.",
        "ComfyUI saves only below its output folder; give a name, or a folder in there and a name.",
    ),
    "prefix_long": (
        "{label} is {length} bytes long, and the server's disk may refuse such a name.",
        "Give a shorter name.",
    ),
    "prefix_tokens": (
        "{label} has {tokens} in it, which nothing fills in.",
        "It stays as it is in the file names; %year%, %month%, %day%, %date:yyyy-MM-dd% and %NODE.INPUT% are filled "
        "in.",
    ),
    "specs_needed": (
        "{file} is in the editor's format: to convert it, a host must tell what its nodes take.",
        "Give --host HOST, or --object-info FILE with what a host answered to /object_info.",
    ),
}
