"""The table of commands: where each body lives, what it is for, and examples of its use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Its body is `function` in kefu.cli.<module>, imported only when it is asked for."""

    name: str
    module: str
    function: str
    about: str
    examples: tuple[str, ...]

    @property
    def epilog(self) -> str:
        """The examples, under the help."""
        return "\n\n".join(("Examples:", *(f"  $ {example}" for example in self.examples)))

    def body(self) -> Callable[..., Any]:
        """The function that does it."""
        function: Callable[..., Any] = getattr(
            import_module(f"kefu.cli.{self.module}"), self.function
        )
        return function


_TABLE = (
    Command(
        "serve",
        "serve",
        "serve",
        "Start the service: chat page, desk, API.",
        (
            "kefu serve",
            "kefu serve --pack packs/retail --port 9000",
            "KEFU_LLM__BASE_URL=http://127.0.0.1:9001/v1 KEFU_LLM__MODEL=fake-llm kefu serve",
        ),
    ),
    Command(
        "chat",
        "chat",
        "chat",
        "Talk to a bot in the terminal.",
        (
            "kefu chat --trace",
            "kefu chat --url http://127.0.0.1:8000",
            "echo 我的订单到哪了 | kefu chat",
        ),
    ),
    Command(
        "understand",
        "understand",
        "understand",
        "Show what a text is taken for: intents, slots, mood.",
        (
            "kefu understand 帮我查下订单,顺便把地址改了",
            "kefu understand --json < messages.txt",
            "kefu understand --json-lines < messages.jsonl | jq .intents",
        ),
    ),
    Command(
        "route",
        "route",
        "route",
        "Show how a text would be understood and decided, without answering it.",
        ("kefu route 我要退款", "kefu route --json 转人工"),
    ),
    Command(
        "test",
        "test",
        "test",
        "Run the conversations of a pack.",
        ("kefu test packs/retail", "kefu test packs/retail --only 退款"),
    ),
    Command(
        "train",
        "train",
        "train",
        "Train the understanding model of a pack.",
        (
            "kefu train packs/retail",
            "kefu train packs/retail --with messages.txt --read texts.txt",
            "kefu train packs/retail --linear --out new-model",
            "kefu train packs/retail --checkpoint hfl/chinese-bert-wwm-ext",
        ),
    ),
    Command(
        "evaluate",
        "evaluate",
        "evaluate",
        "Measure the understanding of a pack on labelled texts.",
        (
            "kefu evaluate packs/retail --folds 5 --json",
            "kefu evaluate packs/retail --model packs/retail/model --on texts.jsonl --html report.html",
            "kefu evaluate packs/retail --model new-model --on texts.jsonl --against packs/retail/model",
        ),
    ),
    Command(
        "compare",
        "compare",
        "compare",
        "Compare two models on the same texts.",
        (
            "kefu compare texts.jsonl old-model packs/retail/model",
            "kefu compare packs/retail old-model new-model",
        ),
    ),
    Command(
        "bench",
        "bench",
        "bench",
        "Put a running service under load, and say what it took.",
        (
            "kefu bench http://127.0.0.1:8000",
            "kefu bench http://127.0.0.1:8000 --rate 800 --duration 30 --json",
            "kefu bench http://127.0.0.1:8000 --concurrency 64 --texts messages.txt",
        ),
    ),
    Command(
        "new",
        "new",
        "new",
        "Scaffold a small pack that runs.",
        ("kefu new mybot", "kefu new helpdesk --folder packs"),
    ),
    Command(
        "doctor",
        "doctor",
        "doctor",
        "Check that everything kefu needs is there, and say how to mend what is not.",
        ("kefu doctor", "kefu doctor --pack mybot --settings kefu.toml"),
    ),
    Command(
        "fake-llm",
        "fake_llm",
        "fake_llm",
        "Start a fake language model that behaves well, or badly on purpose.",
        (
            "kefu fake-llm --port 9001 --ttft 200 --token-ms 20",
            "kefu fake-llm --fault stall --after 5 --share 0.1 --seed 7",
            "kefu fake-llm --script replies.jsonl",
        ),
    ),
)

COMMANDS = {command.name: command for command in _TABLE}
