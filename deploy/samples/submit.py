"""Submits one sample: submit.py URL SOURCE STDIN LANGUAGE OUTPUT [LIMIT=VALUE...].

Writes what the program printed to OUTPUT, then prints verdict and exit status on a line of their own, and words for people.
"""
import json
import sys
import urllib.error
import urllib.request

url, source, stdin, language, output, *limits = sys.argv[1:]
body = {"language": language, "code": open(source).read(), "stdin": open(stdin).read(),
        "limits": dict(limit.split("=", 1) for limit in limits)}
request = urllib.request.Request(url + "/api/v1/execute", json.dumps(body).encode(), {"content-type": "application/json"})
try:
    with urllib.request.urlopen(request) as answer:
        result = json.load(answer)
except urllib.error.HTTPError as error:
    result = {"verdict": json.load(error)["error"]["code"]}
with open(output, "w") as file:
    file.write(result.get("stdout", ""))
print(result["verdict"], result.get("exit_code"))
print("   ", result["verdict"], "exit", result.get("exit_code"), result.get("usage", {}).get("wall_ms"), "ms")
sys.stdout.write(result.get("stderr", "")[:400])
