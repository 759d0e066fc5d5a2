from pathlib import Path

lines = Path("notes.txt").read_text(encoding="utf-8").splitlines()
for number, line in enumerate(lines, start=1):
    print(f"{number:2}  {line}")

longest = max(lines, key=len, default="")
summary = Path("summary.txt")
summary.write_text(f"{len(lines)} lines, longest {len(longest)} characters\n", encoding="utf-8")
print(summary.read_text(encoding="utf-8"), end="")
