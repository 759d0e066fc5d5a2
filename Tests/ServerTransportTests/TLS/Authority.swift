import Foundation
import Glibc
import Testing

/// A directory with certificates made by openssl(1), gone with its owner.
final class Authority {
    static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    let directory: String

    var chain: String { directory + "/chain.pem" }
    var key: String { directory + "/key.pem" }

    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/nestbox-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            Issue.record(error)
        }
    }

    struct Pair {
        let chain: [UInt8]
        let key: [UInt8]
    }

    /// A certificate for localhost that signs itself, and its key.
    func make(_ name: String, algorithm: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]) throws -> Pair {
        let (chain, key) = (directory + "/made.pem", directory + "/made.key")
        try run(
            ["req", "-x509", "-newkey"] + algorithm + [
                "-nodes", "-days", "2", "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:localhost", "-keyout",
                key,
                "-out", chain,
            ])
        return Pair(chain: try bytes(chain), key: try bytes(key))
    }

    func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.openssl))
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments.joined(separator: " "))")
    }

    /// Puts both files in place, each by renaming, as careful tools do it.
    func install(_ pair: Pair) throws {
        try replace(chain, pair.chain, mode: 0o644)
        try replace(key, pair.key, mode: 0o600)
    }

    func replace(_ path: String, _ bytes: [UInt8], mode: mode_t) throws {
        let new = directory + "/new"
        try Data(bytes).write(to: URL(fileURLWithPath: new))
        try #require(chmod(new, mode) == 0)
        try #require(rename(new, path) == 0)
    }

    /// Writes into the file that is there, as careless tools do it.
    func overwrite(_ path: String, _ bytes: some Collection<UInt8>) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
