// Python as a zygote. Its C functions are called under PyGILState, since some callers of the interposed functions have given
// the lock up.
#include "library.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    int (*ensure)(void);
    void (*release)(int);
    void (*before)(void), (*parent)(void), (*child)(void);
    void *(*run)(const char *, int, void *, void *);
    void *(*new_dict)(void);
    int (*set_item)(void *, const char *, void *);
    void *(*builtins)(void);
    void *(*new_list)(long);
    int (*append)(void *, void *);
    void *(*decode)(const char *);
    void *(*bytes)(const char *);
    void (*print)(void);
    void (*forget)(void *);
    void *(*module)(const char *);
    void *(*names)(void *);
    void (*track)(void *), (*untrack)(void *);
    int (*is_initialized)(void);
    void *(*modules)(void);
    long (*size)(void *);
    void *(*item)(void *, long);
    void *(*look_up)(void *, void *);
    int (*next)(void *, long *, void **, void **);
    int (*put)(void *, void *, void *);
    long (*count)(void *);
    void *(*call)(void *, const char *, const char *, ...);
    void (*no_error)(void);
    int (*set_system)(const char *, void *);
    void *(*capsule)(void *, const char *, void (*)(void *));
    void *(*system)(const char *);
    int (*finalize)(void);
    const char *(*text)(void *);
} python;

/// The names of the modules that were loaded because we were told to, or by these: what is before the first dot, in order.
static const char **python_loaded;
static long python_loaded_count;

/// The modules that were there before the fork, by name: a dictionary that lives as long as the process.
static void *python_modules;

/// Where the contents of a dictionary are: its count, its version, its keys, its values. The layout is that of all versions
/// since 3.6; `python_boot` tries it.
struct python_dictionary {
    void *reserved[2], *contents[4];
};

/// Has two dictionaries change their contents without touching what is in them.
static void python_swap(void *one, void *other) {
    struct python_dictionary *a = one, *b = other;
    for (int i = 0; i < 4; i++) {
        void *word = a->contents[i];
        a->contents[i] = b->contents[i];
        b->contents[i] = word;
    }
}

static int python_can_swap;

static void python_try_swap(void) {
    void *one = python.new_dict(), *other = python.new_dict();
    if (!one || !other || python.set_item(one, "a", one) < 0 || python.set_item(one, "b", one) < 0 ||
        python.set_item(other, "c", one) < 0)
        return;
    python_swap(one, other);
    python_can_swap = python.count(one) == 1 && python.count(other) == 2;
    // They hold each other, and stay.
}

static int python_state;
/// Whether a module has been loaded that keeps a secret made at its import.
static int python_has_secrets;

/// The streams as they were before the program.
static void *python_streams[2];

/// Runs statements in a namespace of their own that has `list` as a name. Returns 0, or -1 after printing the exception.
static int python_run(const char *code, void *list) {
    enum { FILE_INPUT = 257 };
    void *names = python.new_dict();
    if (!names) return -1;
    void *result = NULL;
    if (python.set_item(names, "__builtins__", python.builtins()) == 0 &&
        (!list || python.set_item(names, "items", list) == 0))
        result = python.run(code, FILE_INPUT, names, names);
    python.forget(names);
    if (!result) {
        python.print();
        return -1;
    }
    python.forget(result);
    return 0;
}

/// A list of texts or byte strings.
static void *python_list(const char *const *strings, uint32_t count, void *(*make)(const char *)) {
    void *list = python.new_list(0);
    for (uint32_t i = 0; list && i < count; i++) {
        void *item = make(strings[i]);
        if (!item || python.append(list, item) < 0) return NULL;
        python.forget(item);
    }
    return list;
}

