"""A driver under test: started in its image's root, or with the machine's own interpreter, without a sandbox and without the service."""

import json
import os
import pathlib
import re
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
STATE = pathlib.Path(os.environ.get("NESTBOX_STATE", "/var/lib/nestbox"))
COMMANDS, RECORDS = 100, 101

# In a mount namespace of its own: the root, read-only, with /box, /proc, /dev and /tmp as a sandbox has them.
INSIDE = """
set -e
mount -t tmpfs over "$VIEW"
mkdir "$VIEW/upper" "$VIEW/work"
cp -R "$PLACED/." "$VIEW/upper"
mount -t overlay -o "lowerdir=$ROOT,upperdir=$VIEW/upper,workdir=$VIEW/work" over "$VIEW"
mkdir "$VIEW/box"
mount -o remount,ro "$VIEW"
mount -t proc proc "$VIEW/proc"
mount --bind /dev "$VIEW/dev"
mount --bind "$BOX" "$VIEW/box"
mount -t tmpfs -o mode=1777 tmp "$VIEW/tmp"
exec chroot --userspec=1000:1000 "$VIEW" /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/box USER=nestbox "$@"
"""


class Broken(Exception):
    """What a driver must never do, or a test that waited in vain."""


class Image:
    """What image.yaml says about sessions. Read by pattern: the file has a fixed form, and the tests need no YAML library."""

    def __init__(self, language):
        self.folder = REPOSITORY / "images" / language
        text = (self.folder / "image.yaml").read_text()
        block = re.search(r"^session:\n((?:[ #].*\n|\n)+)", text, re.M)
        if not block:
            raise Broken(f"{language}: image.yaml has no session block")
        driver = re.search(r"^ +driver: (\S+)", block[1], re.M)[1]
        self.driver = (self.folder / driver).resolve()
        more = re.search(r"^  files: \[(.*)\]", block[1], re.M)
        self.files = [(self.folder / name.strip()).resolve() for name in more[1].split(",")] if more else []
        # What of a driver is in the root, by its path there: the tree's own, so that a driver can be changed without building its root again.
        self.placed = dict(re.findall(r"^    /(\S+): (\S*session\S*)$", text, re.M))
        words = re.search(r"^  run:(?: (\[.*\])|\n((?:    - .*\n)+))", block[1], re.M)
        inline = re.findall(r'"[^"]*"|\'[^\']*\'|[^,\[\]\s]+', words[1] or "")
        self.command = [self.word(word) for word in inline or [line.strip()[2:] for line in words[2].splitlines()]]
        self.environment = dict(self.pairs(re.search(r"^env:\n((?:  .*\n)+)", text, re.M)))
        self.environment.update(self.pairs(re.search(r"^  env:\n((?:    .*\n)+)", block[1], re.M)))
        self.packages = re.findall(r"[\w.+-]+", re.search(r"^  packages: \[(.*?)\]", text, re.M | re.S)[1])

    @staticmethod
    def word(text):
        return text[1:-1] if text[0] in "\"'" else text

    def pairs(self, match):
        lines = [line.strip() for line in match[1].splitlines() if not line.lstrip().startswith("#")] if match else []
        return [(name, self.word(re.sub(r"\s+#.*", "", value).strip())) for name, value in (line.split(":", 1) for line in lines if ":" in line)]

    def root(self):
        """The newest built root with exactly the image's packages."""
        found = []
        for file in (STATE / "roots").glob("*.json"):
            record = json.loads(file.read_text())
            packages = set(re.findall(r"^package (\S+)$", record["description"], re.M)) - {"tzdata"}
            if packages == set(self.packages):
                found.append((record["created"], file.with_suffix("")))
        if not found:
            raise Broken(f"no root with {', '.join(self.packages)} is built")
        return max(found)[1]


