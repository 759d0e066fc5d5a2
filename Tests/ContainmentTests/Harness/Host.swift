internal import Foundation

/// The machine the suite runs on, and what the suite needs of it.
enum Host {
    /// What is missing for the suite to run here, or nil when all is there.
    static let obstacle: String? = {
        if geteuid() != 0 { return "not root" }
        if TestWarden.executable == nil { return "no nestbox-warden beside the tests, and NESTBOX_WARDEN is not set" }
        for tool in ["/usr/bin/gcc", "/usr/bin/setpriv"] where access(tool, X_OK) != 0 { return "no \(tool)" }
        return nil
    }()

    static let isReady: Bool = {
        if let obstacle { print("containment: everything skipped: \(obstacle)") }
        return obstacle == nil
    }()

    /// CLOCK_MONOTONIC in nanoseconds.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// A name nobody else uses.
    static func token() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

    /// This file's directory, which holds the probe sources and golden answers.
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// The first `limit` bytes of a file as text, or nil.
    static func text(_ path: String, limit: Int = 1 << 20) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return String(decoding: readAll(file, limit: limit), as: UTF8.self)
    }

    /// Everything up to end of file, an error, or `limit` bytes.
    static func readAll(_ file: Int32, limit: Int = .max) -> [UInt8] {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while all.count < limit {
            let count = read(file, &chunk, min(chunk.count, limit - all.count))
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
            all += chunk[..<count]
        }
        return all
    }

    /// Asks `condition` every few milliseconds until it holds or `seconds` have passed; what it said last.
    static func eventually(within seconds: Double, _ condition: () async -> Bool) async -> Bool {
        let deadline = now + Int64(seconds * 1_000_000_000)
        while await !condition() {
            if now > deadline { return false }
            try? await Task.sleep(nanoseconds: 5_000_000)
        }
        return true
    }
}
