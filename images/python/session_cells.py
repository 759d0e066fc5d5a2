"""The driver of a live session for Python: reads cells from the channel, runs them in one namespace, says what came of them.

Half of a module: nestbox_session.py executes this and session_more.py among its names. What happens here happens before the fork, once for all
sessions of a zygote; `serve` is a session.

docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101. A thread reads them, so that questions about the
namespace are answered while a cell runs; cells run in the main thread, where signals and most libraries want to be.
Nothing here trusts a cell to be kind: what it does to this process ends, at worst, its own session.
"""

import ast
import builtins
import fcntl
import json
import os
import queue
import signal
import sys
import threading
import time
import types

COMMANDS, RECORDS, RECORD, TEXT, ROWS = 100, 101, 1 << 20, 64 << 10, 200
# Bound here: a cell that patches these modules for a test of its own should not hit the driver.
_read, _write, _getpid, _sigmask = os.read, os.write, os.getpid, signal.pthread_sigmask
_encode, _decode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode, json.JSONDecoder().decode

channel = None  # What the descriptors of the channel were at the beginning.
owner = None  # Whoever has another pid is a cell's child: it never answers.
sending = threading.Lock()
commands = queue.SimpleQueue()
running = None  # The id of the cell that runs, as long as an interrupt may hit it.
asked = early = None  # The cell an `interrupt` came for; the cell in which a SIGINT came before its `interrupt`.
current = None  # The id that displays are reported for: the running cell's, then the last one's.
reader = None
main = space = None  # The module of the cells, and its names.
home = None  # The folder that the session began in, whatever folder its cells go to.