static int python_boot(char *modules) {
    FIND(python.ensure, "PyGILState_Ensure");
    FIND(python.release, "PyGILState_Release");
    FIND(python.before, "PyOS_BeforeFork");
    FIND(python.parent, "PyOS_AfterFork_Parent");
    FIND(python.child, "PyOS_AfterFork_Child");
    FIND(python.run, "PyRun_String");
    FIND(python.new_dict, "PyDict_New");
    FIND(python.set_item, "PyDict_SetItemString");
    FIND(python.builtins, "PyEval_GetBuiltins");
    FIND(python.new_list, "PyList_New");
    FIND(python.append, "PyList_Append");
    FIND(python.decode, "PyUnicode_DecodeFSDefault");
    FIND(python.bytes, "PyBytes_FromString");
    FIND(python.print, "PyErr_Print");
    FIND(python.forget, "Py_DecRef");
    FIND(python.module, "PyImport_AddModule");
    FIND(python.names, "PyModule_GetDict");
    FIND(python.track, "PyObject_GC_Track");
    FIND(python.untrack, "PyObject_GC_UnTrack");
    FIND(python.is_initialized, "Py_IsInitialized");
    FIND(python.modules, "PyImport_GetModuleDict");
    FIND(python.size, "PyList_Size");
    FIND(python.item, "PyList_GetItem");
    FIND(python.look_up, "PyDict_GetItem");
    FIND(python.next, "PyDict_Next");
    FIND(python.put, "PyDict_SetItem");
    FIND(python.count, "PyDict_Size");
    FIND(python.call, "PyObject_CallMethod");
    FIND(python.no_error, "PyErr_Clear");
    FIND(python.set_system, "PySys_SetObject");
    FIND(python.capsule, "PyCapsule_New");
    FIND(python.system, "PySys_GetObject");
    FIND(python.finalize, "Py_FinalizeEx");
    FIND(python.text, "PyUnicode_AsUTF8");
    python_state = python.ensure();
    const char *names[512];
    uint32_t count = 0;
    for (char *rest = NULL, *name = strtok_r(modules, ",", &rest); name && count < 512; name = strtok_r(NULL, ",", &rest))
        names[count++] = name;
    void *list = python_list(names, count, python.decode);
    for (uint32_t i = 0; i < count; i++)
        if (strncmp(names[i], "multiprocessing", 15) == 0 || strcmp(names[i], "uuid") == 0) python_has_secrets = 1;
    // Flushed, or what they print would be repeated in every program.
    void *loaded = python.new_list(0);
    if (!list || !loaded ||
        python_run("import sys\nitems.extend(name.partition('.')[0] for name in sys.modules)\n", loaded) < 0 ||
        python_run("import sys\n"
                   "for item in items: __import__(item)\n"
                   "for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):\n"
                   "    if stream is not None: stream.flush()\n",
                   list) < 0 ||
        python_run("import sys\n"
                   "before = set(items)\n"
                   "items[:] = sorted({name.partition('.')[0] for name in sys.modules} - before)\n",
                   loaded) < 0)
        return -1;
    python_loaded_count = python.size(loaded);
    python_loaded = calloc((size_t)python_loaded_count + 1, sizeof *python_loaded);
    for (long i = 0; python_loaded && i < python_loaded_count; i++)
        if (!(python_loaded[i] = python.text(python.item(loaded, i)))) return -1;
    if (!python_loaded) return -1;
    python_modules = python.new_dict();
    if (!python_modules ||
        python_run("import sys\n"
                   "items.update((name, module) for name, module in sys.modules.items()\n"
                   "             if name not in ('__main__', 'builtins', 'sys'))\n",
                   python_modules) < 0)
        return -1;
    python_try_swap();
    // What is alive now will hardly die; kept out of the collector's sight its pages stay shared.
    if (python_run("import gc\ngc.collect()\ngc.freeze()\n", NULL) < 0) return -1;
    python_streams[0] = python.system("stdout");
    python_streams[1] = python.system("stderr");
    // Without it the end takes a little longer.
    (void)prepare_early_return();
    // But the namespace of the program dies with it, and what hangs on it is finalized then: the collector has to see it.
    void *program = python.module("__main__"), *space = program ? python.names(program) : NULL;
    if (!space) return -1;
    python.untrack(program);
    python.track(program);
    python.untrack(space);
    python.track(space);
    return 0;
}

static void python_before(void) { python.before(); }
static void python_parent(void) { python.parent(); }

/// All modules of the program have been taken apart; what follows is the interpreter itself.
static void python_is_done(void *capsule) {
    (void)capsule;
    for (int i = 0; i < 2; i++) {
        // What finalizers have printed. The interpreter would ignore an error here, too.
        void *done = python.call(python_streams[i], "flush", NULL);
        if (done) python.forget(done);
        else python.no_error();
    }
    if (!write_failed) return_early((void *)python.finalize, 0);
}

