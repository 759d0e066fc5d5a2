internal import Foundation

/// One entry of a key file as an operator may have written it by hand, with everything that is wrong with it.
struct KeyEntry: Decodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private static let names: Set<String> = [
        "id", "name", "hash", "created", "expires", "revoked", "rate", "concurrent",
    ]

    /// Nil when a field is missing or of the wrong kind.
    let key: AccessKey?
    let diagnostics: [String]

    init(from decoder: any Decoder) throws {
        // A field that is not known may be one that was meant to bound the key: `expire` for `expires`.
        var diagnostics = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
            .filter { !Self.names.contains($0) }.sorted().map { "unknown field \"\(KeyName.printable($0))\"" }
        do {
            let key = try AccessKey(from: decoder)
            diagnostics += key.diagnostics
            self.key = key
        } catch {
            diagnostics.append(Self.words(error))
            key = nil
        }
        self.diagnostics = diagnostics
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            "\(context.codingPath.last?.stringValue ?? "the entry") has the wrong kind of value"
        default: "cannot be read"
        }
    }
}

extension AccessKey {
    /// What no field of a key may say, whatever program wrote it.
    var diagnostics: [String] {
        var diagnostics: [String] = []
        if id.utf8.count != 8 || !id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }) {
            diagnostics.append("id: allowed are 8 small letters and digits")
        }
        if !KeyName.isAllowed(name) { diagnostics.append("name: allowed are \(KeyName.allowed)") }
        if hash.utf8.count != 64 || !hash.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        {
            diagnostics.append("hash: allowed are 64 hexadecimal digits, a to f small")
        }
        for (field, value) in [("rate", rate), ("concurrent", concurrent)] {
            if let value, !Self.bounds.contains(value) {
                diagnostics.append("\(field): found \(value), allowed 1 to \(Self.bounds.upperBound)")
            }
        }
        return diagnostics
    }

    /// What `rate` and `concurrent` may be.
    static var bounds: ClosedRange<Int> { 1...1_000_000 }
}
