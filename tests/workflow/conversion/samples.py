"""Graphs with everything at once, for the tests of writing back and of mutation."""

from __future__ import annotations

from typing import Any

from tests.workflow.conversion.graphs import graph, node, subgraph, widget_input, with_subgraphs


def inner() -> dict[str, Any]:
    """Picture 11 → Sample 12 → out; `width` feeds Picture's width, `seed` and the text are not promoted."""
    return subgraph(
        "sub",
        [
            {**node(11, "Picture", 64, 48, links=[[2]]), "inputs": [widget_input("width", 1)]},
            node(12, "Sample", 5, "fixed", 20, inputs={"image": 2}, links=[[3]]),
            node(13, "Text", "a {red} fox"),
        ],
        [[1, -10, 0, 11, 0], [2, 11, 0, 12, 0], [3, 12, 0, -20, 0]],
        {"width": [1]},
        {"IMAGE": [3]},
    )


def one_use() -> dict[str, Any]:
    root = graph(
        [node(2, "sub", 100, links=[[1]]), node(3, "SaveImage", "out", inputs={"images": 1})], [[1, 2, 0, 3, 0]]
    )
    return with_subgraphs(root, inner())


def two_uses() -> dict[str, Any]:
    root = graph(
        [
            node(2, "sub", 100, links=[[1]]),
            node(4, "sub", 200, links=[[2]]),
            node(3, "SaveImage", "out", inputs={"images": 1}),
            node(5, "SaveImage", "out", inputs={"images": 2}),
        ],
        [[1, 2, 0, 3, 0], [2, 4, 0, 5, 0]],
    )
    return with_subgraphs(root, inner())


def nested() -> dict[str, Any]:
    """`outer` holds `sub` twice and is itself used twice; its `width` feeds both."""
    outer = subgraph(
        "outer",
        [
            {**node(21, "sub", 1, links=[[3]]), "inputs": [widget_input("width", 1)]},
            {**node(22, "sub", 2, links=[[]]), "inputs": [widget_input("width", 2)]},
        ],
        [[1, -10, 0, 21, 0], [2, -10, 0, 22, 0], [3, 21, 0, -20, 0]],
        {"width": [1, 2]},
        {"IMAGE": [3]},
    )
    root = graph(
        [
            node(2, "outer", 300, links=[[1]]),
            node(4, "outer", links=[[2]]),
            node(3, "SaveImage", "out", inputs={"images": 1}),
            node(5, "SaveImage", "out", inputs={"images": 2}),
        ],
        [[1, 2, 0, 3, 0], [2, 4, 0, 5, 0]],
    )
    return with_subgraphs(root, outer, inner())


def promoted_the_old_way() -> dict[str, Any]:
    proxies = {"proxyWidgets": [["11", "height"], ["-1", "width"], ["12", "seed"], ["77", "gone"]]}
    host = {**node(2, "sub", 7, 8, 9, links=[[1]]), "properties": proxies}
    root = graph([host, node(3, "SaveImage", "out", inputs={"images": 1})], [[1, 2, 0, 3, 0]])
    return with_subgraphs(root, inner())


def fan_out() -> dict[str, Any]:
    """One promoted value for two widgets, and a primitive node for two others."""
    held = subgraph(
        "fan",
        [
            {**node(11, "Picture", 64, 48), "inputs": [widget_input("height", 1)]},
            {**node(12, "Picture", 64, 48), "inputs": [widget_input("width", 4), widget_input("height", 2)]},
            {**node(13, "Picture", 64, 48), "inputs": [widget_input("width", 3)]},
            node(14, "PrimitiveNode", 160, "fixed", links=[[3, 4]]),
        ],
        [[1, -10, 0, 11, 0], [2, -10, 0, 12, 1], [3, 14, 0, 13, 0], [4, 14, 0, 12, 0]],
        {"height": [1, 2]},
    )
    return with_subgraphs(graph([node(2, "fan", 500), node(4, "fan")]), held)


def primitives() -> dict[str, Any]:
    return graph(
        [
            node(1, "PrimitiveNode", 128, "fixed", links=[[1, 2]]),
            {**node(2, "Picture", 64, 48), "inputs": [widget_input("width", 1)]},
            {**node(3, "Picture", 64, 48), "inputs": [widget_input("width", 2)]},
        ],
        [[1, 1, 0, 2, 0], [2, 1, 0, 3, 0]],
    )


def grouped() -> dict[str, Any]:
    """An older file's group of Picture and Invert."""
    group = {
        "nodes": [node(-1, "Picture", 1, 2), node(-1, "Invert", inputs={"image": None})],
        "links": [[0, 0, 1, 0, 1, "IMAGE"]],
        "external": [],
    }
    return graph(
        [
            node(2, "workflow/G", 640, 480, links=[[1]], mode=2),
            node(3, "SaveImage", "out", inputs={"images": 1}),
        ],
        [[1, 2, 0, 3, 0]],
        extra={"groupNodes": {"G": group}},
    )


def plain() -> dict[str, Any]:
    return graph(
        [
            node(1, "Picture", 64, links=[[1]]),
            node(2, "Choice", "good", 9, 0.5, "words", inputs={"model.guide": 1}),
            {**node(3, "Picture"), "widgets_values": {"height": 7}},
            node(4, "Text", "a {red|blue} fox // note"),
            node(5, "Colours", ["#123"]),
            node(6, "Unknown", "text", 5),
            node(7, "CustomCombo", "b", 0, "a", "b", ""),
        ],
        [[1, 1, 0, 2, 1]],
    )


ALL = (plain, one_use, two_uses, nested, promoted_the_old_way, fan_out, primitives, grouped)
