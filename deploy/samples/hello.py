import json
import math

name = input()
print(json.dumps({"hello": name, "language": "python", "answer": math.prod([2, 3, 7])}))
