internal import Glibc
package import Logging

/// Writes one line per record to stderr, or to its writer: a JSON object, or text for people. A number or a boolean in the
/// metadata is one in the record, too.
///
/// A record is one write(2), so that lines of several threads never mix. Whatever text untrusted code puts into a value, a
/// record stays one line, and no value can look like another field.
package struct LineLogHandler: LogHandler {
    package enum Format: Sendable {
        case json, text
    }

    /// Longer records are shortened, first in their values.
    private static let maximumLineBytes = 8192
    private static let maximumValueBytes = 2048
    private static let maximumKeyBytes = 64
    /// Bytes reserved for the end of a shortened line.
    private static let reservedBytes = 32
    private static let names: Set<String> = ["time", "level", "label", "message"]

    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let label: String
    private let format: Format
    private let write: @Sendable ([UInt8]) -> Void

    package init(
        label: String, level: Logger.Level, format: Format,
        write: @escaping @Sendable ([UInt8]) -> Void = { LineLogHandler.writeToStandardError($0) }
    ) {
        self.label = label
        self.format = format
        self.write = write
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        for (key, value) in event.metadata ?? [:] { all[key] = value }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        let fields = all.map { ($0.key, Self.field($0.value)) }.sorted { $0.0 < $1.0 }
        let message = "\(event.message)"
        let line =
            switch format {
            case .json: Self.json(event.level, label, message, fields)
            case .text: Self.text(event.level, message, fields)
            }
        write(Array(line.utf8))
    }

    /// A value as text, and whether JSON can have that text as it is.
    private struct Field {
        let text: String
        var isPlain = false
    }

    private static func field(_ value: Logger.Metadata.Value) -> Field {
        guard case .stringConvertible(let value) = value else { return Field(text: "\(value)") }
        switch value {
        case let number as any BinaryInteger: return Field(text: "\(number)", isPlain: true)
        // JSON has no infinity.
        case let number as Double: return Field(text: "\(number)", isPlain: number.isFinite)
        case let flag as Bool: return Field(text: "\(flag)", isPlain: true)
        default: return Field(text: "\(value)")
        }
    }

    private static func json(
        _ level: Logger.Level, _ label: String, _ message: String, _ fields: [(String, Field)]
    ) -> String {
        var line =
            "{\"time\":\"\(time())\",\"level\":\"\(level)\",\"label\":\(quote(label)),\"message\":\(quote(message))"
        for (key, value) in fields {
            // Metadata never replaces a built-in field.
            let key = names.contains(key) ? "_" + key : key
            let field = ",\(quote(key, maximumKeyBytes)):\(value.isPlain ? value.text : quote(value.text))"
            guard line.utf8.count + field.utf8.count + reservedBytes <= maximumLineBytes else {
                line += ",\"_cut\":\"…\""
                break
            }
            line += field
        }
        return line + "}\n"
    }

    private static func text(_ level: Logger.Level, _ message: String, _ fields: [(String, Field)]) -> String {
        var line = "\(time()) \(level) \(quote(message).dropFirst().dropLast())"
        for (key, value) in fields {
            let field =
                " \(quote(key, maximumKeyBytes).dropFirst().dropLast())=\(value.isPlain ? value.text : quote(value.text))"
            guard line.utf8.count + field.utf8.count + reservedBytes <= maximumLineBytes else {
                line += " …"
                break
            }
            line += field
        }
        return line + "\n"
    }

    /// A JSON string of at most so many bytes; control characters, and those that terminals and other readers treat as line ends or
    /// as changes of direction, are escaped.
    private static func quote(_ text: String, _ maximum: Int = maximumValueBytes) -> String {
        var quoted = "\""
        var bytes = 0
        for scalar in text.unicodeScalars {
            let piece =
                switch scalar {
                case "\"": "\\\""
                case "\\": "\\\\"
                case _ where isHarmful(scalar): escape(scalar)
                default: String(scalar)
                }
            bytes += piece.utf8.count
            guard bytes <= maximum else { return quoted + "…\"" }
            quoted += piece
        }
        return quoted + "\""
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }

    private static func time() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
        let seconds = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let milliseconds = String(now.tv_nsec / 1_000_000)
        return seconds + "." + String(repeating: "0", count: 3 - milliseconds.utf8.count) + milliseconds + "Z"
    }

    package static func writeToStandardError(_ bytes: [UInt8]) {
        write(bytes, to: STDERR_FILENO)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // A log that cannot be written is no reason to stop.
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
