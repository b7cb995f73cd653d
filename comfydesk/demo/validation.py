"""What the server answers to a prompt that it cannot run, word for word where clients read the words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from comfydesk.demo.nodes.catalog import NODES
from comfydesk.demo.nodes.spec import Input, ModelLists, NodeType

LONG_LIST = 20  # longer lists of choices are not quoted

Reasons = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`error` is None where at least one output can run; `outputs`: those; `node_errors`: what is wrong elsewhere."""

    error: dict[str, Any] | None
    outputs: list[str]
    node_errors: dict[str, Any]


@dataclass(slots=True)
class Validation:
    """One prompt under the eyes of one server. `file_exists(name)`: is this upload there?"""

    prompt: dict[str, Any]
    lists: ModelLists
    modern: bool
    names_missing_nodes: bool
    file_exists: Callable[[str], bool]
    _seen: dict[str, tuple[bool, Reasons]] = field(default_factory=dict)

    def verdict(self, only: list[str] | None = None) -> Verdict:
        """`only`: partial_execution_targets. May raise what malformed input makes Python raise: a 500 for clients."""
        outputs = []
        for node_id in self.prompt:
            problem = self._unknown(node_id)
            if problem is not None:
                return Verdict(problem, [], {})
            if NODES[self.prompt[node_id]["class_type"]].is_output and (only is None or node_id in only):
                outputs.append(node_id)
        if not outputs:
            return Verdict(_error("prompt_no_outputs", "Prompt has no outputs"), [], {})
        good, node_errors = self._check_outputs(outputs)
        if not good:
            failed = _error("prompt_outputs_failed_validation", "Prompt outputs failed validation")
            return Verdict(failed, [], node_errors)
        return Verdict(None, good, node_errors)

    def _unknown(self, node_id: str) -> dict[str, Any] | None:
        node = self.prompt[node_id]
        if "class_type" not in node:
            if not self.names_missing_nodes:
                message = "Cannot execute because a node is missing the class_type property."
                return _error("invalid_prompt", message, f"Node ID '#{node_id}'")
            title = node.get("_meta", {}).get("title")
            message = (
                f"Node '{title or f'ID #{node_id}'}' has no class_type. "
                "The workflow may be corrupted or a custom node is missing."
            )
            facts = {"node_id": node_id, "class_type": None, "node_title": title}
            return _error("missing_node_type", message, f"Node ID '#{node_id}'", facts)
        class_type = node["class_type"]
        if class_type in NODES:
            return None
        if not self.names_missing_nodes:
            message = f"Cannot execute because node {class_type} does not exist."
            return _error("invalid_prompt", message, f"Node ID '#{node_id}'")
        title = node.get("_meta", {}).get("title", class_type)
        message = f"Node '{title}' not found. The custom node may not be installed."
        facts = {"node_id": node_id, "class_type": class_type, "node_title": title}
        return _error("missing_node_type", message, f"Node ID '#{node_id}'", facts)

    def _check_outputs(self, outputs: list[str]) -> tuple[list[str], dict[str, Any]]:
        good: list[str] = []
        node_errors: dict[str, Any] = {}
        for output in outputs:
            try:
                valid = self._check(output)
            except Exception as exc:
                facts = {"exception_type": type(exc).__name__, "traceback": []}
                reason = _error("exception_during_validation", "Exception when validating node", str(exc), facts)
                self._seen[output] = (False, [reason])
                valid = False
            if valid:
                good.append(output)
                continue
            for node_id, (fine, reasons) in self._seen.items():
                if not fine and reasons:
                    shown = node_errors.setdefault(
                        node_id,
                        {
                            "errors": reasons,
                            "dependent_outputs": [],
                            "class_type": self.prompt[node_id]["class_type"],
                        },
                    )
                    shown["dependent_outputs"].append(output)
        return good, node_errors

    def _check(self, node_id: str) -> bool:
        if node_id in self._seen:
            return self._seen[node_id][0]
        node = self.prompt[node_id]
        spec = NODES[node["class_type"]]
        inputs = node["inputs"]
        reasons: Reasons = []
        fine = True
        wanted = spec.wanted(self.modern)
        for name, asked in (wanted | spec.welcome(self.modern)).items():
            if name not in inputs:
                if name in wanted:
                    reasons.append(
                        _error("required_input_missing", "Required input is missing", name, {"input_name": name})
                    )
                continue
            if isinstance(inputs[name], list):
                fine = self._check_link(node_id, spec, name, asked, reasons) and fine
            else:
                self._check_value(inputs, spec, name, asked, reasons)
        fine = fine and not reasons
        self._seen[node_id] = (fine, reasons)
        return fine

    def _check_link(self, node_id: str, spec: NodeType, name: str, asked: Input, reasons: Reasons) -> bool:
        link = self.prompt[node_id]["inputs"][name]
        shown = asked.show(self.lists, modern=self.modern, v3=spec.is_v3(self.modern))
        facts: dict[str, Any] = {"input_name": name, "input_config": shown, "received_value": link}
        if len(link) != 2:
            message = "Bad linked input, must be a length-2 list of [node_id, slot_index]"
            reasons.append(_error("bad_linked_input", message, name, facts))
            return True
        source, slot = link
        returned = NODES[self.prompt[source]["class_type"]].returns(self.modern)[slot]
        if asked.kind != "*" and not _fits(returned, asked.kind):
            facts = {"input_name": name, "input_config": shown, "received_type": returned, "linked_node": link}
            details = f"{name}, received_type({returned}) mismatch input_type({asked.kind})"
            reasons.append(_error("return_type_mismatch", "Return type mismatch between linked nodes", details, facts))
            return True
        try:
            return self._check(source)
        except Exception as exc:
            facts = {
                "input_name": name,
                "input_config": shown,
                "exception_message": str(exc),
                "exception_type": type(exc).__name__,
                "traceback": [],
                "linked_node": link,
            }
            message = "Exception when validating inner node"
            reason = _error("exception_during_inner_validation", message, str(exc), facts)
            self._seen[source] = (False, [reason])
            return False

    def _check_value(self, inputs: dict[str, Any], spec: NodeType, name: str, asked: Input, reasons: Reasons) -> None:
        shown = asked.show(self.lists, modern=self.modern, v3=spec.is_v3(self.modern))
        facts = {"input_name": name, "input_config": shown, "received_value": inputs[name]}
        convert = CONVERT.get(asked.kind)
        if convert is not None:
            try:
                inputs[name] = convert(inputs[name])
            except (TypeError, ValueError, OverflowError) as exc:
                message = f"Failed to convert an input value to a {asked.kind} value"
                details = f"{name}, {inputs[name]}, {exc}"
                reasons.append(_error("invalid_input_type", message, details, facts | {"exception_message": str(exc)}))
                return
        value = inputs[name]
        facts["received_value"] = value
        if asked.facts.get("image_upload"):
            if not self.file_exists(str(value)):
                details = f"{name} - Invalid image file: {value}"
                reasons.append(_error("custom_validation_failed", "Custom validation failed for node", details, facts))
            return
        low, high = asked.facts.get("min"), asked.facts.get("max")
        if low is not None and value < low:
            reasons.append(_error("value_smaller_than_min", f"Value {value} smaller than min of {low}", name, facts))
        elif high is not None and value > high:
            reasons.append(_error("value_bigger_than_max", f"Value {value} bigger than max of {high}", name, facts))
        elif asked.kind == "COMBO":
            choices = asked.options(self.lists, self.modern)
            if value not in choices:
                long = len(choices) > LONG_LIST
                listed = f"(list of length {len(choices)})" if long else str(choices)
                details = f"{name}: '{value}' not in {listed}"
                facts["input_config"] = None if long else shown
                reasons.append(_error("value_not_in_list", "Value not in list", details, facts))


CONVERT: Mapping[str, Callable[[Any], Any]] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}


def _fits(returned: str, asked: str) -> bool:
    """A combo takes a STRING link too; otherwise types must be equal."""
    return returned in asked.split(",") or returned == "*" or (asked == "COMBO" and returned in ("STRING", "COMBO"))


def _error(kind: str, message: str, details: str = "", facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"type": kind, "message": message, "details": details, "extra_info": dict(facts or {})}
