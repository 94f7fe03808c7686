"""The wiring: settings to a running service. The only file that picks implementations."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import gc
import hashlib
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog
import uvicorn
import uvloop

from kefu.answering.answerers import Answerers
from kefu.channels import webhook
from kefu.channels.admitted import AdmittedTurns
from kefu.console import pages
from kefu.console.desk import DeskApi, DeskParts
from kefu.deciding.chooser import Chooser
from kefu.deciding.rules import Rules, Thresholds
from kefu.desk.queue import Queue
from kefu.dialogue.conversations import Conversations
from kefu.dialogue.sealing import Sealer
from kefu.dialogue.vault import Vault
from kefu.errors import SettingsError
from kefu.experiments import reading
from kefu.experiments.assign import Experiment
from kefu.gateway import server
from kefu.gateway.asgi import Doors, Gate, build
from kefu.gateway.auth import Keys
from kefu.gateway.backing import BackedFeedback, BackedHealth, BackedParts, BackedTurns
from kefu.gateway.limits import Bucket, Limits
from kefu.gateway.service import Service
from kefu.gateway.shell import Shell
from kefu.guarding.guard import Guard
from kefu.guarding.moderation import Moderation
from kefu.knowledge.faq import FaqIndex, questions
from kefu.llms.base import LanguageModel
from kefu.llms.failover import Failover
from kefu.llms.limits import Room
from kefu.llms.openai_compatible import Endpoint, OpenAICompatible
from kefu.llms.prices import Price
from kefu.llms.stack import Care, sturdy
from kefu.messages import Caller, SessionId
from kefu.observing.logs import configure
from kefu.observing.watch import Watch
from kefu.pack.pack import Pack, load
from kefu.pack.replies import LOCALES
from kefu.pack.toolbox import Toolbox
from kefu.settings import (
    LlmSettings,
    ServerSettings,
    Settings,
    StorageSettings,
    UnderstandingSettings,
)
from kefu.storage.base import HotStore, Log
from kefu.storage.memory import MemoryStore
from kefu.turn import Allowance, Identify, Steps, Turns
from kefu.understanding.language_model import language_model_tier
from kefu.understanding.linear import LinearTier
from kefu.understanding.reader import Reader
from kefu.understanding.runtimes.inference_protocol import ModelServer
from kefu.understanding.tiers import Further, open_reader, served_name
from kefu.workers import Workers

TOKEN_FILE = "desk.token.sha256"  # noqa: S105 -- a file name
WARM_UP = "我叫张三，电话13800138000，住在北京市朝阳区望京街道8号院3号楼1201室"
COLLECT = (10_000, 20, 20)
"""A turn makes some thousand objects, nearly all freed by reference count: looking after every 700 is waste."""
RELOAD_S = 2.0
"""How soon an edited word list takes effect."""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine, without doors."""

    turns: Turns
    pack: Pack
    steps: Steps
    toolbox: Toolbox
    hot: HotStore
    truth: Log
    watch: Watch
    checks: Mapping[str, Callable[[], Awaitable[None]]]


@asynccontextmanager
async def engine(settings: Settings) -> AsyncIterator[Engine]:
    """Everything below the doors, opened in order and closed in reverse.

    Raises PackError or SettingsError, naming what to mend.
    """
    data_dir = await asyncio.to_thread(_data_dir, settings)
    async with AsyncExitStack() as stack:
        pack = await asyncio.to_thread(lambda: load(settings.pack_dir))
        watch = Watch(settings.log.turns)
        truth = await _truth(settings, watch)
        stack.push_async_callback(truth.close)
        hot = _hot(settings.storage)
        stack.push_async_callback(hot.close)
        toolbox = await Toolbox.connect(pack, data_dir)
        stack.push_async_callback(toolbox.close)
        conversations = Conversations(hot, truth, await asyncio.to_thread(_sealer, settings))
        stack.push_async_callback(conversations.close)
        model = await _model(settings, watch, stack)
        reader = await open_reader(
            pack.model, watch.tier_failed, await _further(settings.understanding, model, pack)
        )
        stack.push_async_callback(reader.close)
        faq = FaqIndex(pack.faq, await reader.vectors(questions(pack.faq)))
        moderation = await asyncio.to_thread(Moderation, [pack.words, data_dir / "words"], _untold)
        await stack.enter_async_context(_kept_fresh(moderation))
        guard = await asyncio.to_thread(Guard, moderation, _public(pack))
        await _warm_up(guard, reader)
        steps = Steps(
            guard=guard,
            conversations=conversations,
            reader=reader,
            faq=faq,
            chooser=Chooser(_rules(pack)),
            answerers=Answerers(pack, toolbox, faq, model),
            desk=Queue(truth, hot),
            watch=watch,
            identify=_identify(settings, toolbox),
            experiments=_experiments(pack, watch),
        )
        allowance = Allowance(settings.turn.seconds, llm=model is not None)
        checks = {"sql": truth.ping, "hot": hot.ping}
        yield Engine(Turns(steps, allowance), pack, steps, toolbox, hot, truth, watch, checks)


