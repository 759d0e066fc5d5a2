"""Reads /metrics of a service many times with prometheus-client's parser while runs are being made.

    read.py URL READS
"""
import json
import sys
import threading
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

url, reads = sys.argv[1], int(sys.argv[2])
stop = threading.Event()
made = [0]


def load():
    body = json.dumps({"language": "bash", "code": "echo x"}).encode()
    while not stop.is_set():
        request = urllib.request.Request(url + "/api/v1/execute", body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            json.load(answer)
        made[0] += 1


threads = [threading.Thread(target=load, daemon=True) for _ in range(3)]
for thread in threads:
    thread.start()
before = {}
failed = 0
passed = 0
for _ in range(reads):
    with urllib.request.urlopen(url + "/metrics", timeout=60) as answer:
        text = answer.read().decode("utf-8")
    problems = []
    families = list(text_string_to_metric_families(text))
    if len(families) < 60:
        problems.append(f"only {len(families)} families")
    for family in families:
        if family.type not in ("counter", "gauge", "histogram"):
            problems.append(f"{family.name} has type {family.type}")
        if not family.documentation:
            problems.append(f"{family.name} has no help")
        buckets = {}
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            grows = family.type == "counter" or (family.type == "histogram" and not sample.name.endswith("_sum"))
            if grows and sample.value < before.get(key, 0):
                problems.append(f"{key} went from {before[key]} to {sample.value}")
            before[key] = sample.value
            if sample.name.endswith("_bucket"):
                series = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
                if sample.value < buckets.get(series, 0):
                    problems.append(f"the buckets of {family.name} do not rise")
                buckets[series] = sample.value
            elif sample.name.endswith("_count") and family.type == "histogram":
                series = tuple(sorted(sample.labels.items()))
                if sample.value != buckets.get(series):
                    problems.append(f"the last bucket of {family.name} is not its count")
    for problem in problems[:5]:
        print(problem)
    failed += bool(problems)
    passed += not problems
stop.set()
for thread in threads:
    thread.join(timeout=60)
if made[0] == 0:
    print("no run was made meanwhile")
    failed += 1
print(f"{made[0]} runs meanwhile")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
