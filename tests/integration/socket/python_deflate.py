"""Python's websockets with its own permessage-deflate: what it sends and gets is what was said."""
import asyncio
import json
import sys

import websockets


async def talk(url: str) -> None:
    async with websockets.connect(url + "/echo", max_size=None) as socket:
        names = [extension.name for extension in socket.protocol.extensions]
        assert names == ["permessage-deflate"], names
        for text in ("", "short", json.dumps(list(range(5000))), "ü" * 100_000):
            await socket.send(text)
            assert await asyncio.wait_for(socket.recv(), 10) == text
        await socket.send([b"abc" * 1000, b"def" * 1000])  # fragments of one message
        assert await asyncio.wait_for(socket.recv(), 10) == b"abc" * 1000 + b"def" * 1000
    print("deflate ok")


asyncio.run(talk(sys.argv[1]))
