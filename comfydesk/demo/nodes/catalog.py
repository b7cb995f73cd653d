"""All node types of the demo server by name."""

from __future__ import annotations

from comfydesk.demo.nodes.spec import NodeType
from comfydesk.demo.nodes.table_media import PICTURES, SAVERS, WORDS
from comfydesk.demo.nodes.table_models import CONDITIONING, LOADERS
from comfydesk.demo.nodes.table_sampling import LATENTS, SAMPLERS

NODES: dict[str, NodeType] = {
    node.name: node for group in (SAMPLERS, LOADERS, CONDITIONING, LATENTS, PICTURES, WORDS, SAVERS) for node in group
}
