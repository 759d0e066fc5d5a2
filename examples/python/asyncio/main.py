import asyncio
import time


async def fetch(name, seconds):
    await asyncio.sleep(seconds)  # stands for a slow network
    print(f"{name} is there")
    return len(name)


async def main():
    start = time.monotonic()
    sizes = await asyncio.gather(fetch("slow", 0.3), fetch("fast", 0.1), fetch("medium", 0.2))
    elapsed = time.monotonic() - start
    print("sizes:", sizes)
    print("faster than one after the other:", elapsed < 0.5)


asyncio.run(main())
