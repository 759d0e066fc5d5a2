internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import SandboxSpec
internal import Testing

/// POSIX_SPAWN_SETSID of spawn.h.
private let setsidFlag: Int32 = 0x80

/// A language of the differential tests: its programs are in Differential/, one after the other, between lines that begin
/// with `### ` and name the next.
struct DifferentialLanguage: Sendable, CustomTestStringConvertible {
    let name: String
    let interpreter: String
    let script: String
    /// How it is forked; nil for one that is booted instead.
    var zygote: ZygoteLanguage?
    /// Options for the bare run, where files of the machine are read that no sandbox has.
    var bareOptions: [String] = []
    /// Programs that see who they are or where, and so differ outside of a sandbox; cold and warm they must not.
    var differsBare: Set<String> = []

    static let all = [
        DifferentialLanguage(
            name: "python", interpreter: "python3", script: "main.py", zygote: .python,
            differsBare: ["resource", "permission"]),
        DifferentialLanguage(name: "perl", interpreter: "perl", script: "main.pl", zygote: .perl),
        // Long paths are printed on lines of their own.
        DifferentialLanguage(
            name: "node", interpreter: "node", script: "main.js", differsBare: ["argv", "missing"]),
        DifferentialLanguage(name: "ruby", interpreter: "ruby", script: "main.rb", zygote: .ruby),
        DifferentialLanguage(name: "lua", interpreter: "lua5.4", script: "main.lua", zygote: .lua),
        DifferentialLanguage(
            name: "php", interpreter: "php", script: "main.php", zygote: .php, bareOptions: ["-n"]),
    ]

    var testDescription: String { name }
    var path: String { "/usr/bin/" + interpreter }

    func programs() throws -> [(name: String, code: String)] {
        let file = Host.directory.appendingPathComponent("Differential/\(name).txt")
        var programs: [(name: String, code: String)] = []
        var lines: [Substring] = []
        var title = "plain"
        for line in try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("### ") {
                programs.append((title, lines.joined(separator: "\n") + "\n"))
                title = String(line.dropFirst(4))
                lines = []
            } else {
                lines.append(line)
            }
        }
        programs.append((title, lines.joined(separator: "\n")))
        return programs
    }
}

/// What is compared of a run: every byte, but for addresses and times.
struct Printed: Equatable, Sendable {
    let output: String
    let errors: String
    /// The exit status, or the signal below zero; nil for a run that was ended.
    let status: Int32?

    init(_ output: [UInt8], _ errors: [UInt8], _ status: Int32?) {
        self.output = Self.text(output)
        self.errors = Self.text(errors)
        self.status = status
    }

    /// One character for each byte.
    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        return text.replacing(/(0x|started )[0-9a-f]+/, with: "X")
    }

    var summary: String {
        "status \(status.map(String.init) ?? "none"), stdout \(output.suffix(400)), stderr \(errors.suffix(400))"
    }
}

/// Runs one program in each of the ways that must not differ.
struct DifferentialRun: Sendable {
    let language: DifferentialLanguage
    let warden: TestWarden

    private static let input = Array("first line\nsecond\nénd\n".utf8)
    private static let environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/box", "LANG=C.UTF-8", "USER=nestbox"]
    private static let timeout: Double = 30

    /// In a sandbox: made for this run, or forked or booted ahead.
    func sandboxed(_ code: String, isWarm: Bool) async throws -> Printed {
        let command = [language.interpreter, language.script]
        var options = ProbeOptions.limits([.memory: 1 << 30, .processes: 128, .inodes: 8192, .openFiles: 512])
        options.environment = Self.environment
        options.input = Self.input
        options.files = [(language.script, Array(code.utf8))]
        options.uploadsProbe = false
        options.program = command
        options.warmth = .cold
        options.timeout = Self.timeout
        if isWarm {
            let interpreter = try Interpreter(
                command: command, environment: Self.environment, script: language.script)
            options.preparation = language.zygote.map { .fork($0, interpreter) } ?? .boot(interpreter)
        }
        let result = try await ProbeRun.run([], options, on: warden)
        let status: Int32? =
            switch result.status {
            case .exited(let code)?: Int32(code)
            case .signaled(let number)?: -Int32(number)
            case nil: nil
            }
        return Printed(result.output, result.errors, status)
    }

    /// As a child of this process, in a directory of its own, with no sandbox around it.
    func bare(_ code: String) async throws -> Printed {
        let scratch = try ScratchDirectory()
        defer { scratch.remove() }
        // Called as it is in a sandbox, since some print only that.
        let directory = scratch.path + "/box"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        try Data(code.utf8).write(to: URL(fileURLWithPath: directory + "/" + language.script))
        let language = language
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try Self.spawn(language, in: directory) })
            }
        }
    }

    private static func spawn(_ language: DifferentialLanguage, in directory: String) throws -> Printed {
        var ends: [Int32] = []
        defer { for end in ends where end >= 0 { close(end) } }
        for _ in 0..<3 {
            var pair: [Int32] = [-1, -1]
            guard pipe2(&pair, O_CLOEXEC) == 0 else { throw ChildProcess.SpawnFailure(code: errno, program: "pipe") }
            ends += pair
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        for (number, end) in [(0, 0), (1, 3), (2, 5)] {
            posix_spawn_file_actions_adddup2(&actions, ends[end], Int32(number))
        }
        _ = addChangeDirectory(&actions, directory)
        _ = addCloseFrom(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | setsidFlag))
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var argv = ([language.interpreter] + language.bareOptions + [language.script]).map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        defer { for string in argv + envp { free(string) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, language.path, &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw ChildProcess.SpawnFailure(code: code, program: language.path) }
        for end in [0, 3, 5] {
            close(ends[end])
            ends[end] = -1
        }
        // Less than a pipe holds; a program that does not read is no reason to wait.
        input.withUnsafeBytes { _ = write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        ends[1] = -1
        let (output, errors) = read(ends[2], ends[4])
        if output == nil { kill(pid, SIGKILL) }
        var word: Int32 = 0
        while waitpid(pid, &word, 0) < 0 && errno == EINTR {}
        let status = word & 0x7f == 0 ? word >> 8 : -(word & 0x7f)
        return Printed(boxed(output ?? [], directory), boxed(errors, directory), output == nil ? nil : status)
    }

    /// Reads two streams to their ends. The first is nil when that takes too long.
    private static func read(_ first: Int32, _ second: Int32) -> ([UInt8]?, [UInt8]) {
        var polls = [
            pollfd(fd: first, events: Int16(POLLIN), revents: 0), pollfd(fd: second, events: Int16(POLLIN), revents: 0),
        ]
        var texts: [[UInt8]] = [[], []]
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let deadline = Host.now + Int64(timeout * 1e9)
        while polls.contains(where: { $0.fd >= 0 }) {
            guard Host.now < deadline else { return (nil, texts[1]) }
            _ = poll(&polls, 2, 100)
            for index in 0..<2 where polls[index].fd >= 0 && polls[index].revents != 0 {
                let count = Glibc.read(polls[index].fd, &chunk, chunk.count)
                if count > 0 { texts[index] += chunk[..<count] } else { polls[index].fd = -1 }
            }
        }
        return (texts[0], texts[1])
    }

    /// The program's directory has another name in a sandbox.
    private static func boxed(_ bytes: [UInt8], _ directory: String) -> [UInt8] {
        guard let range = Data(bytes).range(of: Data(directory.utf8)) else { return bytes }
        return Array(bytes[..<range.lowerBound]) + Array("/box".utf8)
            + boxed(Array(bytes[range.upperBound...]), directory)
    }
}
