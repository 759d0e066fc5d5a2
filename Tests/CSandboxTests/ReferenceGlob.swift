/// A glob matcher without any cleverness: it takes the pattern apart first, then tries every way to match.
struct ReferenceGlob {
    private enum Part {
        case directories
        case name([Token])
    }

    private enum Token {
        case one(UInt8)
        case any
        case some
        case set([ClosedRange<UInt8>], inverted: Bool)

        func takes(_ byte: UInt8) -> Bool {
            switch self {
            case .one(let wanted): byte == wanted
            case .any: true
            case .some: false
            case .set(let ranges, let inverted): ranges.contains { $0.contains(byte) } != inverted
            }
        }
    }

    private let parts: [Part]

    init(_ pattern: String) {
        parts = Self.components(pattern).map { $0 == Array("**".utf8) ? .directories : .name(Self.tokens($0)) }
    }

    func matches(_ path: String) -> Bool {
        Self.match(parts[...], Self.components(path)[...])
    }

    private static func components(_ text: String) -> [[UInt8]] {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    }

    private static func match(_ parts: ArraySlice<Part>, _ names: ArraySlice<[UInt8]>) -> Bool {
        guard let first = parts.first else { return names.isEmpty }
        switch first {
        case .directories:
            // Files below, so at the end of a pattern it stands for one name at least.
            if parts.count == 1 { return !names.isEmpty && !names.contains(where: isHidden) }
            return (names.startIndex...names.endIndex).contains {
                !names[..<$0].contains(where: isHidden) && match(parts.dropFirst(), names[$0...])
            }
        case .name(let tokens):
            guard let name = names.first else { return false }
            if isHidden(name) {
                guard case .one(UInt8(ascii: "."))? = tokens.first else { return false }
            }
            return match(tokens[...], name[...]) && match(parts.dropFirst(), names.dropFirst())
        }
    }

    private static func isHidden(_ name: [UInt8]) -> Bool { name.first == UInt8(ascii: ".") }

    private static func match(_ tokens: ArraySlice<Token>, _ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = tokens.first else { return bytes.isEmpty }
        if case .some = first {
            return (bytes.startIndex...bytes.endIndex).contains { match(tokens.dropFirst(), bytes[$0...]) }
        }
        guard let byte = bytes.first, first.takes(byte) else { return false }
        return match(tokens.dropFirst(), bytes.dropFirst())
    }

    private static func tokens(_ bytes: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var rest = bytes[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            switch byte {
            case UInt8(ascii: "*"): tokens.append(.some)
            case UInt8(ascii: "?"): tokens.append(.any)
            case UInt8(ascii: "["):
                if let (set, after) = Self.set(rest) {
                    tokens.append(set)
                    rest = after
                } else {
                    tokens.append(.one(byte))
                }
            default: tokens.append(.one(byte))
            }
        }
        return tokens
    }

    /// What stands between the brackets, and what follows them; nil when nothing closes the bracket.
    private static func set(_ text: ArraySlice<UInt8>) -> (Token, ArraySlice<UInt8>)? {
        var rest = text
        let inverted = rest.first == UInt8(ascii: "!")
        if inverted { rest = rest.dropFirst() }
        var ranges: [ClosedRange<UInt8>] = []
        var isFirst = true
        while let byte = rest.first {
            rest = rest.dropFirst()
            if byte == UInt8(ascii: "]") && !isFirst { return (.set(ranges, inverted: inverted), rest) }
            isFirst = false
            let upper = rest.dropFirst().first
            if rest.first == UInt8(ascii: "-"), let upper, upper != UInt8(ascii: "]") {
                if byte <= upper { ranges.append(byte...upper) }
                rest = rest.dropFirst(2)
            } else {
                ranges.append(byte...byte)
            }
        }
        return nil
    }
}
