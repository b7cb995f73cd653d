"""From a graph and a host's specs to a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from typing import Any

from comfydesk.form import arrange, branches, custom_combo, kinds, labels, limits, loras, outputs, roles, structure
from comfydesk.form.fields import Field, Form, Group, Kind, Role, SeedMode
from comfydesk.form.kinds import UPLOAD_KINDS
from comfydesk.form.profile import Profile
from comfydesk.form.values import same
from comfydesk.form.walk import Place
from comfydesk.workflow.dynamic import expand
from comfydesk.workflow.graph import Graph, Link, Node
from comfydesk.workflow.specs import AUTOGROW, DYNAMIC_COMBO, InputSpec, Specs

# The order of the essentials. Of the roles in ONCE only the first stage's field is essential.
ORDER = (
    Role.MEDIA,
    Role.PROMPT,
    Role.NEGATIVE,
    Role.SEED,
    Role.WIDTH,
    Role.HEIGHT,
    Role.LENGTH,
    Role.STEPS,
    Role.CFG,
    Role.GUIDANCE,
    Role.DENOISE,
    Role.SAMPLER,
    Role.SCHEDULER,
    Role.MODEL,
)
ONCE = frozenset(
    {
        Role.WIDTH,
        Role.HEIGHT,
        Role.LENGTH,
        Role.STEPS,
        Role.CFG,
        Role.GUIDANCE,
        Role.DENOISE,
        Role.SAMPLER,
        Role.SCHEDULER,
    }
)
BOX = "bounding_box"
MOST_OF_A_ROLE = 16  # as many prompts as the largest public template has; hundreds would take seconds to build
MOST_LISTS = 2  # more lists of LoRAs than this are no essentials
NO_PROFILE = Profile()
NO_MODES: Mapping[str, SeedMode] = {}
NO_VALUES: Mapping[str, Any] = {}


def build(
    graph: Graph,
    specs: Specs | None,
    chosen: Profile = NO_PROFILE,
    seed_modes: Mapping[str, SeedMode] = NO_MODES,
    values: Mapping[str, Any] = NO_VALUES,
) -> Form:
    """The form of a workflow. `specs` None: no host was asked, kinds come from the file's JSON types.

    `chosen`: what its author or user wants to see first. `seed_modes`: by key, as the editor's file has them; a seed
    without one draws at random. Every input is in the form once: as an essential, in a group that a person made, in the
    group of its node, or among the hidden ones. `values`: what a person typed so far; only structural values count.
    """
    file, shaped = graph, structure.shape(graph, specs, values)
    graph = shaped.graph
    titles = labels.node_titles(graph, specs)
    if shaped.is_other:  # a loader that was taken out of a list is still known by its title
        titles = {**labels.node_titles(file, specs), **titles}
    plain = {node_id: labels.plain_title(graph, node_id, specs) for node_id in graph.nodes}
    found = roles.find(graph, specs)
    fields = [item for node_id in graph.order for item in _fields_of(graph.nodes[node_id], file, shaped, specs)]
    listed = _lora_lists(fields, file, specs, values)
    fields = [_with_picture(item, fields) if item.display == BOX else item for item in fields]
    order = [item.key for item in fields]
    links = {item.key: labels.link_text(item.value, titles, graph, specs) for item in fields if item.kind is Kind.LINK}
    fields = _with_seed_modes(_with_roles(fields, found, links), seed_modes)
    fields = _in_importance(fields, found)
    fields = labels.name_fields(fields, titles, plain)
    fields = [arrange.narrow(chosen, _with_range(item)) for item in _with_seed_groups(fields)]
    essentials = arrange.essentials_of(chosen, fields)
    if essentials is None:
        essentials = _essentials(fields, found, listed)
    taken = arrange.taken_of(chosen)
    essentials = [key for key in essentials if key not in taken]
    first = set(essentials)
    fields = [replace(item, essential=True) if item.key in first else item for item in fields]
    fields = arrange.rename(chosen, labels.tell_apart(fields, titles))
    nodes = outputs.chosen_first(outputs.output_nodes(graph, specs), chosen.outputs)
    return Form(
        fields=tuple(fields),
        essentials=tuple(essentials),
        groups=(*arrange.own_groups(chosen, fields), *_groups(graph, fields, titles, order, taken, listed)),
        hidden=arrange.hidden_of(chosen, fields),
        outputs=tuple((node.node_id, titles[node.node_id], node.class_type) for node in nodes),
        output_noun=outputs.noun([node for node in nodes if node.node_id in chosen.outputs] or nodes, specs),
        files_per_run=outputs.files_per_run(graph, None, {}, specs),
        warnings=graph.warnings,
        specs_known=specs is not None,
        titles=titles,
        plain_titles=plain,
        by_key={item.key: item for item in fields},
        branches=branches.find(graph, specs, fields),
        structure={item.key: values.get(item.key, item.value) for item in fields if item.structural},
        graph=graph if shaped.is_other else None,
    )


def _lora_lists(
    fields: list[Field], file: Graph, specs: Specs | None, values: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Put the list of each chain of LoRA loaders in front of their fields, which follow it in the list's order. Gives
    the keys of each list's own fields."""
    listed: dict[str, list[str]] = {}
    for chain in loras.chains(file, specs):
        made = loras.list_field(chain, file)
        held = loras.entries_of(values.get(made.key, made.value)) or []
        members = {node_id: [item for item in fields if item.node_id == node_id] for node_id, _ in held}
        own = [item for items in members.values() for item in items if item.kind is not Kind.LINK]
        keys = {item.key for item in own}
        at = next((at for at, item in enumerate(fields) if item.key in keys), len(fields))
        fields[at:] = [made, *own, *(item for item in fields[at:] if item.key not in keys)]
        listed[made.key] = [item.key for item in own]
    return listed


