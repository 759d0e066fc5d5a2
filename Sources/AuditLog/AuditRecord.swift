internal import Digests
internal import StrictJSON

/// One line of the audit log: an entry, its number, and the hashes that chain it to the line before.
///
/// A line is a JSON object. Its last member, `hash`, is the SHA-256 of all bytes of the line before that member, `previous`
/// among them: so a line cannot be changed, removed or moved without changing all lines after it.
package struct AuditRecord: Sendable, Equatable {
    /// Where a chain stands.
    package struct Head: Sendable, Equatable {
        /// The number of the last record; 0 before the first.
        package var number: Int64
        /// Its hash: 64 hexadecimal digits; zeros before the first.
        package var hash: String

        /// Before the first record.
        package static let start = Head(number: 0, hash: String(repeating: "0", count: 64))
    }

    /// Why a line is no record.
    package struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// A line is never longer than this, without its end.
    package static let maximumBytes = 32_768
    /// Longer values are cut; so are the names of details.
    private static let maximumValueBytes = 256
    private static let maximumNameBytes = 64
    private static let maximumDetails = 8
    private static let marker = Array(",\"hash\":\"".utf8)
    private static let end = Array("\"}".utf8)

    package let number: Int64
    package let action: String
    package let previous: String
    package let hash: String

    package var head: Head { Head(number: number, hash: hash) }

    /// The line of an entry after `head`, without its end.
    ///
    /// - Parameter time: as RFC 3339 has it.
    static func line(_ entry: AuditEntry, after head: Head, time: String) -> (bytes: [UInt8], head: Head) {
        let number = head.number + 1
        var bytes = Array("{\"seq\":\(number)".utf8)
        func add(_ name: String, _ value: String?) {
            guard let value else { return }
            bytes += ",\"\(name)\":".utf8
            JSONWriter.append(clipped(value), to: &bytes)
        }
        add("time", time)
        add("action", entry.action)
        add("actor", entry.actor)
        add("address", entry.address)
        add("request_id", entry.requestID)
        add("target", entry.target)
        add("before", entry.before)
        add("after", entry.after)
        add("outcome", entry.outcome.text)
        if !entry.details.isEmpty {
            bytes += ",\"details\":{".utf8
            for (index, detail) in entry.details.sorted(by: { $0.key < $1.key }).prefix(maximumDetails).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONWriter.append(clipped(detail.key, maximumNameBytes), to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                JSONWriter.append(clipped(detail.value), to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
        add("previous", head.hash)
        let hash = Hexadecimal.text(of: DigestAlgorithm.sha256.digest(of: bytes))
        bytes += marker + hash.utf8 + end
        return (bytes, Head(number: number, hash: hash))
    }

    /// Text of bounded length. Escapes make six bytes of one at most, so that the longest line has less than `maximumBytes`.
    private static func clipped(_ text: String, _ maximum: Int = maximumValueBytes) -> String {
        guard text.utf8.count > maximum else { return text }
        var short = ""
        for scalar in text.unicodeScalars {
            guard short.utf8.count + UTF8.width(scalar) <= maximum else { break }
            short.unicodeScalars.append(scalar)
        }
        return short + "…"
    }

    /// Reads a line, and checks its hash.
    package init(line: [UInt8]) throws(Invalid) {
        let tail = Self.marker.count + 64 + Self.end.count
        guard line.count <= Self.maximumBytes else {
            throw Invalid(description: "it has \(line.count) bytes, at most \(Self.maximumBytes) are allowed")
        }
        guard line.count > tail, line.suffix(tail).starts(with: Self.marker), line.suffix(2).elementsEqual(Self.end)
        else { throw Invalid(description: "it does not end with a hash") }
        let body = Array(line.dropLast(tail))
        let hash = String(decoding: line.suffix(64 + 2).dropLast(2), as: UTF8.self)
        guard Hexadecimal.text(of: DigestAlgorithm.sha256.digest(of: body)) == hash else {
            throw Invalid(description: "its hash does not belong to its text: it was changed")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(line, limits: JSONLimits(bytes: Self.maximumBytes))
        } catch {
            throw Invalid(description: "it is no JSON object: \(error.reason)")
        }
        guard case .object(let object) = value, case .number(let seq)? = object["seq"], let number = seq.int64,
            number > 0, number < .max, case .string(let action)? = object["action"],
            case .string(let previous)? = object["previous"]
        else { throw Invalid(description: "it lacks seq, action or previous") }
        self.number = number
        self.action = action
        self.previous = previous
        self.hash = hash
    }
}
