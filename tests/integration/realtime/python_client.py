"""Two clients of python-socketio on two gateways talk in a room: URL URL TOKEN TOKEN."""
import asyncio
import sys

import socketio


async def talk(urls: list[str], tokens: list[str], transport: str) -> None:
    room = f"python-{transport}"
    clients = [socketio.AsyncClient(reconnection=False) for _ in urls]
    heard: asyncio.Future = asyncio.get_running_loop().create_future()
    # The last argument of an event is its offset.
    clients[1].on("message.created", lambda message, _offset: heard.set_result(message))
    for client, url, token in zip(clients, urls, tokens):
        await client.connect(url, transports=[transport], auth={"token": token})
        joined = await client.call("join", room, timeout=10)
        assert joined["ok"], joined
    sent = await clients[0].call("message", {"roomId": room, "body": "hällo"}, timeout=10)
    assert sent["ok"], sent
    message = await asyncio.wait_for(heard, 10)
    assert message["messageId"] == sent["messageId"] and message["body"] == "hällo", message
    for client in clients:
        await client.disconnect()


for name in ("polling", "websocket"):
    asyncio.run(talk(sys.argv[1:3], sys.argv[3:5], name))
    print(name, "ok")