class Driver:
    def __init__(self, language):
        image = Image(language)
        self.language, self.image = language, image
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="session-driver-"))
        box, view = self.folder / "box", self.folder / "view"
        box.mkdir(), view.mkdir()
        os.chown(box, 1000, 1000)
        for file in (image.driver, *image.files):
            (box / file.name).write_bytes(file.read_bytes())
            os.chown(box / file.name, 1000, 1000)
        self.box = box
        placed = self.folder / "placed"
        placed.mkdir(0o755)
        for place, name in image.placed.items():
            (placed / place).parent.mkdir(0o755, parents=True, exist_ok=True)
            (placed / place).write_bytes((image.folder / name).read_bytes())
        commands, records = os.pipe(), os.pipe()
        environment = {"PATH": os.environ["PATH"], "ROOT": str(image.root()), "VIEW": str(view), "BOX": str(box), "PLACED": str(placed)}
        settings = [f"{name}={value}" for name, value in image.environment.items()]
        settings += [f"PWD=/box"]
        command = ["sh", "-c", 'cd /box && exec "$@"', "sh", *image.command]
        os.dup2(commands[0], COMMANDS), os.dup2(records[1], RECORDS)
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", INSIDE, "sh", *settings, *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True,
            pass_fds=[COMMANDS, RECORDS], bufsize=0)
        for end in (commands[0], records[1], COMMANDS, RECORDS):
            os.close(end)
        self.commands, self.records, self.buffer, self.counter = commands[1], records[0], b"", 0
        self.streams = {self.process.stdout.fileno(): bytearray(), self.process.stderr.fileno(): bytearray()}
        self.open = set(self.streams)
        self.channel_open = True

    # Records

    def send(self, kind, **fields):
        self.counter += 1
        record = {"type": kind, "id": f"e{self.counter}", **fields}
        self.put(json.dumps(record).encode())
        return record["id"]

    def put(self, data, size=None):
        data = (len(data) if size is None else size).to_bytes(4, "big") + data
        while data:
            data = data[os.write(self.commands, data):]

    def hang_up(self):
        os.close(self.commands), os.close(self.records)
        self.commands = self.records = None
        self.channel_open = False

    def step(self, timeout):
        """Moves what has come. Whether anything did."""
        watched = list(self.open) + ([self.records] if self.channel_open else [])
        ready = select.select(watched, [], [], timeout)[0] if watched else []
        for source in ready:
            if source == self.records:
                data = os.read(source, 1 << 16)
                self.buffer += data
                self.channel_open = bool(data)
            else:
                data = os.read(source, 1 << 16)
                self.streams[source] += data
                if not data:
                    self.open.discard(source)
        return bool(ready)

    def record(self):
        if len(self.buffer) < 4:
            return None
        size = int.from_bytes(self.buffer[:4], "big")
        if size > 1 << 20:
            raise Broken(f"a record of {size} bytes")
        if len(self.buffer) < 4 + size:
            return None
        data, self.buffer = self.buffer[4:4 + size], self.buffer[4 + size:]
        record = json.loads(data.decode())
        if not isinstance(record, dict):
            raise Broken(f"a record that is no object: {data[:80]}")
        return record

    def next(self, timeout=20):
        end = time.monotonic() + timeout
        while (record := self.record()) is None:
            if not self.channel_open:
                raise Broken(f"the channel ended; stderr: {self.text(2)[-500:]}")
            left = end - time.monotonic()
            if left < 0:
                raise Broken(f"no record within {timeout} s; stderr: {self.text(2)[-500:]}")
            self.step(left)
        return record

    def quiet(self, seconds=0.05):
        """Moves output until none comes for a while. A record that comes is a mistake."""
        while self.step(seconds):
            pass
        if record := self.record():
            raise Broken(f"a record that nobody asked for: {record}")

    def text(self, number):
        return bytes(list(self.streams.values())[number - 1]).decode(errors="replace")

    def take(self):
        self.quiet(0.01)
        texts = self.text(1), self.text(2)
        for buffer in self.streams.values():
            buffer.clear()
        return texts

    # Cells and questions

    def ready(self):
        return self.next(20)

    def until_done(self, identifier, timeout=20):
        records = []
        while True:
            record = self.next(timeout)
            if record.get("id") != identifier:
                raise Broken(f"a record with another id than {identifier}: {record}")
            records.append(record)
            if record["type"] == "done":
                return records

    def execute(self, code, timeout=20, **fields):
        return self.until_done(self.send("execute", code=code, silent=False, **fields), timeout)

    def ask(self, kind, timeout=10, **fields):
        identifier = self.send(kind, **fields)
        record = self.next(timeout)
        if record.get("id") != identifier or record["type"] not in ("answer", "restored"):
            raise Broken(f"no answer to {kind}: {record}")
        return record

    def interrupt(self, identifier=None):
        if identifier is not None:
            self.put(json.dumps({"type": "interrupt", "id": identifier}).encode())
        os.killpg(self.process.pid, signal.SIGINT)

    def members(self, field=2):
        """Pids of the driver's process group; with field 3, of its session: what it starts may have a group of its own."""
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    fields = pathlib.Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if int(fields[field]) == self.process.pid and fields[0] != "Z":
                    found.append(int(name))
        return found

    def memory(self):
        """Resident KiB of the whole session."""
        total = 0
        for pid in self.members(3):
            try:
                total += int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
            except (OSError, TypeError):
                pass
        return total

    def wait(self, timeout=10):
        """The exit status, once the program has ended."""
        end = time.monotonic() + timeout
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise Broken(f"still there after {timeout} s")
            if not self.step(0.05) and not self.channel_open:
                time.sleep(0.02)
        while self.step(0.01):
            pass  # What it wrote last.
        return self.process.returncode

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        for end in (self.commands, self.records):
            if end is not None:
                os.close(end)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
