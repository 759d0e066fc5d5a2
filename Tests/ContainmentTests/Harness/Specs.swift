internal import Foundation
internal import Policies
internal import SandboxSpec

/// Specs as the suite uses them: the default group of system calls, generous limits that a test lowers.
enum Specs {
    /// What the default policy allows, loaded as production does.
    static let syscalls: Result<[String], any Error> = Result {
        let policies = Host.directory.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
            "policies")
        return try PolicySet.load(directory: policies.path).policy(named: "default").syscalls
    }

    /// Limits far from every probe that is not about limits.
    static func limits(_ changes: [LimitName: Int64] = [:]) throws -> Limits {
        try Limits { name in
            if let value = changes[name] { return value }
            return switch name {
            case .cpu: 10 * second
            case .wall: 20 * second
            case .idle: 15 * second
            case .memory: 256 << 20
            case .stack: 224 << 20
            case .processes: 64
            case .output: 1 << 20
            case .disk: 32 << 20
            case .inodes: 4096
            case .fileSize: 16 << 20
            case .openFiles: 256
            case .cpus: 2000
            }
        }
    }

    static let second: Int64 = 1_000_000_000
    static let millisecond: Int64 = 1_000_000

    static func spec(
        root: RootSource = .host, _ changes: [LimitName: Int64] = [:], network: NetworkAccess = .none,
        terminal: TerminalSize? = nil
    ) throws -> SandboxSpec {
        SandboxSpec(
            root: root, limits: try limits(changes), warnAt: 80, network: network, syscalls: try syscalls.get(),
            terminal: terminal)
    }
}
