"""OpenAPI 3.1, generated from the route table and the types that the doors really decode and encode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from kefu.gateway.wire_parts import Problem

Json = dict[str, Any]

_REF = "#/components/schemas/{name}"
_PROBLEMS = {
    400: "The request is malformed",
    401: "The key is missing or not known",
    403: "The caller may not have this",
    404: "There is no such thing",
    408: "The body did not arrive in time",
    409: "The sequence number was used with other words",
    413: "The body is too large",
    415: "The body has a content coding",
    422: "A field is wrong",
    429: "Too many requests",
    503: "Overloaded or not ready",
}
_WAITS = (429, 503)
_PLAIN = (None, dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the route table.

    `kind` is the media type of the answer, `streams` whether it may be server-sent events instead,
    `problems` the statuses it may end with.
    """

    method: Literal["GET", "POST"]
    path: str
    name: str
    summary: str
    request: type | None = None
    response: type | None = None
    kind: str = "application/json"
    streams: bool = False
    problems: Sequence[int] = ()
    public: bool = False
    failing: bool = False


def document(operations: Iterable[Operation], version: str) -> Json:
    """The OpenAPI document."""
    operations = tuple(operations)
    kinds = {Problem, *(op.request for op in operations), *(op.response for op in operations)}
    named = sorted((kind for kind in kinds if kind not in _PLAIN), key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(named, ref_template=_REF)
    for kind in named:
        schemas[kind.__name__].update(getattr(kind, "extra_schema", {}))
    paths: Json = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {**_INFO, "version": version},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"service": _BEARER}},
    }


_INFO = {
    "title": "kefu",
    "description": "A self-hosted, Chinese-first customer-service engine. The WebSocket at /v1/ws "
    "takes the request of POST /v1/chat as text frames, and answers with frames of the type meta, delta, "
    "done, error or notice.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_EVENT = {
    "type": "object",
    "description": "One server-sent event. POST /v1/chat sends meta, delta (its text), done (the whole "
    "response) and error (a problem), each with JSON as its data; OpenAI's door sends chunks without a name.",
    "required": ["data"],
    "properties": {"event": {"type": "string"}, "data": {"type": "string"}},
}
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "A service key. Only its owner may say who the end user is.",
}


def _operation(operation: Operation) -> Json:
    told: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "responses": _responses(operation),
    }
    parameters = _parameters(operation.path)
    if parameters:
        told["parameters"] = parameters
    if operation.request is not None:
        content = {"application/json": {"schema": _ref(operation.request)}}
        told["requestBody"] = {"required": True, "content": content}
    if not operation.public:
        told["security"] = [{}, {"service": []}]
    return told


def _parameters(path: str) -> list[Json]:
    if "{session_id}" not in path:
        return []
    schema = {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"}
    return [{"name": "session_id", "in": "path", "required": True, "schema": schema}]


def _responses(operation: Operation) -> Json:
    responses = {"200": _success(operation)}
    if operation.response is None and operation.kind == "application/json":
        responses = {"204": {"description": "Done"}}
    if operation.failing:
        responses["503"] = {**_success(operation), "description": "Not in order"}
    for status in operation.problems:
        responses[str(status)] = _problem(status)
    return responses


def _success(operation: Operation) -> Json:
    schema = _ref(operation.response) if operation.response else {"type": "string"}
    content = {operation.kind: {"schema": schema}}
    if operation.streams:
        content["text/event-stream"] = {"schema": _EVENT}
    return {"description": "The answer", "content": content}


def _problem(status: int) -> Json:
    content = {"application/problem+json": {"schema": _ref(Problem)}}
    told: Json = {"description": _PROBLEMS[status], "content": content}
    if status in _WAITS:
        wait = {"description": "Seconds to wait", "schema": {"type": "integer", "minimum": 1}}
        told["headers"] = {"Retry-After": wait}
    return told


def _ref(kind: type) -> Json:
    if kind is dict:
        return {"type": "object"}
    return {"$ref": _REF.format(name=kind.__name__)}
