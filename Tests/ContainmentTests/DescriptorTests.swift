internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Which descriptors a program starts with.
    @Suite("Descriptors")
    struct Descriptors {
        private static let clean = ["open 0 pipe", "open 1 pipe", "open 2 pipe", "cwd /box"]

        @Test("A02: exactly 0, 1 and 2, and a working directory below its own root")
        func startingDescriptors() async throws {
            let directory = open("/", O_RDONLY | O_DIRECTORY)
            defer { close(directory) }
            let bare = await (try Control.start(["fds"], extra: [directory])).finish()
            let found = try await ProbeRun.run(["fds"])
            Attempts.record(
                "A02", "descriptors and working directory", capable: bare.value("directory") == "\(directory)",
                contained: found.lines.sorted() == Self.clean.sorted(), found.summary)
        }

        @Test("A03: descriptors that others leave open while sandboxes are made reach none of them")
        func spawnRace() async throws {
            // A client as careless as can be: threads that open descriptors without close-on-exec, all the time, while
            // wardens are launched and jobs run.
            let noise = Noise(threads: 4)
            defer { noise.stop() }
            let control = try ChildProcess(
                try Control.arguments(["fds"], as: .nobody), extra: [0])
            let bare = await control.finish()
            let leaks = bare.lines.contains { $0.hasPrefix("live ") }
            var bad: [String] = []
            var lists = 0
            for _ in 0..<2 {
                let warden = try await TestWarden()
                for _ in 0..<15 {
                    let results = try await withThrowingTaskGroup(of: ProbeResult.self) { group in
                        for _ in 0..<4 { group.addTask { try await ProbeRun.run(["fds"], on: warden) } }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    lists += results.count
                    bad += results.filter { $0.lines.sorted() != Self.clean.sorted() }.map(\.summary)
                }
                let inherited = noise.paths(of: warden.pid)
                if !inherited.isEmpty { bad.append("the warden holds \(inherited)") }
                await warden.close()
            }
            Attempts.record(
                "A03", "\(lists) lists of descriptors beside \(noise.stop()) careless opens", capable: leaks,
                contained: bad.isEmpty, "\(bad.count) bad ones, such as \(bad.first ?? "")")
        }

        /// Threads that keep a few descriptors of one recognisable file open without close-on-exec.
        private final class Noise: Sendable {
            private let path: String
            private let state = Locked((running: true, opens: 0, threads: 0))

            init(threads: Int) {
                path = (try? ProbeProgram.shared.get().directory).map { $0 + "/noise" } ?? "/dev/null"
                close(open(path, O_CREAT | O_WRONLY, 0o666))
                state.withLock { $0.threads = threads }
                for _ in 0..<threads {
                    Thread { [path, state] in
                        while state.withLock({ $0.running }) {
                            let files = (0..<16).map { _ in open(path, O_RDONLY) }
                            usleep(2000)
                            for file in files where file >= 0 { close(file) }
                            state.withLock { $0.opens += files.count }
                        }
                        state.withLock { $0.threads -= 1 }
                    }.start()
                }
                usleep(5000)
            }

            /// Ends the noise; how many descriptors were opened.
            @discardableResult
            func stop() -> Int {
                state.withLock { $0.running = false }
                while state.withLock({ $0.threads }) > 0 { usleep(1000) }
                return state.withLock { $0.opens }
            }

            /// The noise's files among the descriptors of a process.
            func paths(of pid: Int32) -> [String] {
                let directory = "/proc/\(pid)/fd"
                return ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter {
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\($0)")) == path
                }
            }
        }
    }
}