/// The end of a program takes all modules apart, and each page it touches is copied for it: as much work as the start that
/// the fork has saved. Nothing of that can be seen, since the process ends: so those that were there before the program are
/// taken out of the interpreter's sight, and only the program's own are taken apart.
static void python_end(void) {
    if (python.is_initialized()) return; // a signal handler of the program, not the end
    at_end = NULL;
    if (!python_can_swap) return;
    void *modules = python.modules(), *own = python.new_dict(), *name, *module;
    if (!modules || !own) return;
    for (long place = 0; python.next(modules, &place, &name, &module);)
        if (python.look_up(python_modules, name) != module && python.put(own, name, module) < 0) return;
    // Not seen by the collector, either: it would look at everything in there.
    python.untrack(own);
    python_swap(modules, own);
    // The interpreter takes itself apart only after the program's objects have been finalized. It begins with what is in `sys`,
    // and there with names that begin with one underscore: at that point the process may as well end. Not when a flush may
    // have failed, since the exit status tells of that.
    if (write_failed || python.system("stdout") != python_streams[0] || python.system("stderr") != python_streams[1])
        return;
    void *capsule = python.capsule(python_streams, NULL, python_is_done);
    if (!capsule) return;
    if (python.set_system("_nestbox", capsule) < 0) python.no_error();
    python.forget(capsule);
}

static void python_child(void) {
    at_end = python_end;
    // Runs the interpreter's own hooks: locks, threads, the generator of `random`.
    python.child();
    // What these modules made when they were imported would be the same in every fork. Nobody would miss what fails here but
    // the secret, so a failure ends the sandbox.
    if (python_has_secrets &&
        python_run("import os, sys\n"
                   "process = sys.modules.get('multiprocessing.process')\n"
                   "if process: process.current_process()._config['authkey'] = process.AuthenticationString(os.urandom(32))\n"
                   "uuid = sys.modules.get('uuid')\n"
                   "if uuid: uuid._node = uuid._last_timestamp = None\n",
                   NULL) < 0)
        _exit(125);
    prime();
}

static void python_practise(void) {
    at_end = python_end;
    python_run("print('x')\n", NULL);
}

static int compare_names(const void *key, const void *item) { return strcmp(key, *(const char *const *)item); }

/// Whether python would take a name for that of a module: a directory, a source, or one that was compiled.
static int is_module(const char *suffix) {
    static const char *const ends[] = {".py", ".pyc", ".so"};
    size_t length = strlen(suffix);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (length >= strlen(ends[i]) && strcmp(suffix + length - strlen(ends[i]), ends[i]) == 0) return 1;
    return length == 0;
}

/// Whether the file is, or may be, an archive: python executes one, too, and knows it by its end (zipimport).
static int is_archive(const char *script) {
    char end[22 + 65535];
    struct stat status;
    int file = open(script, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0; // python will say so
    ssize_t count = 0;
    int is_file = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    if (is_file && status.st_size >= 22)
        count = pread(file, end, sizeof end, status.st_size > (off_t)sizeof end ? status.st_size - (off_t)sizeof end : 0);
    close(file);
    return !is_file || count < 0 || memmem(end, (size_t)count, "PK\5\6", 4) != NULL;
}

/// The directory of the script comes first where python looks for modules. One of the program's own goes before one of the same
/// name that is loaded already, and before what that one has imported: nothing short of a start brings that about.
static int python_is_overtaken(const char *script) {
    if (is_archive(script)) return 1;
    if (python_loaded_count == 0) return 0;
    DIR *directory = opendir(".");
    if (!directory) return 1;
    int found = 0;
    for (struct dirent *entry; !found && (entry = readdir(directory));) {
        char *suffix = entry->d_name + strcspn(entry->d_name, ".");
        if (!is_module(suffix)) continue;
        *suffix = 0;
        found = bsearch(entry->d_name, python_loaded, (size_t)python_loaded_count, sizeof *python_loaded,
                        compare_names) != NULL;
    }
    closedir(directory);
    return found;
}

static void python_apply(const struct nestbox_order *order, int is_same_environment) {
    // The command is the interpreter and its script; what comes behind is the program's.
    if (order->arguments > 2) {
        void *list = python_list(order->argument, order->arguments, python.decode);
        if (!list || python_run("import sys\nsys.orig_argv[:] = items\nsys.argv[:] = items[1:]\n", list) < 0) exit(125);
    }
    if (!is_same_environment) {
        void *list = python_list(order->variable, order->environment, python.bytes);
        if (!list || python_run("import os\n"
                                "data = os.environ._data\n"
                                "data.clear()\n"
                                "for item in items:\n"
                                "    key, _, value = item.partition(b'=')\n"
                                "    data[key] = value\n",
                                list) < 0)
            exit(125);
    }
    python.release(python_state);
}

const struct language python_language = {
    "python", python_boot, {python_before, python_parent, python_child, NULL}, python_apply, python_is_overtaken, 1, NULL, python_practise,
};
