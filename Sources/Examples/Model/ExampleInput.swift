package import SandboxSpec
package import StrictJSON

/// Something that a user of an example may choose: its type, what is allowed, and how the program gets it.
///
/// A value never becomes part of a source file or of a command that a shell reads.
package struct ExampleInput: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case text, integer, number, boolean, choice
    }

    /// How the program gets the value.
    package enum Way: Sendable, Equatable {
        /// A line of standard input, in the order of the inputs.
        case stdin
        /// An argument, in the order of the inputs.
        case argument
        case environment(String)
        /// The content of a file in `/box`.
        case file(BoxPath)

        package var name: String {
            switch self {
            case .stdin: "stdin"
            case .argument: "argument"
            case .environment: "environment"
            case .file: "file"
            }
        }
    }

    /// The most characters of a text that names no maximum, and of any text.
    package static let standardLength = 1000
    package static let maximumLength = 16_384

    package let name: String
    package let title: String
    package let kind: Kind
    package let way: Way
    /// As the program gets it.
    package let standard: String
    /// Of a choice, else empty.
    package let choices: [String]
    /// Of a number; nil for none.
    package let minimum: Double?
    /// Of a number; the most characters of a text.
    package let maximum: Double?

    /// A value as the program gets it. Numbers and booleans may also come as the text of a form.
    ///
    /// - Returns: the text, or what is wrong with the value: a predicate that ends in what is allowed.
    package func text(of value: JSONValue) -> Result<String, Refused> {
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let number): text = number.whole.map { String($0) } ?? number.text
        case .bool(let flag): text = flag ? "true" : "false"
        case .null: return .success(standard)
        case .array, .object: return .failure(Refused("is \(value.typeName), expected is \(allowed)"))
        }
        if case .bool = value, kind == .integer || kind == .number {
            return .failure(Refused("is a boolean, expected is \(allowed)"))
        }
        return check(text)
    }

    /// The same of text, such as a default.
    package func check(_ text: String) -> Result<String, Refused> {
        guard isAllowed(text) else {
            let shown = text.unicodeScalars.prefix(40).map { $0.escaped(asASCII: false) }.joined()
            return .failure(Refused("is \"\(shown)\", expected is \(allowed)"))
        }
        return .success(text)
    }

    package struct Refused: Error, Equatable {
        /// Follows the name of the input.
        package let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }

    private func isAllowed(_ text: String) -> Bool {
        switch kind {
        case .text:
            guard text.unicodeScalars.count <= Int(maximum ?? Double(Self.standardLength)) else { return false }
            if text.utf8.contains(0) { return false }
            // One value is one line: a second one would be taken for the next input.
            return way != .stdin || !text.unicodeScalars.contains { $0 == "\n" || $0 == "\r" }
        case .choice: return choices.contains(text)
        case .boolean: return text == "true" || text == "false"
        case .integer:
            guard let number = Int64(text), text == String(number) else { return false }
            return isInRange(Double(number))
        case .number:
            guard text.utf8.count <= 32, Self.isDecimal(text), let number = Double(text) else { return false }
            return isInRange(number)
        }
    }

    private func isInRange(_ number: Double) -> Bool {
        number.isFinite && number >= minimum ?? -.infinity && number <= maximum ?? .infinity
    }

    /// Digits with a sign and a point, which every language reads; no exponent, no hexadecimal.
    private static func isDecimal(_ text: String) -> Bool {
        text.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?/) != nil
    }

    /// What is allowed, in words.
    package var allowed: String {
        switch kind {
        case .text:
            let line = way == .stdin ? "one line of " : ""
            return "\(line)at most \(Int(maximum ?? Double(Self.standardLength))) characters"
        case .choice: return "one of " + choices.joined(separator: ", ")
        case .boolean: return "true or false"
        case .integer, .number:
            let what = kind == .integer ? "a whole number" : "a number"
            switch (minimum, maximum) {
            case (let low?, let high?): return "\(what), \(Self.shown(low)) to \(Self.shown(high))"
            case (let low?, nil): return "\(what), at least \(Self.shown(low))"
            case (nil, let high?): return "\(what), at most \(Self.shown(high))"
            case (nil, nil): return what
            }
        }
    }

    private static func shown(_ number: Double) -> String {
        Int64(exactly: number).map { String($0) } ?? String(number)
    }
}
