import ConfigurationFiles
import Foundation
import Testing

@testable import Policies

/// The errors a text makes, one description per line, or none.
func diagnostics(_ body: () throws(ConfigurationError) -> Void) -> [String] {
    do throws(ConfigurationError) {
        try body()
        return []
    } catch {
        return error.diagnostics.map(\.description)
    }
}

/// Policy texts that tests build on: `base` is complete, `set` adds others to it.
enum Fixture {
    static let base = """
        version: 1
        name: base
        limits:
          cpu: 5s
          wall: 15s
          idle: 10s
          memory: 256MiB
          processes: 64
          output: 1MiB
          disk: 64MiB
          inodes: 8192
          file_size: 32MiB
          open_files: 256
          cpus: 1.0
        ceiling: {cpu: 30s, memory: 1GiB}
        warn_at: 80%
        network: none
        syscalls:
          allow: ["@small", "read"]
        pool: {min: 2, max: 32, warm: fork}
        """
    static let group = """
        version: 1
        name: small
        description: a few calls
        entries:
          - {call: write, why: output}
          - {call: exit_group, why: the end}
        """

    static func set(_ texts: [String: String], groups: [String: String] = ["small": group]) throws(ConfigurationError)
        -> PolicySet
    {
        var texts = texts
        if texts["base"] == nil { texts["base"] = base }
        return try PolicySet.parse(
            policies: texts.sorted { $0.key < $1.key }.map { ("\($0.key).yaml", $0.value) },
            groups: groups.sorted { $0.key < $1.key }.map { ("syscalls/\($0.key).yaml", $0.value) })
    }

    /// Errors in a policy `p` that extends `base` and says `lines`, which begin at line 4.
    static func diagnostics(_ lines: String) -> [String] {
        PoliciesTests.diagnostics { () throws(ConfigurationError) in
            _ = try set(["p": "version: 1\nname: p\nextends: base\n\(lines)\n"])
        }
    }

    static func policy(_ lines: String) throws -> Policy {
        try set(["p": "version: 1\nname: p\nextends: base\n\(lines)\n"]).policy(named: "p")
    }

    /// The policies of this repository.
    static let shipped = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("policies").path
}
