"""The driver of a live session for Python: reads cells from the channel, runs them in one namespace, says what came of them.

docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101. A thread reads them, so that questions about the
namespace are answered while a cell runs; cells run in the main thread, where signals and most libraries want to be.
Nothing here trusts a cell to be kind: what it does to this process ends, at worst, its own session.
"""

import ast
import base64
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

try:
    os.unlink(sys.argv[0])  # Nobody needs it any more, and a cell should find its folder empty.
except OSError:
    pass

DRIVER = __file__
COMMANDS, RECORDS, RECORD, TEXT, ROWS = 100, 101, 1 << 20, 64 << 10, 200
# Bound here: a cell that patches these modules for a test of its own should not hit the driver.
_read, _write, _getpid = os.read, os.write, os.getpid
_encode, _decode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode, json.JSONDecoder().decode

for descriptor in (COMMANDS, RECORDS):
    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)  # Programs that cells start have no business with it.
channel = [os.fstat(descriptor)[1:3] for descriptor in (COMMANDS, RECORDS)]
owner = _getpid()  # Whoever has another pid is a cell's child: it never answers.
sending = threading.Lock()
commands = queue.SimpleQueue()
running = None  # The id of the cell that runs, as long as an interrupt may hit it.
asked = early = None  # The cell an `interrupt` came for; the cell in which a SIGINT came before its `interrupt`.
current = None  # The id that displays are reported for: the running cell's, then the last one's.
reader = None
main = types.ModuleType("__main__")
main.__builtins__ = builtins
space = main.__dict__


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
    with sending:
        try:
            while data:
                data = data[_write(RECORDS, data):]
        except OSError as error:
            lost(f"channel: {error.strerror}")


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
        elif kind in QUERIES:
            answer(record)
        else:
            commands.put(record)
            if kind != "execute":
                return


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
    data = bundle(value)
    if data:
        record["data"] = fitting(data)
    send(record)


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
            part.stack[:] = [frame for frame in part.stack if frame.filename != DRIVER]
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


# --- Rich values

MIMES = {
    "_repr_html_": "text/html", "_repr_markdown_": "text/markdown", "_repr_svg_": "image/svg+xml", "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg", "_repr_latex_": "text/latex", "_repr_json_": "application/json",
    "_repr_javascript_": "application/javascript",
}


def bundle(value):
    """What the object itself offers in other formats, by IPython's names for it."""
    data, kind = {}, type(value)
    if kind in (int, float, str, bool, list, dict, tuple, set, bytes, type):
        return data
    names = ["_repr_mimebundle_", *MIMES]
    for name in names:
        if getattr(kind, name, None) is None:
            continue
        try:
            part = getattr(value, name)()
        except Exception:
            continue
        if isinstance(part, tuple) and len(part) == 2:
            part = part[0]  # The other is metadata.
        for mime, content in part.items() if name == names[0] and isinstance(part, dict) else [(MIMES.get(name), part)]:
            if content is None or not isinstance(mime, str):
                continue
            if isinstance(content, (bytes, bytearray)):
                content = base64.b64encode(content).decode()
            data.setdefault(mime, content if isinstance(content, str) or plain(content) else str(content))
    return data


def fitting(data):
    """Without what would make the record too large; a note tells what is missing."""
    kept, room, notes = {}, RECORD - (160 << 10), []
    for mime, content in sorted(data.items(), key=lambda item: item[0] != "text/plain"):
        size = len(_encode(content).encode("utf-8", "replace"))
        if size <= room:
            kept[mime] = content
            room -= size
        else:
            notes.append(f"<{mime[:100]}, {size} bytes: too large to show>")
    if notes:
        kept["text/plain"] = "\n".join([str(kept.get("text/plain", ""))[:TEXT], *notes[:20]]).strip()
    return kept


def display(*values, display_id=None, update=False, raw=False):
    """Shows values now, in the richest form they have. With `display_id` it can be changed later: update_display()."""
    for value in values:
        data = dict(value) if raw else {"text/plain": repr(value)[:TEXT], **bundle(value)}
        record = {"type": "display", "id": current, "data": fitting(data)}
        if display_id is not None:
            record.update(display_id=str(display_id)[:200], update=bool(update))
        flush()
        send(record)


def update_display(value, display_id):
    """Shows `value` in place of what was displayed under `display_id`."""
    display(value, display_id=display_id, update=True)


