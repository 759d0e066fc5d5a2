internal import Glibc
package import Logging

/// Writes one line per record to stderr: a JSON object, or text for people.
///
/// A record is one write(2), so that lines of several threads never mix. Whatever foreign code puts into a value, a
/// record stays one line, and no value can pass for another field.
package struct LineLogHandler: LogHandler {
    package enum Format: Sendable {
        case json, text
    }

    /// Longer values are cut.
    private static let maximumValueBytes = 2048

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
        let fields = all.map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }
        let message = "\(event.message)"
        let line =
            switch format {
            case .json: Self.json(event.level, label, message, fields)
            case .text: Self.text(event.level, message, fields)
            }
        write(Array(line.utf8))
    }

    private static func json(
        _ level: Logger.Level, _ label: String, _ message: String, _ fields: [(String, String)]
    ) -> String {
        var line =
            "{\"time\":\"\(time())\",\"level\":\"\(level)\",\"label\":\(quote(label)),\"message\":\(quote(message))"
        for (key, value) in fields {
            // A name of ours is never taken by metadata.
            let key = ["time", "level", "label", "message"].contains(key) ? "_" + key : key
            line += ",\(quote(key)):\(quote(value))"
        }
        return line + "}\n"
    }

    private static func text(_ level: Logger.Level, _ message: String, _ fields: [(String, String)]) -> String {
        let pairs = fields.map { " \($0.0)=\(quote($0.1))" }.joined()
        return "\(time()) \(level) \(quote(message).dropFirst().dropLast())\(pairs)\n"
    }

    /// A JSON string; controls, and what terminals and other readers take for line ends, are escaped.
    private static func quote(_ text: String) -> String {
        var quoted = "\""
        var bytes = 0
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            guard bytes <= maximumValueBytes else { return quoted + "…\"" }
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _
            where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
                || scalar.value == 0x2028 || scalar.value == 0x2029:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
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
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // A log nobody takes is no reason to stop.
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