def _fields_of(node: Node, graph: Graph, shaped: structure.Shape, specs: Specs | None) -> Iterator[Field]:
    """The inputs of one node, in the order of its spec; what the spec does not know comes last. `graph`: the file's."""
    file = graph.nodes.get(node.node_id, node)
    spec = specs.node(node.class_type) if specs else None
    seen: set[str] = set()
    for item in expand(spec, node.inputs) if spec else ():
        if item.name in seen:
            continue
        seen.add(item.name)
        field = _field(node, file, item, is_fresh=(node.node_id, item.name) in shaped.fresh)
        if field is not None:
            yield field
    for name, value in node.inputs.items():
        if name in seen:
            continue
        if isinstance(value, Link):
            yield kinds.linked(node.node_id, name, value, None)
        else:
            yield kinds.from_value(node.node_id, node.class_type, name, value, exists=spec is None)


def _field(node: Node, file: Node, spec: InputSpec, *, is_fresh: bool) -> Field | None:
    """The field of one known input; None for those that a person has nothing to do with."""
    if spec.type == AUTOGROW:
        return kinds.growing(node.node_id, spec, structure.grown(spec, file.inputs))
    if is_fresh:  # of a choice that the file did not make: sent as a new node would have it
        value = spec.default if spec.type == DYNAMIC_COMBO else node.inputs[spec.name]
        return kinds.from_spec(node.node_id, spec, value, present=False, required=True)
    if spec.name in node.inputs:
        value = node.inputs[spec.name]
        if isinstance(value, Link):
            return kinds.linked(node.node_id, spec.name, value, spec)
        if spec.is_hidden:
            return None
        made = kinds.from_spec(node.node_id, spec, file.inputs[spec.name], present=True, required=spec.required)
        if written := custom_combo.choices_of(node.class_type, node.inputs) if made.kind is Kind.COMBO else ():
            made = replace(made, choices=written)
        return replace(made, dynamic_prompts=False) if spec.name in node.undrawn else made
    if spec.type == DYNAMIC_COMBO and not spec.is_hidden:
        return kinds.from_spec(node.node_id, spec, None, present=False, required=False)
    if not spec.is_editable:
        return None
    return kinds.from_spec(node.node_id, spec, spec.default, present=False, required=spec.required)


def _with_picture(item: Field, fields: list[Field]) -> Field:
    """A box is of the picture that its node takes straight from a file; behind other nodes it has another size."""
    links = {each.value.node_id for each in fields if each.node_id == item.node_id and each.kind is Kind.LINK}
    pictures = [each.key for each in fields if each.kind is Kind.IMAGE and each.node_id in links]
    return replace(item, picture=pictures[0]) if pictures else item


