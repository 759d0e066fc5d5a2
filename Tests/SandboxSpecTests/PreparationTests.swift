import SandboxSpec
import Testing

/// What a hostile client may name for an interpreter that is started outside of a sandbox.
@Suite("Preparation")
struct PreparationTests {
    private func field(
        _ script: String = "main.py", modules: [String] = [], environment: [String] = []
    ) -> String? {
        do throws(InvalidInterpreter) {
            _ = try Interpreter(
                command: ["python3", script], environment: environment, script: script, modules: modules)
            return nil
        } catch {
            return error.field
        }
    }

    @Test("a script is a plain file name", arguments: ["main.py", "Main.class", "a", "0", "_x-y.z", "a..b"])
    func goodScripts(name: String) {
        #expect(field(name) == nil)
    }

    @Test(
        "and neither an option nor code nor a path",
        arguments: [
            "", ".", "..", ".hidden", "-c", "-cimport os", "-eprint(1)", "a/b", "a b", "a'b", "x') os.exit() ('",
            "a\"b",
            "a\nb", "a;b", "a\\b", "ä.py", "a\0", String(repeating: "a", count: 256),
        ])
    func badScripts(name: String) {
        #expect(field(name) == "script")
    }

    @Test("modules are names", arguments: ["json", "os.path", "net/http", "a-b", "_x"])
    func goodModules(name: String) {
        #expect(field(modules: [name]) == nil)
    }

    @Test(
        "and no paths out of the library, options or code",
        arguments: ["", "/proc/self/cmdline", ".x", "./x", "-x", "..", "a/../b", "a'b", "a;b", "a,b", "a b", "a\nb"])
    func badModules(name: String) {
        #expect(field(modules: [name]) == "modules")
    }

    @Test("each language has its own", arguments: ZygoteLanguage.allCases)
    func modulesOfLanguages(language: ZygoteLanguage) {
        #expect(language.isModule("os.path") == (language == .python || language == .ruby))
        #expect(language.isModule("net/http") == (language == .ruby))
        for name in ["a-b", "1a", ".", "a.", "a..b"] where language == .python { #expect(!language.isModule(name)) }
        for name in ["a//b", "a/"] { #expect(!language.isModule(name)) }
        #expect(language.takesModules == language.isModule("json"))
    }

    @Test(
        "variables of a boot are of a short list, and have plain values",
        arguments: [
            "PATH=/usr/local/bin:/usr/bin", "PATH=/opt/python-3.11/bin", "HOME=/box", "USER=", "LANG=C.UTF-8",
            "LC_ALL=en_US.UTF-8@euro", "TZ=Europe/Berlin", "TZ=CET-1CEST,M3.5.0,M10.5.0/3", "PYTHONHASHSEED=0",
            "PYTHONUTF8=1",
        ])
    func goodVariables(entry: String) {
        #expect(ZygoteLanguage.mayBoot(with: entry))
    }

    @Test(
        "others are not booted with",
        arguments: [
            "PYTHONPATH=/box", "PYTHONSTARTUP=x", "PERL5OPT=-Mx", "RUBYOPT=-rx", "LUA_INIT=x", "PHPRC=/",
            "LD_PRELOAD=x",
            "PYTHONOPTIMIZE=1", "PATH=", "PATH=.", "PATH=bin", "PATH=/usr/bin:", "PATH=/usr/bin::/bin",
            "PATH=/proc/1/root", "PATH=//proc/self/cwd", "PATH=/dev/fd", "PATH=/usr/../proc/1", "PATH=/a b", "HOME=box",
            "HOME=/proc/1/cwd", "HOME=", "TZ=/etc/passwd", "TZ=:/etc/passwd", "TZ=../../etc/passwd", "LANG=/x",
            "LC_ALL=a\nb", "LC_ALL=a'b", "TZ=<+03>-3",
        ])
    func badVariables(entry: String) {
        #expect(!ZygoteLanguage.mayBoot(with: entry))
    }

    @Test("an interpreter is one of its language by name")
    func names() {
        #expect(ZygoteLanguage.lua.isInterpreter("lua5.4") && ZygoteLanguage.python.isInterpreter("python3"))
        for name in ["", "sh", "python3/x", "/usr/bin/python3", "python3 -c", "pythonx"] {
            #expect(!ZygoteLanguage.python.isInterpreter(name))
        }
    }
}
