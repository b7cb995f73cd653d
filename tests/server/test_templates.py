"""A server's templates: its own, those of custom nodes, and what a server without any says."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from PIL import Image

from comfydesk.base.errors import Problem
from comfydesk.demo import process
from comfydesk.server import templates
from comfydesk.server.client import ServerClient
from comfydesk.server.transport import Transport
from tests.server.stub import Stub

INDEX = [
    {
        "moduleName": "default",
        "title": "Image",
        "type": "image",
        "templates": [
            {
                "name": "fox",
                "title": "A fox",
                "description": "Paints\u202e a fox",
                "mediaType": "image",
                "mediaSubtype": "webp",
                "tags": ["Image", 7, ""],
                "models": ["SDXL"],
                "size": 12,
                "usage": -3,
                "openSource": False,
                "isApp": True,
            },
            {"name": "../../secret"},
            {"name": "a/b"},
            {"name": 5},
            {"title": "nameless"},
            "odd",
            {"name": "bare", "mediaSubtype": "../x"},
        ],
    },
    {"title": "no templates"},
    "odd",
]


@pytest.fixture
def transport(client: ServerClient) -> Transport:
    return client.transport


@pytest.fixture(scope="module", params=["0.33.0", "0.3.64"])
def demo(request: pytest.FixtureRequest) -> Iterator[Transport]:
    with process.start(step_ms=1, profile=request.param) as server:
        client = ServerClient(server.url)
        yield client.transport
        client.close()


def test_every_template_of_a_server_can_be_fetched_with_its_picture(demo: Transport) -> None:
    found = templates.templates(demo)
    if not found.items:  # an older server: as it was recorded
        assert found.reason is not None and found.reason.code == "templates_none" and found.reason.next_step
        return
    assert found.reason is None
    assert {item.source for item in found.items} == {"default", "ComfyDesk-Demo"}
    for item in found.items:
        assert json.loads(templates.read(demo, item))["nodes"]
        if item.source == templates.CORE:
            picture = Image.open(io.BytesIO(templates.thumbnail(demo, item)))
            assert picture.format == "WEBP"
    with pytest.raises(Problem) as caught:
        templates.read(demo, templates.RemoteTemplate("gone", "Gone"))
    assert caught.value.code == "remote_missing" and "Gone" in caught.value.message


def test_what_a_server_says_of_its_templates_is_only_text(stub: Stub, transport: Transport) -> None:
    stub.routes["GET", "/templates/index.json"] = INDEX
    stub.routes["GET", "/workflow_templates"] = {
        "My Nodes": ["first one", "../x", 3, "first one"],
        "../y": ["z"],
        "q": 1,
    }
    fox, bare, example = templates.templates(transport).items
    assert (fox.title, fox.description, fox.tags) == ("A fox", "Paints a fox", ("Image",))
    assert (fox.category, fox.media_type, fox.size, fox.usage) == ("Image", "image", 12, 0)
    assert not fox.open_source and fox.is_app and fox.thumbnail_url == "/templates/fox-1.webp"
    assert (bare.title, bare.thumbnail_url) == ("bare", "")
    assert example.source == "My Nodes"
    assert example.thumbnail_url == "/api/workflow_templates/My%20Nodes/first%20one.jpg"


def test_titles_come_in_the_language_asked_for_where_the_server_has_it(stub: Stub, transport: Transport) -> None:
    stub.routes["GET", "/templates/index.json"] = INDEX
    german = [{"title": "Bild", "templates": [{"name": "fox", "title": "Ein Fuchs"}]}]
    stub.routes["GET", "/templates/index.de.json"] = german
    assert templates.templates(transport, "de").items[0].title == "Ein Fuchs"
    assert templates.templates(transport, "fr").items[0].title == "A fox"
    stub.asked.clear()
    templates.templates(transport, "../../x")
    assert [asked.path for asked in stub.asked] == ["/templates/index.json", "/workflow_templates"]


def test_a_page_for_people_in_place_of_the_index_counts_as_none(stub: Stub, transport: Transport) -> None:
    stub.routes["GET", "/templates/index.json"] = (200, "<html>the editor</html>")
    found = templates.templates(transport)
    assert found.items == () and found.reason is not None


def test_a_template_without_a_picture_says_so(stub: Stub, transport: Transport) -> None:
    with pytest.raises(Problem) as caught:
        templates.thumbnail(transport, templates.RemoteTemplate("fox", "A fox"))
    assert caught.value.code == "remote_missing"
    assert not stub.asked
