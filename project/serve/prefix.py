"""Where the site begins: below PATH_PREFIX, so that others can live under the same name."""

from collections.abc import Coroutine
from typing import Any

from asgiref.sync import markcoroutinefunction


class BelowPrefix:
    """Has every address begin with the prefix.

    Proxies pass it on or take it off, and whoever asks how the site is comes past them and knows of none.
    """

    def __init__(self, application: Any, prefix: str) -> None:
        self.application = application
        self.prefix = prefix
        markcoroutinefunction(self)  # Or other servers would take it for an application of ASGI 2.

    def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Coroutine[Any, Any, None]:
        if self.prefix and not f"{scope['path']}/".startswith(f"{self.prefix}/"):
            scope = {**scope, "path": self.prefix + scope["path"]}
        return self.application(scope, receive, send)
