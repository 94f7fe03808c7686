"""Settings come from file and environment, and a wrong one names itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.errors import SettingsError
from kefu.settings import load


def test_the_embedded_defaults_need_nothing() -> None:
    settings = load(environ={})
    assert settings.sql_url == "sqlite:///var/kefu.sqlite3"
    assert settings.limits.enabled
    assert settings.storage.redis_url == ""


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    file = tmp_path / "kefu.toml"
    file.write_text('[server]\nport = 1\nhost = "file"\n[turn]\nseconds = 9\n', "utf-8")
    environ = {"KEFU_SERVER__PORT": "2", "KEFU_SERVER__HOST": "environ", "PATH": "/bin"}
    settings = load(file, {"server.port": "3"}, environ)
    assert (settings.server.port, settings.server.host) == (3, "environ")
    assert settings.turn.seconds == 9


def test_lists_and_switches_come_from_the_environment_too() -> None:
    environ = {"KEFU_AUTH__SERVICE_KEYS": "a,b", "KEFU_LIMITS__ENABLED": "false"}
    settings = load(environ=environ)
    assert settings.auth.service_keys == ("a", "b")
    assert not settings.limits.enabled


def test_channels_have_names_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "kefu.toml"
    file.write_text('[channels]\nshop = "0123456789abcdef"\n', "utf-8")
    settings = load(file, environ={"KEFU_CHANNELS__DESK_2": "fedcba9876543210"})
    assert settings.channels == {"shop": "0123456789abcdef", "desk_2": "fedcba9876543210"}


def test_a_secret_that_is_too_short_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        load(environ={"KEFU_CHANNELS__SHOP": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_several_models_are_a_table_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "kefu.toml"
    file.write_text(
        '[[llm.models]]\nbase_url = "http://a/v1"\nmodel = "m"\n'
        '[[llm.models]]\nbase_url = "http://b/v1"\nmodel = "n"\n',
        "utf-8",
    )
    assert [model.model for model in load(file, environ={}).llm.models] == ["m", "n"]


@pytest.mark.parametrize(
    ("said", "model"),
    [("", None), ("off", None), ("False", None), ("true", ""), ("1", ""), ("n", "n")],
)
def test_the_model_that_reads_messages_is_any_or_one_by_name(said: str, model: str | None) -> None:
    environ = {"KEFU_LLM__BASE_URL": "http://b/v1", "KEFU_LLM__MODEL": "n"}
    settings = load(environ={**environ, "KEFU_UNDERSTANDING__LLM": said})
    assert settings.understanding.model == model


def test_messages_are_read_by_no_language_model_unless_a_file_says_so(tmp_path: Path) -> None:
    assert load(environ={}).understanding.model is None
    file = tmp_path / "kefu.toml"
    file.write_text("[understanding]\nllm = true\n", "utf-8")
    assert load(file, environ={}).understanding.model == ""


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"KEFU_SERVER__PORT": "http"}, "server.port"),
        ({"KEFU_SERVER__PORT": "70000"}, "server.port"),
        ({"KEFU_SERVER__PROT": "1"}, "prot"),
        ({"KEFU_SERVER__WORKERS": "0"}, "server.workers"),
        ({"KEFU_SERVER__WORKERS": "2"}, "storage.redis_url"),
        ({"KEFU_LLM__BASE_URL": "http://x/v1"}, "llm.model"),
        ({"KEFU_TURN__SECONDS": "0"}, "turn.seconds"),
        ({"KEFU_UNDERSTANDING__LLM": "gpt"}, "understanding.llm: no model 'gpt'"),
        ({"KEFU_STORAGE__VAULT_KEY": "zz"}, "storage.vault_key"),
        ({"KEFU_DATA_DIR__X": "1", "KEFU_DATA_DIR": "y"}, "data_dir"),
        ({"KEFU_CHANNELS__SHOP": "short"}, "channels.shop"),
        ({"KEFU_CHANNELS__SHO.P": "a" * 16}, "channels.sho.p"),
        ({"KEFU_CHANNELS__SHOP__EU": "a" * 16}, "channels.shop|channels"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_names_itself(
    environ: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named):
        load(environ=environ)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "kefu.toml"
    file.write_text("[server\n", "utf-8")
    with pytest.raises(SettingsError, match=r"kefu\.toml"):
        load(file, environ={})
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "absent.toml", environ={})


def test_another_setting_of_the_environment_is_none_of_ours() -> None:
    assert load(environ={"KEFUX_SERVER__PORT": "1"}).server.port == 8000