class Hidden:
    """Finds getpass, once, and has it ask as sessions do: there is no terminal whose echo it could turn off."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "getpass":
            return None
        sys.meta_path.remove(cls)
        return hide(name)


def lost(reason):
    """Without its channel the session is over. Says so where a person may see it."""
    if _getpid() == owner:
        try:
            _write(2, f"session: {reason}\n".encode())
        finally:
            os._exit(70)


def send(record):
    if _getpid() != owner:
        return
    data = _encode(record).encode("utf-8", "replace")
    if len(data) > RECORD:
        raise ValueError("record too large")
    data = len(data).to_bytes(4, "big") + data
    before = _sigmask(signal.SIG_BLOCK, (signal.SIGINT,))  # A record that is cut short by KeyboardInterrupt would be the session's last.
    try:
        with sending:
            while data:
                data = data[_write(RECORDS, data):]
    except OSError as error:
        lost(f"channel: {error.strerror}")
    finally:
        _sigmask(signal.SIG_SETMASK, before)


def receive():
    """Runs as a thread. Hands cells to the main thread and answers the rest itself. Ends where the process is about to fork."""
    global asked
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # They are for the main thread, whose calls they end.

    def exactly(count):
        parts = bytearray()
        while len(parts) < count:
            try:
                part = _read(COMMANDS, min(count - len(parts), 1 << 16))
            except OSError as error:
                lost(f"channel: {error.strerror}")
            if not part:
                if parts or _getpid() != owner:
                    lost("channel: ended within a record")
                os._exit(0)  # The service is gone or has closed the session.
            parts += part
        return bytes(parts)

    while True:
        size = int.from_bytes(exactly(4), "big")
        if size > RECORD:
            lost("channel: record too large")
        record = _decode(exactly(size).decode())
        kind = record["type"]
        if kind == "interrupt":
            if running is not None and record.get("id") == running:
                asked = running
                if early == running:
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        elif kind in QUESTIONS:
            answer(record)
        else:
            commands.put(record)
            if kind != "execute":
                return


QUESTIONS = {"complete", "inspect", "is_complete", "variables"}


def answer(record):
    try:
        fields = QUERIES[record["type"]](record)
    except BaseException as error:
        fields = {"error": f"{type(error).__name__}: {error}"[:500]}
    send({"type": "answer", "id": record.get("id"), **fields})


def start_reader():
    global reader
    reader = threading.Thread(target=receive, name="nestbox-session", daemon=True)
    reader.start()


def on_interrupt(number, frame):
    """A SIGINT counts only for the cell that an `interrupt` was for: a late one must not hit the next cell."""
    global early
    if running is None:
        return
    if _getpid() == owner and asked != running:
        early = running
        return
    raise KeyboardInterrupt


# --- Cells

sources = []  # Names in linecache, oldest first: tracebacks show the lines of cells.
flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
loop = None


def remember(name, code):
    import linecache

    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    sources.append((name, len(code)))
    while len(sources) > 200 or (len(sources) > 1 and sum(size for _, size in sources) > 1 << 20):
        linecache.cache.pop(sources.pop(0)[0], None)


def evaluate(code):
    """One code object; what it awaits at the top runs in one event loop for the whole session."""
    global loop
    value = eval(code, space)
    if code.co_flags & 0x80 and isinstance(value, types.CoroutineType):
        import asyncio

        if loop is None or loop.is_closed():
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
        value = loop.run_until_complete(value)
    return value


def run_cell(code, name):
    """Runs it, and returns the value of its last expression. A `;` at the end says that the value is not wanted."""
    global flags
    remember(name, code)
    tree = compile(code, name, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    body = compile(tree, name, "exec", flags, dont_inherit=True)
    flags |= body.co_flags & FUTURE
    last = last and compile(last, name, "eval", flags, dont_inherit=True)
    if tree.body:
        evaluate(body)
    if last is None:
        return None
    value = evaluate(last)
    return None if code.rstrip().endswith(";") else value


FUTURE = 0x1FE0000  # The bits that `from __future__ import …` sets: they hold for the cells that follow.


def report(identifier, value):
    """The `result` record. `__repr__` and its like are foreign code: they may raise, which makes it the cell's error."""
    space["_"] = value
    text = repr(value)
    record = {"type": "result", "id": identifier, "repr": text[:TEXT]}
    record["truncated"] = len(record["repr"].encode("utf-8", "replace")) > TEXT or len(text) > TEXT
    if record["truncated"]:
        record["repr"] = text[:TEXT].encode("utf-8", "replace")[:TEXT].decode("utf-8", "ignore")
    if plain(value):
        encoded = _encode(value)
        if len(encoded) <= TEXT:
            record["value"] = value
    data = {} if type(value) in PLAIN else bundle(value)
    if data:
        record["data"] = fitting(data)
    send(record)


PLAIN = (int, float, str, bool, list, dict, tuple, set, bytes, type)


def plain(value, depth=0, budget=None):
    """Whether it is JSON as it stands: exact types (a subclass may do anything), and not too much of it."""
    budget = budget if budget is not None else [20000]
    budget[0] -= 1
    kind = type(value)
    if budget[0] < 0 or depth > 32:
        return False
    if kind is int:
        return -(2**53) < value < 2**53
    if kind is float:
        return value - value == 0
    if kind is str:
        return len(value) <= TEXT
    if kind is list:
        return all(plain(item, depth + 1, budget) for item in value)
    if kind is dict:
        return all(type(key) is str and plain(item, depth + 1, budget) for key, item in value.items())
    return kind is bool or value is None


def report_error(identifier, error):
    import traceback

    kind = type(error)
    try:
        shown = traceback.TracebackException(kind, error, error.__traceback__, compact=True)
        part, parts = shown, []
        while part is not None and part not in parts and len(parts) < 100:
            part.stack[:] = [frame for frame in part.stack if frame.filename not in files]
            parts.append(part)
            part = part.__cause__ or part.__context__
        lines = "".join(shown.format()).splitlines()
    except Exception as other:
        lines = [f"{kind.__name__}: <traceback failed: {type(other).__name__}>"]
    try:
        message = str(error)
    except Exception:
        message = "<str() failed>"
    if len(lines) > 400:
        lines[200:-200] = [f"  … {len(lines) - 400} lines …"]
    lines = [line[:600] for line in lines]
    send({"type": "error", "id": identifier, "exception": kind.__name__[:200], "message": message[:8000], "traceback": lines})


