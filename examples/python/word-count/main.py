import re
import sys
from collections import Counter

# Letters and apostrophes make a word; everything else separates them.
words = re.findall(r"[a-z']+", sys.stdin.read().lower())
counts = Counter(words)

print(f"{len(words)} words, {len(counts)} different")
for word, count in counts.most_common(5):
    print(f"{count:3}  {word}")
