internal import ConfigurationFiles
internal import Foundation
internal import Glibc
internal import SandboxSpec

/// Parses values of settings.
enum SettingValue {
    /// A value that a setting cannot have.
    struct Invalid: Error {
        /// What was found; several for a list.
        let found: [String]
        let allowed: String

        init(found: [String], allowed: String) {
            self.found = found
            self.allowed = allowed
        }

        init(_ found: String, allowed: String) {
            self.init(found: [found], allowed: allowed)
        }
    }

    /// A quantity in the unit and the range of a limit.
    static func quantity(_ text: String, _ name: LimitName, _ allowed: String) throws(Invalid) -> Int64 {
        do {
            return try LimitText.parse(text, for: name)
        } catch {
            throw Invalid(text, allowed: allowed)
        }
    }

    /// Host and port; the host is an IP address, so that no resolver is needed.
    static func address(_ text: String) -> ServerSettings.Listen.Address? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else {
            return nil
        }
        var host = String(text[..<colon])
        var bytes = [UInt8](repeating: 0, count: 16)
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            return inet_pton(AF_INET6, host, &bytes) == 1 ? .init(host: host, port: Int(port)) : nil
        }
        if host == "localhost" { host = "127.0.0.1" }
        return inet_pton(AF_INET, host, &bytes) == 1 ? .init(host: host, port: Int(port)) : nil
    }

    /// `scheme://host[:port]`, no suffix, no `*`.
    static func isOrigin(_ text: String) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            let host = url.host(), !host.isEmpty, !host.contains("*")
        else { return false }
        return text.lowercased() == "\(scheme)://\(host.contains(":") ? "[\(host)]" : host)"
            + (url.port.map { ":\($0)" } ?? "")
    }

    /// `name`, `name:port`, `*.name` or `[address]`: a value of a Host header; no client could use another name.
    static func isHost(_ text: String) -> Bool {
        if text.hasPrefix("[") {
            return address(text.hasSuffix("]") ? text + ":1" : text) != nil
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, var name = parts.first else { return false }
        if parts.count == 1, name.hasPrefix("*.") { name = name.dropFirst(2) }
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            default: false
            }
        }
        let isPort =
            parts.count == 1 || parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(parts[1]) != nil
        return (1...255).contains(name.utf8.count) && isName && isPort
    }

    static func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }
}
