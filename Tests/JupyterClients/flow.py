"""The plain dialect of sessions, with the clients that people have: aiohttp and websockets, over the network alone."""
import asyncio
import json

import aiohttp
import websockets


async def receive(socket, *wanted):
    """All messages until one of these types, that one last."""
    messages = []
    while True:
        messages.append(await asyncio.wait_for(socket.receive_json(), 20))
        if messages[-1]["type"] in wanted:
            return messages


async def whole(http, url):
    """`session_created` comes unasked; then a cell's output, and its value."""
    async with http.ws_connect(url + "/ws") as socket:
        created = await socket.receive_json()
        assert created["type"] == "session_created" and created["session_id"], created
        await socket.send_json({"type": "execute", "code": 'print("test"); 42'})
        outputs, result = [], None
        async for message in socket:
            data = json.loads(message.data)
            if data["type"] == "output":
                outputs.append(data["data"])
            elif data["type"] == "result":
                result = data
                break
        assert "test" in "".join(outputs), outputs
        assert result["repr"] == "42" and result["value"] == 42 and result["execution_time"] >= 0, result
        await socket.send_json({"type": "execute", "code": "1 / 0"})
        error = (await receive(socket, "error"))[-1]
        assert error["exception"] == "ZeroDivisionError" and error["traceback"], error
        await socket.send_json({"type": "heartbeat"})
        await socket.send_json({"type": "close_session"})


async def crosswise(http, url):
    """Two sessions wait for input at once, and are answered in the other order, each by its own token."""
    sockets = [await http.ws_connect(url + "/session") for _ in range(2)]
    tokens = []
    for number, socket in enumerate(sockets):
        await receive(socket, "session_created")
        await socket.send_json({"type": "execute", "code": f"input('{number}? ')"})
        tokens.append((await receive(socket, "input_request"))[-1])
        assert tokens[-1]["prompt"] == f"{number}? ", tokens
    # Each other's token is refused, and nothing reaches the program.
    await sockets[0].send_json({"type": "input_response", "token": tokens[1]["token"], "data": "stolen"})
    assert (await receive(sockets[0], "error"))[-1]["code"] == "INPUT_TOKEN_STALE"
    for number in (1, 0):
        await sockets[number].send_json({"type": "input_response", "token": tokens[number]["token"], "data": f"for {number}"})
    for number, socket in enumerate(sockets):
        assert (await receive(socket, "result"))[-1]["repr"] == f"'for {number}'"
        await socket.send_json({"type": "close_session"})
        await socket.close()


async def reconnection(http, url):
    """The package websockets; the session outlives its connection, found by its id."""
    address = url.replace("http", "ws", 1) + "/ws"
    async with websockets.connect(address) as socket:
        session = json.loads(await socket.recv())["session_id"]
        await socket.send(json.dumps({"type": "execute", "code": "kept = 41"}))
        while json.loads(await socket.recv())["type"] != "result":
            pass
    async with websockets.connect(f"{address}?session_id={session}") as socket:
        assert json.loads(await socket.recv())["session_id"] == session
        await socket.send(json.dumps({"type": "execute", "code": "kept + 1"}))
        while (message := json.loads(await socket.recv()))["type"] != "result":
            pass
        assert message["repr"] == "42", message
        await socket.send(json.dumps({"type": "close_session"}))


async def over_http(http, url):
    """REST, without a socket."""
    async with http.post(url + "/execute", json={"code": "print('once')\n6 * 7"}) as answer:
        body = await answer.json()
        assert answer.status == 200 and body["outputs"] == ["once\n"] and body["result"]["repr"] == "42" and body["error"] is None, body
    async with http.post(url + "/sessions") as answer:
        session = (await answer.json())["session_id"]
    async with http.post(f"{url}/sessions/{session}/execute", json={"code": "x = 6"}) as answer:
        assert answer.status == 200
    async with http.get(url + "/sessions") as answer:
        assert session in [entry["session_id"] for entry in await answer.json()]
    async with http.get(url + "/health") as answer:
        health = await answer.json()
        assert health["status"] == "healthy" and set(health["pool"]) == {"idle", "active", "total", "max"}, health
    async with http.delete(f"{url}/sessions/{session}") as answer:
        assert answer.status == 200


def run(url: str):
    """Returns (cases, passed, skipped, failures, failures that are allowed)."""

    async def all_of_them():
        failures = []
        async with aiohttp.ClientSession() as http:
            cases = (whole, crosswise, reconnection, over_http)
            for case in cases:
                try:
                    await asyncio.wait_for(case(http, url), 40)
                except (AssertionError, LookupError, TypeError, OSError, asyncio.TimeoutError, aiohttp.ClientError) as error:
                    failures.append(f"{case.__name__}: {error!r}")
        return len(cases), len(cases) - len(failures), 0, failures, []

    return asyncio.run(all_of_them())
