import Foundation
import Testing

@testable import AuditLog

/// A directory with an audit log; gone with its owner.
final class AuditFixture: Sendable {
    let directory: String
    var path: String { directory + "/audit.jsonl" }

    init() throws {
        directory = NSTemporaryDirectory() + "nestbox-audit-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func open(_ synchronization: AuditLog.Synchronization = .second) throws -> AuditLog {
        try AuditLog(path: path, synchronization: synchronization, time: { "2026-12-01T00:00:00.000Z" })
    }

    func entry(_ target: String = "t") -> AuditEntry {
        AuditEntry("run.kill", actor: "key:abcdefgh", address: "127.0.0.1", target: target, outcome: .done)
    }

    func bytes(_ name: String = "audit.jsonl") throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)))
    }

    func lines(_ name: String = "audit.jsonl") throws -> [String] {
        String(decoding: try bytes(name), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func write(_ bytes: some Sequence<UInt8>, to name: String = "audit.jsonl") throws {
        let path = directory + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Follows the chain through files.
    ///
    /// - Returns: where it breaks; nil when it does not.
    func breakOfChain(_ names: [String] = ["audit.jsonl"]) -> AuditReader.Break? {
        var chain = AuditChain()
        do throws(AuditReader.Break) {
            for name in names { try AuditReader.verify(directory + "/" + name, &chain) }
            return nil
        } catch {
            return error
        }
    }
}