def application(running: Engine, settings: Settings, token_hash: bytes) -> Shell:
    """The ASGI app over a running engine: all doors, with the pages."""
    steps = running.steps
    service = Service(
        turns=BackedTurns(running.turns, steps.conversations, running.hot),
        parts=BackedParts(steps.guard, steps.reader),
        feedback=BackedFeedback(steps.conversations, running.truth, steps.guard),
        health=BackedHealth(running.checks),
        metrics=running.watch.metrics,
        watch=running.watch.request,
        gauge=running.watch.metrics.watch_in_flight,
    )
    desk = DeskParts(
        steps.conversations,
        steps.desk,
        running.hot,
        steps.guard,
        token_hash,
        running.pack.settings.get("intents", {}),
    )
    mounts = [*pages.routes(_widget(running.pack, settings)), *DeskApi(desk).routes()]
    return build(service, _gate(settings), running.hot, mounts, doors=_channels(settings))


def serve(settings: Settings) -> None:
    """Serve until told to stop; several workers share one socket."""
    configure(settings.log.level)
    sockets = [_listen(settings.server)]
    if settings.server.workers == 1:
        work(settings, sockets)
        return
    LinearTier.load(load(settings.pack_dir).model)
    desk_token(settings)
    Workers(settings.server.workers, functools.partial(work, settings), sockets).run()


def work(settings: Settings, sockets: list[socket.socket]) -> None:
    """One worker: an event loop, an engine, the doors."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(settings, sockets))


def _listen(where: ServerSettings) -> socket.socket:
    """The listening socket. Raises SettingsError when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((where.host, where.port))
    except OSError as exc:
        raise SettingsError(
            f"server: cannot listen on {where.host}:{where.port} ({exc.strerror}); "
            "choose another with --port or KEFU_SERVER__PORT"
        ) from exc
    listening.set_inheritable(True)
    return listening


async def _work(settings: Settings, sockets: list[socket.socket]) -> None:
    configure(settings.log.level)
    async with engine(settings) as running:
        app = application(running, settings, desk_token(settings))
        config = server.config(app, settings.server.host, settings.server.port)
        _survive_signals()
        _spare_the_collector()
        await uvicorn.Server(config).serve(sockets=sockets)


def _spare_the_collector() -> None:
    """What was loaded at start stays to the end: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)


def _survive_signals() -> None:
    """Let the engine close after the server has: uvicorn raises a signal that it handled once more."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def desk_token(settings: Settings) -> bytes:
    """The SHA-256 of the desk's token; made and printed at the first start, then only the hash is kept."""
    if settings.desk.token:
        return hashlib.sha256(settings.desk.token.encode()).digest()
    file = _data_dir(settings) / TOKEN_FILE
    if not file.exists():
        token = secrets.token_urlsafe(18)
        digest = hashlib.sha256(token.encode()).hexdigest()
        file.touch(mode=0o600)
        file.write_text(digest, "ascii")
        sys.stdout.write(f"客服工作台令牌 / agent desk token (shown only now): {token}\n")
        sys.stdout.flush()
    return bytes.fromhex(file.read_text("ascii").strip())


