"""The other half of the driver of live sessions for Python: rich values, questions about the namespace, checkpoints, saving.

nestbox_session.py executes this among its names, behind session_cells.py.
"""

import base64

# --- Passwords


def ask_hidden(prompt="Password: ", stream=None):
    """Prompts, and reads a line of standard input, of which whoever asks for it is told that it is a password."""
    stream = stream or sys.stderr
    stream.write(str(prompt))
    stream.flush()
    send({"type": "password", "id": current, "on": True})
    try:
        line = sys.stdin.readline()
    finally:
        send({"type": "password", "id": current, "on": False})
    if not line:
        raise EOFError
    return line.rstrip("\n")


# So that it is saved as the function of the module that it stands for.
ask_hidden.__name__ = ask_hidden.__qualname__ = ask_hidden.__module__ = "getpass"


def hide(name):
    """The module getpass as it is, but for this function."""
    spec = next(filter(None, (finder.find_spec(name) for finder in sys.meta_path)), None)
    if spec is not None and spec.loader is not None:
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            module.getpass = ask_hidden
        spec.loader.exec_module = exec_module
    return spec


# --- Rich values

MIMES = {
    "_repr_html_": "text/html", "_repr_markdown_": "text/markdown", "_repr_svg_": "image/svg+xml", "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg", "_repr_latex_": "text/latex", "_repr_json_": "application/json",
    "_repr_javascript_": "application/javascript",
}


def bundle(value):
    """What the object itself offers in other formats, by IPython's names for it."""
    data, kind = {}, type(value)
    if kind in PLAIN:
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


def show(values, display_id, update, raw):
    """display()."""
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
    """A class whose instances show `data` in one format, and in words where that cannot be shown."""

    def __init__(self, data):
        self.data = data

    def __repr__(self):
        if isinstance(self.data, str) and name in ("Markdown", "Latex"):
            return self.data  # Made to be read as it stands.
        return f"<{name}, {len(self.data)} bytes>" if isinstance(self.data, (bytes, bytearray)) else f"{name}({short(self.data)})"

    return type(name, (), {
        "__init__": __init__, "__repr__": __repr__, method: lambda self: self.data, "__doc__": f"display({name}(data))",
        "__module__": "nestbox",
    })


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


PARTS = {item.__name__: item for item in (display, update_display, clear_output)}
for method in MIMES:
    name = {"html": "HTML", "svg": "SVG", "png": "PNG", "jpeg": "JPEG", "json": "JSON"}.get(method[6:-1], method[6:-1].title())
    PARTS[name] = rich(name, method)
module.__dict__.update(PARTS)
del method, name


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


# --- Saving what can be saved, for another process on another day: `save` writes it to a file of /box, `load` reads it there and removes it.
# Functions and classes of cells go as their source; all other values as one pickle, so that what is shared stays shared. What cannot be pickled is
# left out, and named.


def make_function(code, name, defaults, keywords, values):
    import marshal

    function = types.FunctionType(marshal.loads(code), space, name, defaults, tuple(types.CellType(value) for value in values) or None)
    function.__kwdefaults__ = keywords
    function.__module__ = "__main__"
    return function


def dump(value, names, known={}):
    """Pickles. What cells defined is named, if it stands under its name; other functions of cells go as their code; values of variables
    that are `known`, by their id, go as the name. Says, too, whether it needs what cells defined."""
    import importlib
    import io
    import marshal
    import pickle

    class Pickler(pickle.Pickler):
        needs = False

        def persistent_id(self, item):
            return known.get(id(item))

        def reducer_override(self, item):
            if names.get(getattr(item, "__qualname__", None)) is item and item is not make_function:
                self.needs = True
            if type(item) is types.ModuleType and item is not main:
                return importlib.import_module, (item.__name__,)
            if type(item) is types.FunctionType and item.__module__ == "__main__" and names.get(item.__qualname__) is not item:
                values = tuple(cell.cell_contents for cell in item.__closure__ or ())
                return make_function, (marshal.dumps(item.__code__), item.__name__, item.__defaults__, item.__kwdefaults__, values)
            return NotImplemented

    output = io.BytesIO()
    pickler = Pickler(output, 4)
    pickler.dump(value)
    return output.getvalue(), pickler.needs


