"""`kefu serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from kefu.cli import options


def serve(
    pack: options.Pack = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port.", show_default="8000")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; more than 1 need Redis.", show_default="1")
    ] = None,
    file: options.SettingsFile = None,
) -> None:
    """Start the service: chat page at /, desk at /desk, API at /v1, its description at /docs.

    Every setting can also be given as KEFU_SECTION__KEY in the environment.
    """
    chosen = options.settings(
        file, pack=pack, server__host=host, server__port=port, server__workers=workers
    )
    from kefu.app import serve as run

    server = chosen.server
    print(
        f"kefu: starting at http://{server.host}:{server.port}  (desk: /desk, API: /docs; Ctrl-C stops)",
        flush=True,
    )
    run(chosen)
