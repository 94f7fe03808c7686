"""Everything that can go wrong, as one tree.

KefuError
├── BadMessage          the caller sent something we cannot take; names the field
├── NotAllowed          we know what is asked, and who asks may not have it
│   └── NotAuthenticated    we do not know who asks
├── NotFound            no such conversation, turn, flow or page
├── Conflict            the same sequence number with other words
├── Overloaded          come back later; carries retry_after
│   ├── QueueFull           a bounded queue is at its bound
│   └── RateLimited         one caller sends too much
├── DeadlineExceeded    the time budget of a turn is spent
├── StoreError          the data tier; stops at its step
│   ├── StoreUnavailable    no answer, or no answer in time
│   └── VersionClash        somebody else wrote first
├── ModelError          a language model; stops at its step
│   ├── ModelTimeout        no (next) token in time
│   ├── ModelRefused        401, 403, 429, content filter
│   └── ModelBroken         5xx, cut stream, not the promised format
├── ToolError           a pack's tool failed; stops at its flow
├── PackError           a pack's file is wrong; names file and place
├── SettingsError       a setting is wrong; names the key
└── MissingExtra        an optional dependency is not installed; says the pip line

None of these knows HTTP: gateway/problems.py holds the one table that maps them.
"""

from __future__ import annotations


class KefuError(Exception):
    """Base of every error that kefu raises on purpose."""


class BadMessage(KefuError):
    """The caller sent something we cannot take. `field` is a dotted path, "" for the whole."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


class NotAllowed(KefuError):
    """Who asks may not have what is asked."""


class NotAuthenticated(NotAllowed):
    """We do not know who asks."""


class NotFound(KefuError):
    """There is no such thing, or none that the caller may see."""


class Conflict(KefuError):
    """The same (session_id, seq) was used before with other words."""


class Overloaded(KefuError):
    """Refused before any work; `retry_after` in seconds."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QueueFull(Overloaded):
    """A bounded queue is at its bound."""


class RateLimited(Overloaded):
    """One caller sends more than its share."""


class DeadlineExceeded(KefuError):
    """The time budget of a turn is spent."""


class StoreError(KefuError):
    """The data tier failed. Stops at its step."""


class StoreUnavailable(StoreError):
    """A store gave no answer, or none in time."""


class VersionClash(StoreError):
    """Somebody else wrote first; read again and apply again."""


class ModelError(KefuError):
    """A language model failed. Stops at its step."""


class ModelTimeout(ModelError):
    """No first, or no next, token in time."""


class ModelRefused(ModelError):
    """The model's owner said no: key, quota, content filter."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ModelBroken(ModelError):
    """5xx, a cut stream, an empty reply, or not the promised format."""


class ToolError(KefuError):
    """A pack's tool failed. Stops at its flow."""


class PackError(KefuError):
    """A pack's file is wrong; the message names file, place and remedy."""


class SettingsError(KefuError):
    """A setting is wrong; the message names key, value and remedy."""


class MissingExtra(KefuError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'kefu[{extra}]'")
