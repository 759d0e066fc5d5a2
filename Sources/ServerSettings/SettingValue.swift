internal import Foundation
internal import Glibc
internal import Policies
internal import SandboxSpec

/// Reads values of settings.
enum SettingValue {
    struct Invalid: Error {
        let allowed: String
    }

    /// The number behind a value; nil for what is text.
    static func number(_ text: String, _ kind: Setting.Kind) throws(Invalid) -> Int64? {
        switch kind {
        case .text, .list: return nil
        case .choice(let words):
            guard words.contains(text) else { throw Invalid(allowed: words.joined(separator: ", ")) }
            return nil
        case .flag:
            guard text == "true" || text == "false" else { throw Invalid(allowed: "true or false") }
            return text == "true" ? 1 : 0
        case .count(let range):
            guard let value = Int64(text), String(value) == text, range.contains(value) else {
                throw Invalid(allowed: "a whole number, \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        case .bytes: return try quantity(text, .disk, "a size with its unit, 64KiB to 64GiB")
        case .bytesOrNone:
            if text == "0" { return 0 }
            return try quantity(text, .disk, "0, or a size with its unit, 64KiB to 64GiB")
        case .durationOrNone:
            if text == "0" { return 0 }
            return try quantity(text, .wall, "0, or a time with its unit, 1ms to 24h")
        case .duration: return try quantity(text, .wall, "a time with its unit, 1ms to 24h")
        }
    }

    private static func quantity(_ text: String, _ name: LimitName, _ allowed: String) throws(Invalid) -> Int64 {
        do {
            return try LimitText.parse(text, for: name)
        } catch {
            throw Invalid(allowed: allowed)
        }
    }

    /// Host and port; the host is an IP address, so that nothing depends on a resolver.
    static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else {
            return nil
        }
        var host = String(text[..<colon])
        var bytes = [UInt8](repeating: 0, count: 16)
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            return inet_pton(AF_INET6, host, &bytes) == 1 ? (host, Int(port)) : nil
        }
        if host == "localhost" { host = "127.0.0.1" }
        return inet_pton(AF_INET, host, &bytes) == 1 ? (host, Int(port)) : nil
    }

    /// `scheme://host[:port]`, nothing behind it, no `*`.
    static func isOrigin(_ text: String) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
            let host = url.host(), !host.isEmpty, !host.contains("*")
        else { return false }
        return text.lowercased() == "\(scheme)://\(host.contains(":") ? "[\(host)]" : host)"
            + (url.port.map { ":\($0)" } ?? "")
    }

    /// `name`, `name:port`, `*.name` or `[address]`: what a Host header may say, without which nobody would get in.
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

    /// An IP address, or one and the number of bits that count: `10.0.0.0/8`.
    static func isBlock(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        var bytes = [UInt8](repeating: 0, count: 16)
        guard parts.count <= 2, let address = parts.first, address.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return false }
        let isFour = inet_pton(AF_INET, String(address), &bytes) == 1
        guard isFour || inet_pton(AF_INET6, String(address), &bytes) == 1 else { return false }
        // An IPv4 address in IPv6 clothes is compared as IPv4, and its bits would mean something else.
        let prefix: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        guard isFour || Array(bytes.prefix(12)) != prefix else { return false }
        guard parts.count == 2 else { return true }
        let digits = parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
        return digits && (Int(parts[1]).map { (0...(isFour ? 32 : 128)).contains($0) } ?? false)
    }

    static func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
