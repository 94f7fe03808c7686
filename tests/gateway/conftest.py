"""A service to talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gateway_served import Running, Serve, serving


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """A service without limits."""
    async with serving() as one:
        yield one


@pytest.fixture
def serve() -> Serve:
    """Serves with other settings."""
    return serving
