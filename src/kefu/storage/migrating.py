"""From one version of the tables to the newest, as SQL text. Alembic is imported only when it is needed."""

from __future__ import annotations

import io
import threading

from kefu.errors import StoreError
from kefu.storage.tables import HEAD

FIND_SQLITE = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
# Not to_regclass: it remembers, within a connection, that there was none a moment ago.
FIND_POSTGRES = (
    "SELECT EXISTS (SELECT 1 FROM pg_tables "
    "WHERE tablename = 'alembic_version' AND schemaname = current_schema())"
)
VERSION = "SELECT version_num FROM alembic_version"

_one_at_a_time = threading.Lock()  # Alembic keeps its context in a module


def script(dialect: str, current: str | None) -> str:
    """Write the SQL from `current` (None: an empty database) to HEAD. Blocks some 0.3 s.

    Raises StoreError when `current` is a version of a newer kefu.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    output = io.StringIO()
    config = Config(output_buffer=output)
    config.set_main_option("script_location", "kefu.storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes.update(dialect=dialect, output=output)
    try:
        with _one_at_a_time:
            command.upgrade(config, f"{current or 'base'}:{HEAD}", sql=True)
    except CommandError as error:
        raise StoreError(
            f"the database's tables are at version {current}, which this kefu ({HEAD}) does not "
            "know: run the kefu that made them, or a newer one"
        ) from error
    return output.getvalue()
