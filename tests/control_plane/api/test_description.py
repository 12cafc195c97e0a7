"""The API's OpenAPI document: complete, and its examples are valid."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from control_plane.api.app import create_app
from control_plane.apps import event_types
from control_plane.auth import make_local_verifier
from services.backends import Access
from services.backends.open import memory_backends
from services.subscriptions.events import TEST_EVENT_TYPE, EventType
from tests.control_plane.api.conftest import KEYS


@pytest.fixture(scope="module")
async def document() -> dict[str, Any]:
    async with memory_backends() as backends:
        access = Access(operator=backends, as_tenant=lambda *_caller: backends)
        return create_app(access, make_local_verifier(KEYS)).openapi()


def event_validator(document: dict[str, Any]) -> Draft202012Validator:
    """Of the body of every webhook."""
    schema = {"$ref": "#/components/schemas/Event", "components": document["components"]}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def media(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body and every answer."""
    for label, operation in operations(document):
        contents = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for name, content in contents.items():
            for found in content.get("content", {}).values():
                yield f"{label} {name}", found


def test_every_operation_has_one_noun_its_own_id_and_a_description(document: dict[str, Any]) -> None:
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    ids = [operation["operationId"] for _, operation in operations(document)]

    assert document["openapi"].startswith("3.1")
    assert len(ids) == len(set(ids))
    assert all(operation_id.isidentifier() for operation_id in ids)
    for label, operation in operations(document):
        assert len(operation["tags"]) == 1, label
        assert set(operation["tags"]) <= described, label
        assert operation.get("description"), label


def test_every_event_is_described_with_an_example_that_its_schema_allows(document: dict[str, Any]) -> None:
    webhooks = {name: methods["post"] for name, methods in document["webhooks"].items()}
    assert set(webhooks) == {*EventType, *event_types(), TEST_EVENT_TYPE}
    for name, operation in webhooks.items():
        assert operation["operationId"].isidentifier()
        assert operation["description"]
        assert {each["name"] for each in operation["parameters"]} == {
            "webhook-id", "webhook-timestamp", "webhook-signature",
        }  # fmt: skip
        body = operation["requestBody"]["content"]["application/json"]
        assert body["example"]["type"] == name
        event_validator(document).validate(body["example"])


def test_every_change_has_a_described_body_or_none(document: dict[str, Any]) -> None:
    without = {label for label, operation in operations(document) if "requestBody" not in operation}
    changes = {label for label in without if label.startswith(("PATCH", "PUT"))}
    assert changes == set()


def test_every_body_and_answer_has_an_example_that_its_schema_allows(document: dict[str, Any]) -> None:
    invalid = []
    for label, found in media(document):
        if "schema" not in found:  # a stream of lines
            continue
        schema = {**found["schema"], "components": document["components"]}
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        if "example" not in found:
            invalid.append(f"{label}: has no example")
        invalid += [
            f"{label}: {error.json_path}: {error.message}"[:300] for error in validator.iter_errors(found["example"])
        ]
    assert invalid == []
