"""Starts localstripe on 127.0.0.1 and prints its port: its own command listens to the whole network and writes to the disk.

It refuses parameters it does not know. Those that change nothing of what it does are dropped before it sees them.
"""

import socket
import sys

from aiohttp import web
from localstripe import resources, server

UNKNOWN_TO_IT = {
    "allowed_payment_method_types", "description", "mandate", "statement_descriptor", "statement_descriptor_suffix",
}  # fmt: skip


def main() -> None:
    read = server.get_post_data

    async def known_only(request: web.Request, remove_auth: bool = True) -> object:
        data = await read(request, remove_auth)
        if data and request.path.startswith("/v1/payment_intents"):
            data = {name: value for name, value in data.items() if name not in UNKNOWN_TO_IT}
        return data

    server.get_post_data = known_only
    resources.store.dump_to_disk = lambda: None
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    web.run_app(server.app, sock=listening, print=None, access_log=None)


if __name__ == "__main__":
    main()