def flush():
    for stream in {id(s): s for s in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)}.values():
        try:
            stream.flush()
        except Exception:
            pass  # Closed, or replaced by something else: the cell's own choice.


def execute(record):
    """One cell, from `execute` to `done`."""
    global running, asked, early, current
    identifier, leaving, status = record["id"], None, "ok"
    asked = early = None
    current = identifier
    try:
        try:
            running = identifier
            value = run_cell(record["code"], f"<cell {identifier}>")
            if value is not None and not record.get("silent"):
                report(identifier, value)
            if "matplotlib._pylab_helpers" in sys.modules:
                figures()
        except SystemExit as exit:
            leaving = exit
        except KeyboardInterrupt as error:
            status = "interrupted" if asked == identifier else "error"
            report_error(identifier, error)
        except BaseException as error:
            status = "error"
            report_error(identifier, error)
        running = None
    except BaseException as error:  # An interrupt that came just as the cell was done.
        running, status = None, "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
    flush()
    if _getpid() != owner:  # A child that the cell forked has come to the cell's end: it is at its own.
        if leaving is not None:
            raise leaving
        os._exit(0 if status == "ok" else 1)
    if signal.getsignal(signal.SIGINT) is not on_interrupt:
        signal.signal(signal.SIGINT, on_interrupt)
    try:
        kept = [os.fstat(descriptor)[1:3] for descriptor in (COMMANDS, RECORDS)] == channel
    except OSError:
        kept = False
    if not kept:
        lost("channel: the cell has closed or replaced descriptors 100 and 101")
    send({"type": "done", "id": identifier, "status": status})
    if leaving is not None:
        raise leaving.with_traceback(None)


# --- What cells can call: most of it is in session_more.py.


def display(*values, display_id=None, update=False, raw=False):
    """Shows values now, in the richest form they have. With `display_id` it can be changed later: update_display()."""
    show(values, display_id, update, raw)


module = types.ModuleType("nestbox", "What a cell of a live session can show, other than by its last value.")


# --- A session


def prepare():
    """What is a session's own: the module of its cells, its channel. Nothing of it is there before the fork."""
    global channel, owner, main, space, home
    for descriptor in (COMMANDS, RECORDS):
        fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)  # Programs that cells start have no business with it.
    channel = [os.fstat(descriptor)[1:3] for descriptor in (COMMANDS, RECORDS)]
    owner, home = _getpid(), os.getcwd()
    main = types.ModuleType("__main__")
    main.__builtins__ = builtins
    space = main.__dict__
    sys.modules["nestbox"], sys.modules["__main__"], builtins.display = module, main, display
    if os.environ.get("MPLBACKEND") == "module://nestbox_figures":
        # The backend of python-data saves what plt.show() shows; a cell shows it, too.
        import nestbox_figures

        save = nestbox_figures._save
        nestbox_figures._save = lambda figure: (save(figure), show_figure(figure))


def serve():
    """Runs a session to its end."""
    try:
        os.unlink(sys.argv[0])  # Nobody needs session.py any more, and a cell should find its folder empty.
    except OSError:
        pass
    sys.meta_path.insert(0, Hidden)
    prepare()
    signal.signal(signal.SIGINT, on_interrupt)
    start_reader()
    features = ["complete", "inspect", "is_complete", "variables", "checkpoint", "interrupt", "rich", "concurrent", "save"]
    send({"type": "ready", "protocol": 1, "language": "python", "version": sys.version.split()[0], "features": features})
    sys.argv = [""]
    sys.path[0:1] = [os.getcwd()]
    while True:
        command = commands.get()
        if command["type"] == "execute":
            execute(command)
        else:
            manage(command)
