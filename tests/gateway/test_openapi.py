"""The contract that we publish is valid, complete, and kept."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from gateway_served import OPEN, Running
from gateway_twin import Twin
from kefu.gateway import asgi
from kefu.gateway.routes import PUBLIC, TABLE

DOCUMENT: dict[str, Any] = json.loads(asgi.CONTRACT)


def test_every_row_of_the_route_table_is_in_the_document() -> None:
    for row in TABLE:
        assert DOCUMENT["paths"][row.path][row.method.lower()]["operationId"] == row.name
    assert DOCUMENT["openapi"] == "3.1.0"


def test_every_schema_is_valid_and_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.meta.validate(schema)
    text = json.dumps(DOCUMENT)
    for name in {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}:
        assert name in schemas


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.path not in PUBLIC], ids=lambda row: row.name
)
async def test_every_door_that_is_not_public_refuses_a_bad_key(running: Running, row: Any) -> None:
    path = row.path.replace("{session_id}", "s")
    headers = {"Authorization": "Bearer wrong"}
    async with running.http.request(row.method, path, headers=headers) as response:
        assert response.status == 401


async def test_the_page_shows_the_document_without_any_other_host(running: Running) -> None:
    async with running.http.get("/openapi.json") as response:
        assert await response.json() == DOCUMENT
    async with running.http.get("/docs") as response:
        page = await response.text()
    assert 'id="problem-conflict"' in page
    assert "http" not in page.replace("https://", "").replace("http-", "") or "//" not in page
    for name in ("docs.js", "docs.css"):
        assert name in page
        async with running.http.get(f"/docs/{name}") as response:
            assert response.status == 200
            assert "://" not in await response.text()


schema = schemathesis.openapi.from_asgi(
    "/openapi.json", asgi.build(Twin().service(), OPEN, Twin().tokens)
)


@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_what_the_document_promises_is_kept(case: schemathesis.Case[Any]) -> None:
    not_in_schema: list[Any] = [positive_data_acceptance] if "completions" in case.path else []
    case.call_and_validate(excluded_checks=not_in_schema)
