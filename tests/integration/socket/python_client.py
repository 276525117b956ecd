"""python-socketio through both transports: connect, event, acknowledgement, binary."""
import asyncio
import sys

import socketio


async def talk(url: str, transport: str) -> None:
    client = socketio.AsyncClient(reconnection=False)
    auth: asyncio.Future = asyncio.get_running_loop().create_future()
    back: asyncio.Future = asyncio.get_running_loop().create_future()
    client.on("auth", lambda data: auth.set_result(data))
    client.on("message-back", lambda *data: back.set_result(data))
    await client.connect(url, transports=[transport], auth={"token": "t"})
    assert await asyncio.wait_for(auth, 10) == {"token": "t"}
    answer = await client.call("message-with-ack", {"a": [1, "ü"]}, timeout=10)
    assert answer == {"a": [1, "ü"]}, answer
    await client.emit("message", (b"\x01\x02", "text"))
    assert await asyncio.wait_for(back, 10) == (b"\x01\x02", "text")
    await client.disconnect()


for name in ("polling", "websocket"):
    asyncio.run(talk(sys.argv[1], name))
    print(name, "ok")
