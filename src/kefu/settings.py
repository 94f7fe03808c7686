"""Every setting, typed, one section per component: TOML file, then environment, then the command line.

A key is `section.key` in the file and `KEFU_SECTION__KEY` in the environment (`KEFU_DATA_DIR` has no section).
A wrong key or value stops the start with its name and what is allowed.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kefu.errors import SettingsError

PREFIX = "KEFU_"
SHORTEST_SECRET = 16
_SWITCH: Mapping[str, str | None] = {
    **dict.fromkeys(("", "false", "0", "no", "off")),
    **dict.fromkeys(("true", "1", "yes", "on"), ""),
}
"""Words of the environment that turn something on or off."""


class StorageSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the truth and the hot state live. Empty: SQLite in the data directory, hot state in process."""

    sql_url: str = ""
    redis_url: str = ""
    vault_key: str = ""
    """64 hex digits that seal personal data at rest; empty: made on first start, in the data directory."""
    timeout_s: float = 0.25
    """The deadline of one Redis call."""


class LlmSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One OpenAI-compatible model; empty `base_url`: none. `models` in the file lists several, best first."""

    base_url: str = ""
    api_key: str = ""
    model: str = ""
    concurrency: int = 100
    price_prompt: float = 0.0
    """Price of a million prompt tokens, in the currency you account in."""
    price_completion: float = 0.0
    models: tuple[LlmSettings, ...] = ()


class UnderstandingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which models read messages, beside the pack's own."""

    llm: bool | str = False
    """Ask the language model about what the others are unsure of: true, or the `model` of the one to ask."""
    bert: str = ""
    """Tier 2: "onnx", "int8" or "torchscript" runs PACK/model/bert in this process; or a server's address."""
    bert_model: str = ""
    """The model's name on that server; empty: the name that training gave it."""
    bert_key: str = ""
    """Sent to that server as a bearer token."""

    @property
    def model(self) -> str | None:
        """The model to ask: None for none, "" for whichever is configured."""
        if isinstance(self.llm, bool):
            return "" if self.llm else None
        return _SWITCH.get(self.llm.strip().lower(), self.llm.strip())


class LimitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Admission. Rates are messages per second, bursts are messages."""

    enabled: bool = True
    user_rate: float = 5.0
    user_burst: float = 20.0
    ip_rate: float = 100.0
    ip_burst: float = 400.0
    tenant_rate: float = 5000.0
    tenant_burst: float = 10000.0
    concurrency: int = 512
    """The most turns under way at once; the limit adapts below that."""


class AuthSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may speak for whom. `service_keys` are Bearer keys of trusted back ends."""

    service_keys: tuple[str, ...] = ()
    require_key: bool = False
    demo: bool = True
    """Anonymous visitors act as a customer of the pack's demo shop. Turn it off before real customers come."""


class DeskSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The agent desk. Empty `token`: made and printed at first start, only its hash is kept."""

    token: str = ""


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to listen."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1


class TurnSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One turn's time budget in seconds, all steps together."""

    seconds: float = 30.0


class LogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written to standard error."""

    level: str = "info"
    turns: bool = True
    """One line per turn."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole tree. A component gets its own section, never this."""

    data_dir: str = "./var"
    pack: str = "retail"
    """The folder of a pack, or the name of one that is shipped."""
    storage: StorageSettings = StorageSettings()
    llm: LlmSettings = LlmSettings()
    understanding: UnderstandingSettings = UnderstandingSettings()
    limits: LimitSettings = LimitSettings()
    auth: AuthSettings = AuthSettings()
    desk: DeskSettings = DeskSettings()
    server: ServerSettings = ServerSettings()
    turn: TurnSettings = TurnSettings()
    log: LogSettings = LogSettings()
    channels: dict[str, str] = {}
    """Messaging systems at `/channels/webhook/NAME`: the name of each, and the secret that signs its calls."""

    @property
    def pack_dir(self) -> Path:
        """The pack's folder: as named, else the shipped one of that name, in the package or in its sources."""
        here = Path(__file__).parent
        places = [
            Path(self.pack),
            here / "packs" / self.pack,
            here.parents[1] / "packs" / self.pack,
        ]
        return next((place for place in places if place.is_dir()), places[0])

    @property
    def sql_url(self) -> str:
        """The SQL address, the embedded default filled in."""
        return self.storage.sql_url or f"sqlite:///{Path(self.data_dir) / 'kefu.sqlite3'}"


def load(
    file: Path | None = None,
    overrides: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from a TOML file, the environment and `overrides` (`{"server.port": "8001"}`), the last wins.

    Raises SettingsError naming the key.
    """
    tree = _from_file(file) if file is not None else {}
    for name, value in (os.environ if environ is None else environ).items():
        if name.startswith(PREFIX):
            _put(tree, name.removeprefix(PREFIX).lower().split("__"), value, name)
    for key, value in (overrides or {}).items():
        _put(tree, key.split("."), value, key)
    try:
        settings = msgspec.convert(tree, Settings, strict=False)
    except msgspec.ValidationError as exc:
        raise SettingsError(str(exc).replace("$.", "")) from exc
    return _checked(settings)


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as exc:
        raise SettingsError(f"{file}: cannot be read ({exc.strerror})") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{file}: not valid TOML: {exc}") from exc


def _put(tree: dict[str, Any], path: list[str], value: str, name: str) -> None:
    section = tree
    for part in path[:-1]:
        section = section.setdefault(part, {})
        if not isinstance(section, dict):
            raise SettingsError(f"{name}: {part!r} is a value, not a section")
    if isinstance(section.get(path[-1]), dict):
        raise SettingsError(f"{name}: {path[-1]!r} is a section, not a value")
    section[path[-1]] = value.split(",") if path[-1] == "service_keys" and value else value


def _checked(settings: Settings) -> Settings:
    """What types alone cannot say."""
    if not 0 <= settings.server.port <= 65535:
        raise SettingsError(f"server.port: {settings.server.port} is not in 0..65535")
    if settings.server.workers < 1:
        raise SettingsError("server.workers: at least 1")
    if settings.server.workers > 1 and not settings.storage.redis_url:
        raise SettingsError(
            "server.workers: several workers share their hot state; set storage.redis_url "
            "(KEFU_STORAGE__REDIS_URL=redis://…) or use one worker"
        )
    if settings.llm.base_url and not settings.llm.model:
        raise SettingsError("llm.model: name the model to ask at llm.base_url")
    _check_understanding(settings)
    if not re.fullmatch(r"(?:[0-9a-fA-F]{64})?", settings.storage.vault_key):
        raise SettingsError("storage.vault_key: 64 hex digits, or empty to have one made")
    if settings.turn.seconds <= 0:
        raise SettingsError("turn.seconds: more than 0")
    _check_channels(settings.channels)
    return settings


def _check_understanding(settings: Settings) -> None:
    """A model asked for by name must be there; whether any is there at all is no matter of right or wrong."""
    asked = settings.understanding.model
    models = [one.model for one in ([*settings.llm.models] or [settings.llm]) if one.base_url]
    if asked and asked not in models:
        raise SettingsError(
            f"understanding.llm: no model {asked!r} is configured; "
            f"write true, or one of: {', '.join(models) or 'none is configured, see llm.base_url'}"
        )


def _check_channels(channels: Mapping[str, str]) -> None:
    for name, secret in channels.items():
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,31}", name):
            raise SettingsError(f"channels.{name}: a name is 1 to 32 of a-z, 0-9, _ and -")
        if len(secret) < SHORTEST_SECRET:
            raise SettingsError(
                f"channels.{name}: a secret of at least {SHORTEST_SECRET} characters"
            )
