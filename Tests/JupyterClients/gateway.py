"""Kernels of a gateway, reached as Jupyter's own programs reach them: by the GatewayKernelManager of jupyter_server."""
import asyncio
import os

from jupyter_client.utils import run_sync
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.gateway.managers import GatewayKernelManager

#: The methods of the client that wait for a message. Only these are asynchronous in the client of a gateway.
READERS = ["get_shell_msg", "get_iopub_msg", "get_stdin_msg", "get_control_msg", "wait_for_ready", "_async_get_shell_msg"]


def use(url: str) -> None:
    """All kernels of this process come from the gateway at `url` from now on."""
    client = GatewayClient.instance()
    client.url = url
    client.request_timeout = client.connect_timeout = 40.0
    if key := os.environ.get("NESTBOX_KEY"):
        client.auth_token = key


def start(name: str):
    """A kernel and a client of it whose methods block, as `jupyter_client.manager.start_new_kernel` returns them."""
    # The traits of the manager look for a running loop.
    try:
        asyncio.get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())
    manager = GatewayKernelManager(kernel_name=name)
    run_sync(manager.start_kernel)(kernel_name=name)
    client = manager.client()
    run_sync(client.start_channels)()
    for method in READERS:
        if hasattr(client, method):
            setattr(client, method, run_sync(getattr(client, method)))
    client.wait_for_ready(timeout=40)
    for method in ("shutdown_kernel", "restart_kernel", "interrupt_kernel"):
        setattr(manager, method, run_sync(getattr(manager, method)))
    return manager, client