def _data_dir(settings: Settings) -> Path:
    folder = Path(settings.data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _identify(settings: Settings, toolbox: Toolbox) -> Identify:
    """In demo mode, visitors who are nobody act as a customer of the demo shop."""

    def identify(caller: Caller, session: SessionId) -> Caller:
        if caller.user_id is not None or not settings.auth.demo:
            return caller
        return msgspec.structs.replace(caller, user_id=toolbox.demo_customer(session))

    return identify


async def _truth(settings: Settings, watch: Watch) -> Log:
    from kefu.storage.sql import SqlLog  # SQL drivers are slow to import; `kefu --help` needs none

    def commit(entries: int, waited_s: float, ran_s: float) -> None:
        watch.commit(entries, ran_s)

    return await SqlLog.open(settings.sql_url, observe=commit)


def _hot(storage: StorageSettings) -> HotStore:
    if not storage.redis_url:
        return MemoryStore()
    from kefu.storage.redis import RedisStore  # not needed by the embedded default

    return RedisStore(storage.redis_url, storage.timeout_s)


async def _further(
    asked: UnderstandingSettings, model: LanguageModel | None, pack: Pack
) -> Further:
    """The tiers that the operator wants beside the pack's own."""
    bert: str | ModelServer = asked.bert
    if asked.bert.startswith(("http://", "https://")):
        name = asked.bert_model or (await asyncio.to_thread(served_name, pack.model))
        bert = ModelServer(asked.bert, name, api_key=asked.bert_key)
    reading = await asyncio.to_thread(language_model_tier, asked.model, model, pack)
    return Further(bert, reading)


async def _model(settings: Settings, watch: Watch, stack: AsyncExitStack) -> LanguageModel | None:
    """The configured models behind one port, best first; None where there is none."""
    asked = [*settings.llm.models] or [settings.llm]
    models = [_sturdy(one, watch, stack) for one in asked if one.base_url]
    if not models:
        return None
    return models[0] if len(models) == 1 else Failover(models)


def _sturdy(one: LlmSettings, watch: Watch, stack: AsyncExitStack) -> LanguageModel:
    price = Price(one.price_prompt, one.price_completion)
    vendor = OpenAICompatible(Endpoint(one.base_url, one.model, one.api_key, price=price))
    stack.push_async_callback(vendor.close)
    return sturdy(vendor, watch.model_call, Care(room=Room(running=one.concurrency)))


@asynccontextmanager
async def _kept_fresh(moderation: Moderation) -> AsyncIterator[None]:
    """Read word lists again soon after their files change."""

    async def watch_files() -> None:
        while True:
            await asyncio.sleep(RELOAD_S)
            await asyncio.to_thread(moderation.reload_if_changed)

    task = asyncio.get_running_loop().create_task(watch_files())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _untold(path: Path, reason: str) -> None:
    """A word list on disk is broken; the last good one stays."""
    structlog.get_logger().error("word_list_broken", file=path.name, reason=reason)


async def _warm_up(guard: Guard, reader: Reader) -> None:
    """Build what is built at first use, so that no customer waits for it."""
    await asyncio.to_thread(guard.incoming, WARM_UP, Vault({}), None)
    await reader.open()


def _public(pack: Pack) -> Iterator[str]:
    """What the owner says to everybody, so that its telephone numbers are not starred."""
    yield pack.policy
    for entry in pack.faq:
        yield from entry.answers.values()


def _rules(pack: Pack) -> Rules:
    thresholds = Thresholds(**pack.settings.get("thresholds", {}))
    faq_intents = frozenset(pack.settings.get("faq_intents", ()))
    when_sure = frozenset(pack.settings.get("faq_when_sure", ()))
    changing = frozenset(name for name, flow in pack.flows.items() if flow.changes)
    return Rules(pack.starters, faq_intents, when_sure, thresholds, changing)


def _experiments(pack: Pack, watch: Watch) -> tuple[Experiment, ...]:
    known = [field.name for field in dataclasses.fields(Thresholds)]
    experiments = reading.read(pack.settings.get("experiments", []), known)
    if experiments:
        watch.metrics.watch_experiments()
    return experiments


def _sealer(settings: Settings) -> Sealer:
    key = settings.storage.vault_key
    if key:
        return Sealer(bytes.fromhex(key))
    return Sealer.from_file(Path(settings.data_dir) / "vault.key")


def _widget(pack: Pack, settings: Settings) -> pages.WidgetInfo:
    own = pack.settings
    title: dict[str, str] = {locale: pack.manifest.title.say(locale, {}) for locale in LOCALES}
    return pages.WidgetInfo(
        title=title,
        greeting=own.get("greeting", {}),
        quick=own.get("quick", {}),
        demo=settings.auth.demo,
    )


def _channels(settings: Settings) -> Doors:
    return lambda entrance: webhook.routes(settings.channels, AdmittedTurns(entrance))


def _gate(settings: Settings) -> Gate:
    limits = settings.limits
    return Gate(
        keys=Keys(
            {key: "default" for key in settings.auth.service_keys}, settings.auth.require_key
        ),
        limits=Limits(
            enabled=limits.enabled,
            user=Bucket(limits.user_rate, limits.user_burst),
            ip=Bucket(limits.ip_rate, limits.ip_burst),
            tenant=Bucket(limits.tenant_rate, limits.tenant_burst),
            most=limits.concurrency,
            least=min(64, limits.concurrency),
        ),
    )
