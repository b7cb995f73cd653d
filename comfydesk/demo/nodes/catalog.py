"""All node types of the demo server by name."""

from __future__ import annotations

from comfydesk.demo.nodes.spec import NodeType
from comfydesk.demo.nodes.table_media import PICTURES, WORDS
from comfydesk.demo.nodes.table_models import CONDITIONING, LOADERS
from comfydesk.demo.nodes.table_sampling import LATENTS, SAMPLERS
from comfydesk.demo.nodes.table_savers import SAVERS

NODES: dict[str, NodeType] = {
    node.name: node for group in (SAMPLERS, LOADERS, CONDITIONING, LATENTS, PICTURES, WORDS, SAVERS) for node in group
}
