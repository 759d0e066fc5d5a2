# Runs in a terminal: see the switch above the output.
import time

for step in range(41):
    bar = "█" * (step // 2) + "░" * (20 - step // 2)
    print(f"\r\x1b[38;5;{27 + step}m{bar}\x1b[0m {step * 100 // 40:3}%", end="", flush=True)
    time.sleep(0.03)
print("\nDone.")