def clear_output(wait=False):
    """Takes away what the cell has shown so far; with `wait`, when the next output comes."""
    flush()
    send({"type": "clear", "id": current, "wait": bool(wait)})


def rich(name, method):
    def __init__(self, data):
        self.data = data

    return type(name, (), {"__init__": __init__, method: lambda self: self.data, "__doc__": f"display({name}(data))"})


def show_figure(figure):
    import io

    file = io.BytesIO()
    figure.savefig(file, format="png")
    display({"text/plain": repr(figure)[:200], "image/png": base64.b64encode(file.getvalue()).decode()}, raw=True)


def figures():
    """matplotlib's figures that are still open at the cell's end are shown, and closed."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is not None and _getpid() == owner:
        for manager in helpers.Gcf.get_all_fig_managers():
            show_figure(manager.canvas.figure)
            helpers.Gcf.destroy(manager)


def install():
    """The module `nestbox`, for cells; `display` is a builtin, too."""
    module = types.ModuleType("nestbox", "What a cell of a live session can show, other than by its last value.")
    for item in (display, update_display, clear_output):
        setattr(module, item.__name__, item)
    for method in MIMES:
        name = {"html": "HTML", "svg": "SVG", "png": "PNG", "jpeg": "JPEG", "json": "JSON"}.get(method[6:-1], method[6:-1].title())
        setattr(module, name, rich(name, method))
    sys.modules["nestbox"], sys.modules["__main__"], builtins.display = module, main, display
    if os.environ.get("MPLBACKEND") == "module://nestbox_figures":
        # The backend of python-data saves what plt.show() shows; a cell shows it, too.
        import nestbox_figures

        save = nestbox_figures._save
        nestbox_figures._save = lambda figure: (save(figure), show_figure(figure))


# --- Questions. They are answered in the reader's thread, beside a running cell, and so execute no foreign code: attributes are looked up
# without asking the object (no __getattr__, no properties), and only values of the language's own types are printed.


def resolve(path):
    from inspect import getattr_static

    names = path.split(".")
    value = space[names[0]] if names[0] in space else builtins.__dict__[names[0]]
    for name in names[1:]:
        value = value.__dict__[name] if type(value) is types.ModuleType else getattr_static(value, name)
        if type(value) in (staticmethod, classmethod):
            value = value.__func__
        elif type(value) in (property, types.MemberDescriptorType, types.GetSetDescriptorType):
            raise LookupError(name)
    return value


def members(value):
    found = {}
    holders = [value] if type(value) is types.ModuleType else [*type.__dict__["__mro__"].__get__(value)] if isinstance(value, type) else [
        value, *type.__dict__["__mro__"].__get__(type(value))]
    for holder in holders:
        try:
            attributes = object.__getattribute__(holder, "__dict__") if holder is value else type.__dict__["__dict__"].__get__(holder)
        except (AttributeError, TypeError):
            continue
        for name in list(attributes):
            if type(name) is str and name not in found:
                found[name] = attributes[name]
    return found


def kind_of(value):
    if isinstance(value, type):
        return "class"
    if type(value) is types.ModuleType:
        return "module"
    if type(value) in (property, types.GetSetDescriptorType, types.MemberDescriptorType):
        return "property"
    if type(value) in (types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.MethodDescriptorType, types.WrapperDescriptorType,
                       types.ClassMethodDescriptorType, staticmethod, classmethod):
        return "function"
    return "instance"


def complete(record):
    import keyword
    import re

    code, cursor = record["code"], record["cursor"]
    line = code[:cursor].rpartition("\n")[2]
    path = re.search(r"[^\W\d][\w.]*$|$", line).group()
    head, dot, prefix = path.rpartition(".")
    statement = re.match(r"\s*(?:from|import)\s+([\w.]*)$", line)
    source = re.match(r"\s*from\s+([\w.]+)\s+import\s+(?:.*[,\s])?\w*$", line)
    try:
        if source:
            names = members(sys.modules[source[1]]) if source[1] in sys.modules else {}
        elif statement:
            start = statement[1].rpartition(".")[0] + "." if "." in statement[1] else ""
            known = {*sys.stdlib_module_names, *list(sys.modules)}
            names = {name[len(start):].partition(".")[0]: types for name in known if name.startswith(start)}
        elif dot:
            names = members(resolve(head))
        else:
            names = {**dict.fromkeys(keyword.kwlist), **builtins.__dict__, **dict(space)}
    except (LookupError, AttributeError):
        names = {}
    chosen = [name for name in names if name.startswith(prefix) and (prefix.startswith("_") or not name.startswith("_"))]
    words = set(keyword.kwlist) if not dot and not statement and not source else ()
    matches = [{"text": name, "type": "keyword" if name in words else kind_of(names[name])} for name in sorted(chosen)[:ROWS]]
    return {"matches": matches, "start": cursor - len(prefix), "end": cursor}


def describe(record):
    import inspect
    import re

    code, cursor = record["code"], record["cursor"]
    before = re.search(r"[\w.]*$", code[:cursor]).group()
    after = re.match(r"\w*", code[cursor:]).group()
    path = (before + after).strip(".")
    if not path and code[:cursor].rstrip().endswith("("):
        path = re.search(r"[\w.]*$", code[:cursor].rstrip()[:-1]).group().strip(".")
    try:
        value = resolve(path)
    except (LookupError, AttributeError):
        return {"found": False, "data": {}}
    parts = []
    own = type(value) in (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type, types.MethodDescriptorType)
    if own:
        try:
            parts.append(f"{path}{inspect.signature(value)}")
        except (ValueError, TypeError):
            parts.append(path)
    else:
        parts.append(f"{path}: {type(value).__name__}" + ("" if kind_of(value) == "module" else f" = {short(value)}"))
    document = (value if own or type(value) is types.ModuleType else type(value)).__doc__
    if isinstance(document, str):
        parts.append(inspect.cleandoc(document))
    if record.get("detail") and own:
        try:
            parts.append(inspect.getsource(value))
        except (OSError, TypeError):
            pass
    return {"found": True, "data": {"text/plain": "\n\n".join(parts)[:TEXT]}}


def is_complete(record):
    import codeop
    import warnings

    code, compiler = record["code"], codeop.CommandCompiler()
    compiler.compiler.flags |= flags
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            whole = compiler(code, "<cell>", "exec")
    except (SyntaxError, OverflowError, ValueError):
        return {"status": "invalid"}
    line = code.rpartition("\n")[2]
    indent = line[: len(line) - len(line.lstrip())]
    if whole is None or (indent and line.strip()):
        return {"status": "incomplete", "indent": indent + ("    " if line.rstrip().endswith(":") else "")}
    return {"status": "complete"}


def short(value, depth=0):
    """A few words about a value, of which nothing foreign is called."""
    kind = type(value)
    if kind in (int, float, complex, bool, type(None), range):
        return repr(value)[:200] if kind is not int or value.bit_length() < 600 else f"<int of {value.bit_length()} bits>"
    if kind in (str, bytes):
        return repr(value[:200])
    if kind in (list, tuple, set, frozenset, dict):
        if depth > 2:
            return "…"
        inner = []
        for item in list(value)[:10]:
            inner.append(short(item, depth + 1) + (f": {short(value.get(item), depth + 1)}" if kind is dict and plain(item) else ""))
        text = ", ".join(inner) + (", …" if len(value) > 10 else "")
        return {list: f"[{text}]", tuple: f"({text})", dict: f"{{{text}}}"}.get(kind, f"{kind.__name__}({{{text}}})")
    if kind.__module__ in ("numpy", "pandas.core.frame", "pandas.core.series"):
        return f"<{kind.__name__} {getattr(value, 'shape', '')} {getattr(value, 'dtype', '')}>"
    if kind is types.FunctionType:
        return f"<function {value.__name__}>"
    return f"<{kind.__module__}.{kind.__qualname__} object>"


def variables(record):
    rows = []
    for name, value in list(space.items()):
        if name.startswith("_") or type(value) is types.ModuleType:
            continue
        kind = type(value)
        size = sys.getsizeof(value) if kind in (int, float, str, bytes, bool, list, tuple, dict, set) else object.__sizeof__(value)
        if kind.__module__ == "numpy":
            size = int(getattr(value, "nbytes", size))
        text = short(value).encode("utf-8", "replace")[:200].decode("utf-8", "ignore")
        rows.append({"name": name[:200], "type": kind.__name__[:200], "repr": text, "size": size})
        if len(rows) == ROWS:
            break
    return {"variables": rows}


QUERIES = {"complete": complete, "inspect": describe, "is_complete": is_complete, "variables": variables}

# --- Checkpoints. The first one turns the process into the *keeper*, which only waits: its child goes on with the session. A checkpoint is a fork
# of the interpreter, asleep until SIGUSR1 asks it to fork the process that goes on from there; its pid is the checkpoint's `ref`. All are forked
# twice, and the keeper adopts them (PR_SET_CHILD_SUBREAPER): so a cell has no children it did not make, and the keeper learns how
# the active process ended, to end the same way. Who is active, and which `restore` is meant, is told through two pipes.

CHECKPOINTS = 16
keeper = None
told = asks = None  # Pipes: pids of active processes, for the keeper; the record of a restore, for the process that answers it.


def become_keeper():
    global keeper, told, asks, owner
    import ctypes
    import select

    if ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    told, asks, keeper = os.pipe(), os.pipe(), owner
    os.set_blocking(told[0], False)
    active = os.fork()
    if active == 0:
        owner = _getpid()
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pid, status = os.wait()
        try:
            active = int(_read(told[0], 4096).split()[-1])
            if active == 0:  # A restore has begun: who is woken says so itself.
                select.select([told[0]], [], [], 5)
                active = int(_read(told[0], 4096).split()[-1])
        except BlockingIOError:
            pass
        if pid == active or active == 0:
            break
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL) if os.WTERMSIG(status) not in (9, 19) else None
        os.kill(_getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status) & 255)


def fork_aside():
    """Forks a process that is not our child. Returns its pid here, and 0 there."""
    ends = os.pipe()
    middle = os.fork()
    if middle == 0:
        pid = os.fork()
        if pid:
            _write(ends[1], b"%d" % pid)
            os._exit(0)
    else:
        os.close(ends[1])
        os.waitpid(middle, 0)
        pid = int(_read(ends[0], 32) or 0)
        os.close(ends[0])
        if not pid:
            raise OSError("fork failed")
        return pid
    os.close(ends[0])
    os.close(ends[1])
    return 0


def keeps(ref):
    """Whether it is one of our sleeping interpreters."""
    try:
        with open(f"/proc/{int(ref)}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[0] != "Z" and int(fields[1]) == keeper and int(ref) != owner
    except (OSError, ValueError):
        return False


def checkpoint(record):
    global owner, loop
    if threading.active_count() > 1:
        return {"ok": False, "error": "threads are running: a fork would lose them"}
    flush()
    if keeper is None:
        become_keeper()
    if sum(keeps(name) for name in os.listdir("/proc") if name.isdigit()) >= CHECKPOINTS:
        return {"ok": False, "error": f"there are {CHECKPOINTS} checkpoints: drop one first"}
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    ref = fork_aside()
    if ref:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
        return {"ok": True, "ref": ref}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        signal.sigwait([signal.SIGUSR1])
        if fork_aside() == 0:
            break
    owner, loop = _getpid(), None  # The loop's epoll is shared with those that sleep.
    _write(told[1], b"%d " % owner)
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()  # `random` does this by itself when it is forked.
    signal.signal(signal.SIGINT, on_interrupt)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
    request = _decode(_read(asks[0], 4096).decode())
    send({"type": "restored", **request})
    return None


def manage(record):
    """A checkpoint, a restore or a drop. The reader has ended, so that a fork finds one thread."""
    reader.join()
    ref = record.get("ref")
    try:
        if record["type"] == "checkpoint":
            fields = checkpoint(record)
        elif record["type"] not in ("restore", "drop"):
            fields = {"error": "unknown type"}
        elif not keeps(ref):
            fields = {"ok": False, "error": "there is no such checkpoint"}
        elif record["type"] == "drop":
            os.kill(int(ref), signal.SIGKILL)
            while keeps(ref):
                time.sleep(0.001)
            fields = {"ok": True}
        else:
            flush()
            _write(asks[1], _encode({"id": record["id"], "name": str(record.get("name"))[:200]}).encode())
            _write(told[1], b"0 ")
            os.kill(int(ref), signal.SIGUSR1)
            os._exit(0)
    except Exception as error:
        fields = {"ok": False, "error": f"{type(error).__name__}: {error}"[:500]}
    if fields is not None:
        send({"type": "answer", "id": record["id"], **fields})
    start_reader()


install()
signal.signal(signal.SIGINT, on_interrupt)
start_reader()
features = ["complete", "inspect", "is_complete", "variables", "checkpoint", "interrupt", "rich", "concurrent"]
send({"type": "ready", "protocol": 1, "language": "python", "version": sys.version.split()[0], "features": features})
sys.argv = [""]
sys.path[0:1] = [os.getcwd()]
while True:
    command = commands.get()
    if command["type"] == "execute":
        execute(command)
    else:
        manage(command)
