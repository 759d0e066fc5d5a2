"""A large output through one WebSocket."""

import asyncio

import streaming

from . import sample
from .setup import Setup


def stream(setup: Setup) -> None:
    megabytes, repeats = (20, 2) if setup.options.quick else (100, 5)
    rates: dict[str, list[float]] = {"nestbox": [], "bare": []}
    growth = []
    with setup.service({"python": "min: 1, max: 32, warm: fork"}) as bench:
        for _ in range(repeats):
            verdict, same, seconds, grown = asyncio.run(streaming.large(bench.server, megabytes))
            if verdict != "ok" or not same:
                raise SystemExit(f"{megabytes} MB through a WebSocket: {verdict}, {'right' if same else 'wrong'} bytes")
            rates["nestbox"].append(megabytes / seconds)
            rates["bare"].append(megabytes / streaming.bare(megabytes * 1_000_000))
            growth.append(grown / (1 << 20))
    setup.report.add("stream/rate", f"{megabytes} MB of output through a WebSocket; bare: pipe and socket", "MB/s",
                     {way: sample.point(values, 0.5) for way, values in rates.items()},
                     interval=sample.ratio_interval(rates["nestbox"], rates["bare"]), rates=rates)
    setup.report.add("stream/memory", "memory of nestboxd grows meanwhile by at most", "MiB", {"nestbox": max(growth)})