def definitions():
    """Functions and classes that cells defined at the top, with their source, in its order."""
    import inspect

    found = {}
    for name, value in list(space.items()):
        if type(value) is types.FunctionType or isinstance(value, type):
            if value.__module__ == "__main__" and value.__qualname__ == name:
                try:
                    source = inspect.getsource(value) if type(value) is types.FunctionType else class_source(value)
                    found[name] = (value, place(value), source)
                except (OSError, TypeError, SyntaxError, IndexError, ValueError):
                    pass
    return sorted(found.items(), key=lambda item: item[1][1])


def place(value):
    code = getattr(value, "__code__", None) or next(
        (item.__code__ for item in vars(value).values() if type(item) is types.FunctionType), None)
    number = code.co_filename[7:-1] if code is not None and code.co_filename.startswith("<cell e") else "0"
    return (int(number) if number.isdigit() else 0, code.co_firstlineno if code is not None else 0)


def class_source(value):
    """The last definition of a class that is still remembered: its file cannot be asked for, as __main__ has none."""
    import linecache

    for name, _ in reversed(sources):
        text = "".join(linecache.cache[name][2])
        for node in reversed(ast.parse(text).body):
            if isinstance(node, ast.ClassDef) and node.name == value.__name__:
                first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
                return "\n".join(text.splitlines()[first - 1:node.end_lineno])
    raise OSError("no source")


def save_state(record):
    import pickle

    lost, flags_now = [], flags
    defined = definitions()
    names = {name: value for name, (value, _, _) in defined}
    rest = {
        name: value for name, value in list(space.items())
        if names.get(name) is not value and name not in ("__builtins__", "__name__", "__doc__", "__loader__", "__spec__", "__package__", "_")
    }
    main.__dict__["_make"] = make_function  # The name under which a pickle finds it.
    make_function.__module__, make_function.__qualname__ = "__main__", "_make"
    names["_make"] = make_function
    first, second = {}, {}  # Values that definitions may need, and values that need definitions.
    try:
        for name, value in rest.items():
            try:
                (second if dump(value, names)[1] else first)[name] = value
            except Exception as error:
                lost.append({"name": name[:200], "reason": f"{type(error).__name__}: {error}"[:200]})
        known = {id(value): name for name, value in first.items()}
        data = [dump(first, names)[0], dump(second, names, known)[0]]
    finally:
        space.pop("_make", None)
    if threading.active_count() > 1:
        lost.append({"name": "threads", "reason": "threads of cells end with their interpreter"})
    state = {
        "python": list(sys.version_info[:2]), "definitions": [(name, source) for name, (_, _, source) in defined], "data": data,
        "flags": flags_now, "directory": os.getcwd(),
    }
    with open(os.path.join(home, record["file"]), "wb") as file:
        pickle.dump(state, file, 4)
    return {"ok": True, "lost": lost[:ROWS]}


def load_state(record):
    global flags
    import io
    import pickle

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, name):
            return space[name]

    lost = []
    path = os.path.join(home, record["file"])
    with open(path, "rb") as file:
        os.unlink(path)
        state = pickle.load(file)
    if state["python"] != list(sys.version_info[:2]):
        raise ValueError(f"saved by Python {state['python'][0]}.{state['python'][1]}")
    flags = state["flags"]
    main.__dict__["_make"] = make_function
    waiting = state["definitions"]

    def define(last):
        later = []
        for name, source in waiting:
            try:
                run_cell(source, f"<cell {name}>")
            except Exception as error:
                later.append((name, source))
                if last:
                    lost.append({"name": name[:200], "reason": f"{type(error).__name__}: {error}"[:200]})
        return later

    try:
        for last, data in enumerate(state["data"]):  # What needs values comes after them, and before those that need it.
            waiting = define(last)
            space.update(Unpickler(io.BytesIO(data)).load())
    finally:
        space.pop("_make", None)
    try:
        os.chdir(state["directory"])
    except OSError as error:
        lost.append({"name": "directory", "reason": str(error)[:200]})
    return {"ok": True, "lost": lost[:ROWS]}


def manage(record):
    """A checkpoint, a restore or a drop. The reader has ended, so that a fork finds one thread."""
    reader.join()
    ref = record.get("ref")
    try:
        if record["type"] == "checkpoint":
            fields = checkpoint(record)
        elif record["type"] in ("save", "load"):
            fields = (save_state if record["type"] == "save" else load_state)(record)
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
