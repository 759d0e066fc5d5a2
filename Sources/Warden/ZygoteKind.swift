internal import Glibc
internal import LinuxSystem
internal import SandboxSpec

/// What a zygote is made of: one lives for each of these.
struct ZygoteKind: Hashable {
    let root: RootSource
    /// Which directory of that name: an image that is built again is another one, and a zygote keeps the one it began with. Nil for
    /// the host, and where there is none, as the zygote will find.
    let directory: Directory?
    /// Nil for the plain zygote.
    let interpreter: ForkedInterpreter?

    struct Directory: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    struct ForkedInterpreter: Hashable {
        let language: ZygoteLanguage
        let interpreter: Interpreter
    }

    init(_ spec: SandboxSpec) {
        root = spec.root
        if case .tree(let path) = spec.root, let status = try? Files.status(path) {
            directory = Directory(device: status.device, inode: status.inode)
        } else {
            directory = nil
        }
        switch spec.preparation {
        case .none, .boot: interpreter = nil
        case .fork(let language, let interpreter):
            self.interpreter = ForkedInterpreter(language: language, interpreter: interpreter)
        }
    }
}

extension ZygoteKind.ForkedInterpreter {
    /// - Throws: when this could start anything but the plain interpreter of its language.
    func check() throws(StageFailure) {
        func refuse(_ object: String) -> StageFailure { StageFailure(stage: "admit", errno: EPERM, object: object) }
        guard interpreter.command.count == 2, language.isInterpreter(interpreter.command[0]),
            interpreter.command[1] == interpreter.script
        else {
            throw refuse("the zygote command \(interpreter.command), which is not an interpreter and its script")
        }
        if let entry = interpreter.environment.first(where: { !ZygoteLanguage.mayBoot(with: $0) }) {
            throw refuse("the variable \(entry.prefix(64)) for a zygote")
        }
        if let module = interpreter.modules.first(where: { !language.isModule($0) }) {
            throw refuse("the module \(module) for a zygote of \(language.rawValue)")
        }
    }

    /// What the zygote library is configured by, and how it is loaded.
    var environment: [String] {
        var all = interpreter.environment
        all += [
            "NESTBOX_ZYGOTE_LANGUAGE=\(language.rawValue)", "NESTBOX_ZYGOTE_SCRIPT=\(interpreter.script)",
            "NESTBOX_ZYGOTE_MODULES=\(interpreter.modules.joined(separator: ","))",
        ]
        // Lua 5.4 seeds its random source when it starts, from the time and an address: what a fork shares. So it stops in a
        // line of its own instead of at the end of its start, and seeds again; earlier versions seed never. The script's
        // name can stand in that line: `Interpreter.isScript`.
        if language == .lua {
            all.append(
                "LUA_INIT=local f = io.open('\(interpreter.script)') if f then f:close() end "
                    + "if _VERSION == 'Lua 5.4' then local r = io.open('/dev/urandom', 'rb') "
                    + "math.randomseed(string.unpack('i8i8', r:read(16))) r:close() end")
        }
        all.append(Self.preload)
        return all
    }

    static let preload = "LD_PRELOAD=/proc/self/fd/5"
}

extension Interpreter {
    /// The job that boots it inside of a sandbox.
    var bootJob: Job {
        Job(
            arguments: command,
            environment: environment + [
                "NESTBOX_ZYGOTE_SCRIPT=\(script)", ZygoteKind.ForkedInterpreter.preload,
            ])
    }
}