def _with_roles(fields: list[Field], found: roles.Roles, links: Mapping[str, str]) -> list[Field]:
    """To copy a field takes some 30 µs: each step copies only those that it changes."""
    made = []
    for item in fields:
        place = Place(item.node_id, item.input_name)
        role = found.by_place.get(place, Role.NONE)
        if item.kind is Kind.LINK:
            role = Role.NONE
        elif item.kind in UPLOAD_KINDS:
            role = Role.MEDIA
        elif role is Role.SEED and item.kind is Kind.INT and (item.max is None or item.max >= kinds.LEAST_SEED_MAX):
            # The primitive that a sampler takes its seed from is the seed.
            item = replace(item, kind=Kind.SEED, seed_mode=SeedMode.RANDOM, min=max(0, item.min or 0))
        if item.kind is Kind.SEED and place in found.dead_seeds:
            item = replace(item, seed_mode=SeedMode.FIXED)
            role = Role.NONE
        if role in (Role.PROMPT, Role.NEGATIVE) and item.kind is Kind.TEXT:
            item = replace(item, kind=Kind.MULTILINE)
        made.append(replace(item, role=role, group=item.node_id, link=links.get(item.key, "")))
    return made


def _with_seed_modes(fields: list[Field], modes: Mapping[str, SeedMode]) -> list[Field]:
    return [
        replace(item, seed_mode=modes[item.key]) if item.kind is Kind.SEED and item.key in modes else item
        for item in fields
    ]


def _in_importance(fields: list[Field], found: roles.Roles) -> list[Field]:
    """Fields of one role in the order in which the structure found them, so that the first stage gets number one."""
    place_of = {place: number for number, place in enumerate(found.by_place)}
    last = len(place_of)

    def rank(item: Field) -> int:
        return place_of.get(Place(item.node_id, item.input_name), last)

    by_role = sorted((item for item in fields if item.role is not Role.NONE), key=rank)
    return by_role + [item for item in fields if item.role is Role.NONE]


def _with_seed_groups(fields: list[Field]) -> list[Field]:
    """Seeds that are equal in the file are meant to be one: they share a group, named after the first."""
    equal: dict[Any, list[str]] = {}
    for item in fields:
        if _is_live_seed(item):
            equal.setdefault(item.value, []).append(item.key)
    shared = {key: keys[0] for keys in equal.values() if len(keys) > 1 for key in keys}
    return [replace(item, seed_group=shared[item.key]) if item.key in shared else item for item in fields]


def _is_live_seed(item: Field) -> bool:
    return bool(item.kind is Kind.SEED and item.seed_mode is not SeedMode.FIXED and item.present)


def _with_range(item: Field) -> Field:
    low, high, step = *limits.soft_range(item), limits.soft_step(item)
    if (low, high, step) == (item.soft_min, item.soft_max, item.step):
        return item
    return replace(item, soft_min=low, soft_max=high, step=step)


def _essentials(fields: list[Field], found: roles.Roles, listed: Mapping[str, list[str]]) -> list[str]:
    chosen: list[str] = []
    for role in ORDER:
        of_role = [item for item in fields if item.role is role and _is_essential(item, found)]
        if role is Role.SEED:
            of_role = [item for item in of_role if item.seed_group in ("", item.key)]
        chosen += [item.key for item in of_role[: 1 if role in ONCE else MOST_OF_A_ROLE]]
        if role is Role.HEIGHT:
            chosen += [item.key for item in fields if Place(item.node_id, item.input_name) in found.size_choices]
    if len(listed) <= MOST_LISTS:
        lists = [key for listing, keys in listed.items() for key in (listing, *keys)]
        chosen = [key for key in chosen if key not in lists] + lists
    return chosen


def _is_essential(item: Field, found: roles.Roles) -> bool:
    if not item.present and item.role is not Role.MEDIA:
        return False
    if item.role is Role.DENOISE:
        return not same(item.value, 1)
    return Place(item.node_id, item.input_name) not in found.quiet


def _groups(
    graph: Graph,
    fields: list[Field],
    titles: dict[str, str],
    order: list[str],
    taken: Set[str],
    listed: Mapping[str, list[str]],
) -> Iterator[Group]:
    """What is not essential, by node in the order of the flow; `order` has all keys as the nodes have them, `taken`
    those that stand elsewhere."""
    rest: dict[str, list[str]] = {}
    by_key = {item.key: item for item in fields}
    home = {key: by_key[listing].node_id for listing, keys in listed.items() for key in keys}
    for key in order:
        if not by_key[key].essential and (key not in taken or by_key[key].kind is Kind.LINK):
            rest.setdefault(home.get(key, by_key[key].node_id), []).append(key)
    for node_id, keys in rest.items():
        node = graph.nodes.get(node_id)
        yield Group(node_id, titles[node_id], node.class_type if node else "", tuple(keys))
