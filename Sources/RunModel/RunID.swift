/// The name of a run: 128 random bits, written as 32 hexadecimal digits.
package struct RunID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// A fresh id. The generator is a parameter so that tests can foresee it.
    package init(using generator: inout some RandomNumberGenerator) {
        let words = [
            UInt64.random(in: .min ... .max, using: &generator), .random(in: .min ... .max, using: &generator),
        ]
        description = words.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// A fresh id from the system's random source.
    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// An id from text; `nil` unless it is exactly 32 lower-case hexadecimal digits.
    package init?(_ text: String) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
        guard text.utf8.count == 32, text.utf8.allSatisfy({ digits.contains($0) || letters.contains($0) }) else {
            return nil
        }
        description = text
    }
}

extension RunID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = RunID(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a run id is 32 lower-case hexadecimal digits")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
