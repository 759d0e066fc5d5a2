"""The tables of cases: cases/LANGUAGE.txt.

Lines `#! NAME: CODE` at the top are what the common tests need in this language (`\\n` is a new line). Then cases, each

    ### [KIND: ]TITLE            a cell; KIND is complete, inspect, is_complete, variables, interrupt, new or ends
    CODE                         for a question: the cursor is at its end
    --- KEY: VALUE               what has to come of it, any number of them

Cases share a session, from top to bottom; `new` begins one; after `ends` the program has to end.
"""

import json
import pathlib
import re
import time

from driver import Broken

FOLDER = pathlib.Path(__file__).resolve().parent / "cases"
KINDS = {"complete", "inspect", "is_complete", "variables", "interrupt", "new", "ends"}


class Case:
    def __init__(self, title, code, wanted):
        kind, colon, rest = title.partition(": ")
        self.title, self.kind = (rest, kind) if colon and kind in KINDS else (title, "cell")
        self.code, self.wanted = code, wanted
        self.fresh = self.kind in ("new", "ends")
        self.ends = self.kind == "ends"


def languages():
    return sorted(file.stem for file in FOLDER.glob("*.txt"))


def read(language):
    lines = (FOLDER / f"{language}.txt").read_text().split("\n")
    header, found, title, code, wanted = {}, [], None, [], []
    for line in [*lines, "### end"]:
        if line.startswith("#! ") and title is None:
            name, _, value = line[3:].partition(": ")
            header[name] = value.replace("\\n", "\n")
        elif line.startswith("### "):
            if title is not None:
                found.append(Case(title, "\n".join(code), wanted))
            title, code, wanted = line[4:], [], []
        elif line.startswith("--- "):
            key, _, value = line[4:].partition(":")
            wanted.append((key, value.strip()))
        elif not wanted and title is not None:
            code.append(line)
    return header, found


def run(driver, case):
    driver.take()
    if case.kind in ("complete", "inspect", "is_complete", "variables"):
        answer = driver.ask(case.kind, code=case.code, cursor=len(case.code), detail=1)
        for key, value in case.wanted:
            question(key, value, answer)
        return
    stdin = [value for key, value in case.wanted if key == "stdin"]
    if stdin:
        driver.process.stdin.write((json.loads(stdin[0]) if stdin[0].startswith('"') else stdin[0] + "\n").encode())
    identifier = driver.send("execute", code=case.code, silent=False)
    if case.kind == "interrupt":
        time.sleep(0.3)
        driver.interrupt(identifier)
    if case.ends and not any(key == "done" for key, _ in case.wanted):
        records, code = [], driver.wait()
    else:
        records = driver.until_done(identifier)
        code = driver.wait() if case.ends else None
    output = (driver.text(1), driver.text(2)) if case.ends else driver.take()
    for key, value in case.wanted:
        outcome(key, value, records, output, code)
    if not any(key in ("error", "status", "exit") for key, _ in case.wanted) and records:
        status = records[-1]["status"]
        if status != ("interrupted" if case.kind == "interrupt" else "ok"):
            raise Broken(f"status {status}: {records} {output}")
    if not any(key in ("result", "result~", "value", "data", "truncated") for key, _ in case.wanted):
        if any(record["type"] == "result" for record in records):
            raise Broken(f"a result: {records}")


def holds(condition, text, found):
    if not condition:
        raise Broken(f"wanted {text}, found {found!r}")


def outcome(key, value, records, output, code):
    def only(kind):
        found = [record for record in records if record["type"] == kind]
        if not found:
            raise Broken(f"no {kind}: {records} {output}")
        return found[-1]

    if key == "result":
        holds(only("result")["repr"] == value, value, only("result"))
    elif key == "result~":
        holds(re.search(value, only("result")["repr"]), value, only("result"))
    elif key == "value":
        holds("value" in only("result") and only("result")["value"] == json.loads(value), value, only("result"))
    elif key == "no":
        holds(not any(value in record for record in records), f"no {value}", records)
    elif key == "truncated":
        holds(only("result")["truncated"] is True and len(only("result")["repr"].encode()) <= 65536, "a cut", str(only("result"))[:200])
    elif key == "data":
        holds(value in only("result").get("data", {}), value, str(only("result"))[:500])
    elif key == "display":
        shown = [record for record in records if record["type"] == "display"]
        holds(any(value in record["data"] for record in shown), value, str(shown)[:500])
    elif key == "display_id":
        holds(only("display").get("display_id") == value, value, only("display"))
    elif key == "clear":
        holds(only("clear")["wait"] is json.loads(value), value, only("clear"))
    elif key in ("stdout", "stderr"):
        text = output[0 if key == "stdout" else 1]
        holds(text == (json.loads(value) if value.startswith('"') else value + "\n"), value, text[-500:])
    elif key in ("stdout~", "stderr~"):
        text = output[0 if key[:-1] == "stdout" else 1]
        holds(re.search(value, text), value, text[-500:])
    elif key == "error":
        record = only("error")
        holds(record["exception"] == value, value, record)
        holds(records[-1]["status"] == "error" and records.count(record) == 1, "status error", records)
        holds(not any(re.search(r"session\.\w+", line) for line in record["traceback"]), "no line of the driver", record)
    elif key == "message~":
        holds(re.search(value, only("error")["message"]), value, only("error"))
    elif key == "traceback~":
        holds(re.search(value, "\n".join(only("error")["traceback"])), value, only("error"))
    elif key == "password":
        holds([record["on"] for record in records if record["type"] == "password"] == json.loads(value), value, records)
    elif key == "status":
        holds(records[-1]["status"] == value, value, records)
    elif key == "exit":
        holds(code == int(value), value, (code, output))
    elif key not in ("stdin", "done"):
        raise Broken(f"the table has a key that does not exist: {key}")


def question(key, value, answer):
    if key == "match":
        holds(any(match["text"] == value for match in answer.get("matches", [])), value, answer)
    elif key == "type":
        holds(any(match["type"] == value for match in answer.get("matches", [])), value, answer)
    elif key == "no match":
        holds(not any(match["text"] == value for match in answer["matches"]), f"not {value}", answer)
    elif key == "start":
        holds(answer["start"] == int(value), value, answer)
    elif key == "found":
        holds(answer["found"] is json.loads(value), value, answer)
    elif key == "text~":
        holds(re.search(value, answer["data"]["text/plain"]), value, answer)
    elif key == "status":
        holds(answer["status"] == value, value, answer)
    elif key == "indent":
        holds(answer["indent"] == json.loads(value), value, answer)
    elif key == "variable":
        wanted = json.loads(value)
        rows = {row["name"]: row for row in answer["variables"]}
        holds(wanted["name"] in rows and all(rows[wanted["name"]][name] == part for name, part in wanted.items()), value, answer)
        holds(all(len(row["repr"].encode()) <= 200 for row in answer["variables"]) and len(rows) <= 200, "short rows", answer)
    elif key == "error~":
        holds(re.search(value, answer.get("error", "")), value, answer)
    else:
        raise Broken(f"the table has a key that does not exist: {key}")
