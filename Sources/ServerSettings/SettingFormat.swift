internal import ConfigurationFiles
internal import EgressRules
internal import SandboxSpec

/// The format of a setting's values, and the type they are parsed to.
struct SettingFormat<Value>: Sendable {
    let kind: Setting.Kind
    let read: @Sendable (SettingLayers.Found) throws(SettingValue.Invalid) -> Value
}

extension SettingFormat where Value == String {
    static let text = SettingFormat(kind: .text) { (found) throws(SettingValue.Invalid) in found.text }

    /// The name of a user.
    static let user = SettingFormat(kind: .text) { (found) throws(SettingValue.Invalid) in
        guard !found.text.isEmpty else { throw SettingValue.Invalid(found.text, allowed: "the name of a user") }
        return found.text
    }
}

extension SettingFormat where Value == ParentProxy? {
    /// Another proxy.
    static let proxy = SettingFormat(kind: .text) { (found) throws(SettingValue.Invalid) in
        guard let proxy = ParentProxy(found.text) else {
            // There may be a password in it.
            throw SettingValue.Invalid("something else", allowed: ParentProxy.form)
        }
        return proxy
    }
}

extension SettingFormat where Value == ServerSettings.Listen.Address {
    static let address = SettingFormat(kind: .text) { (found) throws(SettingValue.Invalid) in
        guard let address = SettingValue.address(found.text) else {
            throw SettingValue.Invalid(
                found.text, allowed: "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080")
        }
        return address
    }
}

extension SettingFormat where Value == ServerSettings.Log.Requests {
    static let requests = SettingFormat(kind: .text) { (found) throws(SettingValue.Invalid) in
        switch found.text {
        case "stderr": return .standardError
        case "off": return .off
        default:
            guard found.text.hasPrefix("/") else {
                throw SettingValue.Invalid(found.text, allowed: "stderr, off, or the absolute path of a file")
            }
            return .file(found.text)
        }
    }
}

extension SettingFormat where Value == String? {
    /// The absolute path of a file; nil for `off`.
    static let fileOrOff = SettingFormat(kind: .text) { (found) throws(SettingValue.Invalid) in
        if found.text == "off" { return nil }
        guard found.text.hasPrefix("/"), !found.text.hasSuffix("/") else {
            throw SettingValue.Invalid(found.text, allowed: "off, or the absolute path of a file")
        }
        return found.text
    }
}

extension SettingFormat where Value: RawRepresentable<String> & CaseIterable & Sendable {
    /// The raw value of a case.
    static var choice: SettingFormat {
        let words = Value.allCases.map(\.rawValue)
        return SettingFormat(kind: .choice(words)) { (found) throws(SettingValue.Invalid) in
            guard let value = Value(rawValue: found.text) else {
                throw SettingValue.Invalid(found.text, allowed: words.joined(separator: ", "))
            }
            return value
        }
    }
}

extension SettingFormat where Value == ServerSettings.Traces.Endpoint? {
    static let endpoint = SettingFormat(kind: .text) { (found) throws(SettingValue.Invalid) in
        if found.text == "off" { return nil }
        guard let endpoint = ServerSettings.Traces.Endpoint(found.text) else {
            throw SettingValue.Invalid(found.text, allowed: ServerSettings.Traces.Endpoint.form)
        }
        return endpoint
    }
}

extension SettingFormat where Value == Double {
    /// 0 to 1.
    static let ratio = SettingFormat(kind: .text) { (found) throws(SettingValue.Invalid) in
        let isPlain = found.text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
        guard isPlain, let ratio = Double(found.text), (0...1).contains(ratio) else {
            throw SettingValue.Invalid(found.text, allowed: "a number, 0 to 1, such as 0.05")
        }
        return ratio
    }
}

extension SettingFormat where Value == Bool {
    static let flag = SettingFormat(kind: .flag) { (found) throws(SettingValue.Invalid) in
        guard found.text == "true" || found.text == "false" else {
            throw SettingValue.Invalid(found.text, allowed: "true or false")
        }
        return found.text == "true"
    }
}

extension SettingFormat where Value == Int {
    static func count(_ range: ClosedRange<Int64>) -> SettingFormat {
        SettingFormat(kind: .count(range)) { (found) throws(SettingValue.Invalid) in
            guard let value = Int64(found.text), String(value) == found.text, range.contains(value) else {
                throw SettingValue.Invalid(
                    found.text, allowed: "a whole number, \(range.lowerBound) to \(range.upperBound)")
            }
            return Int(clamping: value)
        }
    }

    static let bytes = SettingFormat(kind: .bytes) { (found) throws(SettingValue.Invalid) in
        Int(clamping: try SettingValue.quantity(found.text, .disk, "a size with its unit, 64KiB to 64GiB"))
    }
}

extension SettingFormat where Value == Int? {
    static let bytesOrNone = SettingFormat(kind: .bytesOrNone) { (found) throws(SettingValue.Invalid) in
        if found.text == "0" { return nil }
        return Int(
            clamping: try SettingValue.quantity(found.text, .disk, "0, or a size with its unit, 64KiB to 64GiB"))
    }
}

extension SettingFormat where Value == Int64 {
    static let duration = SettingFormat(kind: .duration) { (found) throws(SettingValue.Invalid) in
        try SettingValue.quantity(found.text, .wall, "a time with its unit, 1ms to 24h")
    }
}

extension SettingFormat where Value == Int64? {
    static let durationOrNone = SettingFormat(kind: .durationOrNone) { (found) throws(SettingValue.Invalid) in
        if found.text == "0" { return nil }
        return try SettingValue.quantity(found.text, .wall, "0, or a time with its unit, 1ms to 24h")
    }
}
