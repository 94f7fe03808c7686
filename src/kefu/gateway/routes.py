"""The route table and the PUBLIC list. Nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from kefu.gateway.openai_wire import Completion, CompletionRequest, ModelList
from kefu.gateway.openapi import Operation
from kefu.gateway.wire import ChatRequest, ChatResponse
from kefu.gateway.wire_parts import (
    FeedbackRequest,
    LiveResponse,
    MaskResponse,
    ModerateResponse,
    ReadyResponse,
    SessionResponse,
    TextsRequest,
    UnderstandRequest,
    UnderstandResponse,
)

_BODY = (400, 401, 408, 413, 415, 422, 429, 503)
_TURN = (400, 401, 403, 408, 409, 413, 415, 422, 429, 503)

TABLE = (
    Operation(
        "POST",
        "/v1/chat",
        "chat",
        "Answer one customer message, whole or as a stream",
        ChatRequest,
        ChatResponse,
        streams=True,
        problems=_TURN,
    ),
    Operation(
        "POST",
        "/v1/chat/completions",
        "completions",
        "Answer as OpenAI's chat completions do",
        CompletionRequest,
        Completion,
        streams=True,
        problems=_TURN,
    ),
    Operation(
        "GET", "/v1/models", "models", "List the one model", None, ModelList, problems=(401,)
    ),
    Operation(
        "POST",
        "/v1/understand",
        "understand",
        "Intents, slots and mood of each text",
        UnderstandRequest,
        UnderstandResponse,
        problems=_BODY,
    ),
    Operation(
        "POST",
        "/v1/mask",
        "mask",
        "Replace personal data in each text",
        TextsRequest,
        MaskResponse,
        problems=_BODY,
    ),
    Operation(
        "POST",
        "/v1/moderate",
        "moderate",
        "Judge each text",
        TextsRequest,
        ModerateResponse,
        problems=_BODY,
    ),
    Operation(
        "POST",
        "/v1/feedback",
        "feedback",
        "Rate a conversation or one turn of it",
        FeedbackRequest,
        problems=(400, 401, 403, 404, 408, 413, 415, 422, 429, 503),
    ),
    Operation(
        "GET",
        "/v1/sessions/{session_id}",
        "sessions",
        "The conversation as far as the caller may see it",
        None,
        SessionResponse,
        problems=(401, 403, 404, 422, 429, 503),
    ),
    Operation("GET", "/healthz", "live", "Liveness", None, LiveResponse, public=True, failing=True),
    Operation(
        "GET",
        "/readyz",
        "ready",
        "Readiness, with the state of each dependency",
        None,
        ReadyResponse,
        public=True,
        failing=True,
    ),
    Operation(
        "GET", "/metrics", "metrics", "Numbers for Prometheus", kind="text/plain", public=True
    ),
    Operation("GET", "/openapi.json", "openapi", "This document", None, dict, public=True),
    Operation("GET", "/docs", "docs", "This document, to be read", kind="text/html", public=True),
)
"""Every HTTP call of the contract, the hottest first."""

PUBLIC = frozenset(operation.path for operation in TABLE if operation.public)
"""Paths that ask nobody who they are. Every other door authenticates; a test goes through the table."""

SOCKET = "/v1/ws"


def routes(endpoints: Mapping[str, ASGIApp]) -> list[BaseRoute]:
    """The routes, with the endpoint of each by name."""
    http: list[BaseRoute] = [
        Route(operation.path, endpoints[operation.name], methods=[operation.method])
        for operation in TABLE
    ]
    return [*http, WebSocketRoute(SOCKET, endpoints["socket"])]
