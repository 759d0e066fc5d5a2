import Foundation
import Glibc
import Synchronization
import Testing

/// A real nestboxd on a free port, with sandboxes of this machine's own programs. Gone, with all it started, with its owner.
final class Service: @unchecked Sendable {
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Where the built executables are.
    static let products: String? = {
        var candidates = [URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path]
        candidates += CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
        if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            candidates.append(URL(fileURLWithPath: link).deletingLastPathComponent().path)
        }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0 + "/nestboxd") }
    }()

    static var canRun: Bool { geteuid() == 0 && products != nil }

    /// Services that several tests share; stopped when the tests are over, however they went.
    private static let shared: Mutex<[String: Service]> = {
        atexit { Service.stopShared() }
        return Mutex([:])
    }()

    private static func stopShared() {
        let services = shared.withLock { services in
            defer { services = [:] }
            return Array(services.values)
        }
        for service in services { service.remove() }
    }

    /// The service of these settings, started by the first who asks.
    static func shared(_ settings: [String]) throws -> Service {
        try shared.withLock { services in
            let key = settings.joined(separator: " ")
            if let service = services[key], service.process.isRunning { return service }
            let service = try Service(settings)
            services[key] = service
            return service
        }
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    let directory: String
    let port: UInt16
    let process = Process()
    private let log: String

    /// What python's driver of sessions needs beside it.
    private static let driverFiles = ["nestbox_session.py", "session_cells.py", "session_more.py"]
    private static let session =
        "session: {driver: session.py, files: [\(driverFiles.joined(separator: ", "))], "
        + "run: [/usr/bin/python3, session.py]}"

    /// A language whose compiler copies, and one that is never built.
    private static let others = [
        "copied": """
        version: 1
        name: copied
        description: bash, copied
        language: bash
        release: {version: 0.1}
        editor: text/x-sh
        root: {host: true}
        file: main.copied
        compile:
          run: [/usr/bin/cp, "{options}", main.copied, copy]
          options: [--verbose]
          produces: [copy]
        run: [/usr/bin/bash, copy]
        check: {code: "read word; echo $word", stdin: "sample input\\n", stdout: "sample input\\n"}

        """,
        "nim": """
        version: 1
        name: nim
        description: Nim, which is not there
        release: {version: 1.6}
        root: {debian: bookworm, packages: [nim]}
        file: main.nim
        run: [./main]
        check: {code: x, stdout: y}

        """,
    ]

    /// - Parameters:
    ///   - warm: how python's sandboxes are prepared, as in `image.yaml`; nil for not at all.
    ///   - descriptors: RLIMIT_NOFILE; nil for that of the tests.
    init(
        _ settings: [String] = [], environment: [String: String] = [:], warm: String? = nil, descriptors: Int? = nil,
        listen: String = "127.0.0.1:0"
    ) throws {
        let products = try #require(Self.products)
        directory = NSTemporaryDirectory() + "nestbox-service-" + UUID().uuidString
        log = directory + "/log"
        let manager = FileManager.default
        try manager.createDirectory(atPath: directory + "/state", withIntermediateDirectories: true)
        // nestboxd is somebody else by the time it looks.
        chmod(directory, 0o755)
        for (name, suffix, command, check, root) in [
            ("python", "py", warm == nil ? "/usr/bin/python3" : "python3", "print(6*7)", "host: true"),
            ("bash", "sh", "/usr/bin/bash", "echo $((6*7))", "host: true"),
            // One that nobody has built.
            ("lua", "lua", "lua5.4", "print(6*7)", "debian: bookworm, packages: [lua5.4]"),
        ] {
            try manager.createDirectory(atPath: directory + "/images/" + name, withIntermediateDirectories: true)
            let text = """
                version: 1
                name: \(name)
                extensions: [\(suffix)]
                root: {\(root)}
                file: main.\(suffix)
                run: [\(command), main.\(suffix)]
                check: {code: '\(check)', stdout: "42\\n"}
                editor: \(name == "python" ? "python" : "text/x-sh")
                \(name == "python" ? "artifacts: [plot-*.png]" : "")
                \(name == "python" ? warm.map { "warm: \($0)\n" } ?? "" : "")
                \(name == "python" ? Self.session : "")
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/images/\(name)/image.yaml"))
        }
        for file in ["session.py"] + Self.driverFiles {
            try manager.copyItem(
                atPath: Self.repository + "/images/python/" + file, toPath: directory + "/images/python/" + file)
        }
        for (name, text) in Self.others {
            try manager.createDirectory(atPath: directory + "/images/" + name, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/images/\(name)/image.yaml"))
        }
        try #require(manager.createFile(atPath: directory + "/out", contents: nil))
        try #require(manager.createFile(atPath: log, contents: nil))
        process.executableURL = URL(fileURLWithPath: products + "/nestboxd")
        process.arguments =
            [
                "--listen", listen, "--user", "nobody", "--state", directory + "/state", "--images",
                directory + "/images", "--policies", Self.repository + "/policies", "--web",
                Self.repository + "/Sources/RunAPI/Web", "--log-level", "debug",
            ] + settings
        if let descriptors {
            process.arguments =
                ["-c", "ulimit -n \(descriptors); exec \"$0\" \"$@\"", products + "/nestboxd"]
                + (process.arguments ?? [])
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
        }
        process.environment = environment
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: directory + "/out"))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try process.run()
        let end = ContinuousClock.now + .seconds(30)
        var found: UInt16?
        while found == nil, ContinuousClock.now < end, process.isRunning {
            let text = try String(contentsOfFile: directory + "/out", encoding: .utf8)
            if text.hasSuffix("\n"), let digits = text.dropLast().split(separator: ":").last { found = UInt16(digits) }
            usleep(20_000)
        }
        guard let found else {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            let words = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            try? FileManager.default.removeItem(atPath: directory)
            throw Failed(description: "nestboxd did not start: \(words)")
        }
        port = found
    }

    deinit {
        remove()
    }

    private func remove() {
        stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    var url: String { "http://127.0.0.1:\(port)" }

    /// What has been logged so far.
    var records: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    private var isStopping = false

    /// Tells it to end in order, once: told twice it ends at once.
    func terminate() {
        if !isStopping, process.isRunning { process.terminate() }
        isStopping = true
    }

    /// Ends it in order, at most for 40 seconds.
    @discardableResult
    func stop() -> Int32 {
        terminate()
        let end = ContinuousClock.now + .seconds(40)
        while process.isRunning, ContinuousClock.now < end { usleep(20_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// The processes below it: its keeper, and the wardens of that.
    func wardens() -> [Int32] {
        func children(of pid: Int32) -> [Int32] {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
            return threads.flatMap { thread in
                let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/children", encoding: .utf8)) ?? ""
                return text.split(separator: " ").compactMap { Int32($0) }
            }
        }
        return children(of: process.processIdentifier).flatMap { children(of: $0) }
    }
}
