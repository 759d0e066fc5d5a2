import sys
from collections import Counter

text = sys.stdin.read()
words = Counter(text.split())
print(text.count("\n"), words.total(), len(words))
for word, count in sorted(words.items(), key=lambda item: (-item[1], item[0]))[:5]:
    print(count, word)
