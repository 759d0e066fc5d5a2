internal import Foundation

/// One entry of a key file, possibly written by hand, with all its errors.
struct KeyEntry: Decodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private static let names: Set<String> = [
        "id", "name", "hash", "created", "expires", "revoked", "rate", "concurrent", "role",
    ]

    /// Nil when a field is missing or of the wrong kind.
    let key: AccessKey?
    let diagnostics: [String]

    init(from decoder: any Decoder) throws {
        // An unknown field may be a misspelled limit of the key: `expire` for `expires`.
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
    /// The errors in the values of the fields, whatever program wrote them.
    var diagnostics: [String] {
        var diagnostics: [String] = []
        if id.utf8.count != 8 || !id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }) {
            diagnostics.append("id: allowed are 8 lower-case letters and digits")
        }
        if !KeyName.isAllowed(name) { diagnostics.append("name: allowed are \(KeyName.allowed)") }
        if hash.utf8.count != 64 || !hash.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        {
            diagnostics.append("hash: allowed are 64 lower-case hexadecimal digits")
        }
        for (field, value) in [("rate", rate), ("concurrent", concurrent)] {
            if let value, !Self.bounds.contains(value) {
                diagnostics.append("\(field): found \(value), allowed 1 to \(Self.bounds.upperBound)")
            }
        }
        return diagnostics
    }

    /// The range of `rate` and `concurrent`.
    static var bounds: ClosedRange<Int> { 1...1_000_000 }
}
