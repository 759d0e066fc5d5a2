internal import StrictJSON

/// Members of several requests.
extension ObjectReader {
    /// An object of quantities, each a text with its unit or a number.
    package func quantities(_ name: String) -> [String: String] {
        dictionary(name, "a value with its unit") { value in
            switch value {
            case .string(let text): text
            case .number(let number): number.whole.map { String($0) } ?? number.text
            default: nil
            }
        } ?? [:]
    }

    /// One quantity, a text with its unit or a number.
    package func quantity(_ name: String) -> String? {
        switch value(name) {
        case nil: return nil
        case .string(let text)?: return text
        case .number(let number)?: return number.whole.map { String($0) } ?? number.text
        case let value?:
            complain(name, "is \(value.typeName), expected is a value with its unit")
            return nil
        }
    }

    /// Reads the members of an object, if there is one.
    package func inside(_ name: String, _ body: (ObjectReader) -> Void) {
        switch value(name) {
        case nil: return
        case .object(let object)?:
            nested(name, object) { inner -> Void? in
                body(inner)
                return nil
            }
        case let value?: complain(name, "is \(value.typeName), expected is an object")
        }
    }

    /// One of a few words; nil when there is none, or another, which is noted.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> Choice? {
        guard let text = string(name) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let allowed = Choice.allCases.map(\.rawValue).joined(separator: " or ")
        complain(name, "is \"\(Self.shown(text, 32))\", expected is \(allowed)")
        return nil
    }

    /// Tags of something, each of which may stand in a list with commas.
    package func tags(_ name: String = "tags", maximum: Int) -> [String] {
        let tags = strings(name) ?? []
        if tags.count > maximum { complain(name, "has \(tags.count) elements, allowed are \(maximum)") }
        for (index, tag) in tags.prefix(maximum).enumerated()
        where tag.isEmpty || tag.utf8.count > 64 || tag.contains(",") {
            complain("\(name)[\(index)]", "is no tag: allowed are 1 to 64 bytes without a comma")
        }
        return tags
    }
}
