extension MappingReader {
    /// The most bytes of a string without a bound of its own.
    package static let defaultStringBytes = 1024

    /// Text at `key`: 1 to `maximumBytes` bytes, without NUL. Plain words, numbers and quoted text alike.
    package func string(
        _ key: String, required: Bool = false, maximumBytes: Int = defaultStringBytes, allowEmpty: Bool = false
    ) -> Located<String>? {
        guard let node = value(key, required: required, allowed: "text") else { return nil }
        return text(node, path: path(to: key), maximumBytes: maximumBytes, allowEmpty: allowEmpty)
    }

    /// A list of texts at `key`. Nil if the key is absent or any item is wrong; an empty list is empty.
    package func strings(
        _ key: String, required: Bool = false, maximumCount: Int = 1024, maximumBytes: Int = defaultStringBytes,
        allowEmpty: Bool = false
    ) -> [Located<String>]? {
        guard let items = items(key, required: required, maximumCount: maximumCount) else { return nil }
        let values = items.map { text($0.node, path: $0.path, maximumBytes: maximumBytes, allowEmpty: allowEmpty) }
        return values.contains { $0 == nil } ? nil : values.compactMap(\.self)
    }

    /// A mapping of words to texts at `key`, such as an environment, in the order it is written.
    package func stringMap(
        _ key: String, required: Bool = false, maximumCount: Int = 256, maximumBytes: Int = defaultStringBytes
    ) -> [(key: Located<String>, value: Located<String>)]? {
        guard let inner = mapping(key, required: required) else { return nil }
        guard inner.entries.count <= maximumCount else {
            reject(key, found: "\(inner.entries.count) keys", allowed: "at most \(maximumCount)")
            return nil
        }
        let pairs = inner.entries.map { entry in
            (
                key: Located(entry.key, at: entry.keyLocation),
                value: inner.text(
                    entry.value, path: inner.path(to: entry.key), maximumBytes: maximumBytes, allowEmpty: true)
            )
        }
        guard !pairs.contains(where: { $0.value == nil }) else { return nil }
        return pairs.compactMap { pair in pair.value.map { (key: pair.key, value: $0) } }
    }

    /// A decimal number at `key`, without sign, unit or fraction, in `range` (which must not be negative).
    package func integer(_ key: String, in range: ClosedRange<Int64>, required: Bool = false) -> Located<Int64>? {
        let allowed = "a number from \(range.lowerBound) to \(range.upperBound)"
        guard let node = value(key, required: required, allowed: allowed) else { return nil }
        guard case .scalar(let text, quoted: false) = node.content, text.utf8.count <= 19,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || !text.hasPrefix("0"),
            let number = Int64(text), range.contains(number)
        else {
            log.add(at: node.location, key: path(to: key), found: node.found, allowed: allowed)
            return nil
        }
        return Located(number, at: node.location)
    }

    /// `true` or `false` at `key`. The other words YAML 1.1 takes for them are refused.
    package func boolean(_ key: String, required: Bool = false) -> Located<Bool>? {
        guard let node = value(key, required: required, allowed: "true or false") else { return nil }
        switch node.content {
        case .scalar("true", quoted: false): return Located(true, at: node.location)
        case .scalar("false", quoted: false): return Located(false, at: node.location)
        default:
            log.add(at: node.location, key: path(to: key), found: node.found, allowed: "true or false")
            return nil
        }
    }

    /// One of the raw values of an enumeration at `key`.
    package func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ key: String, of type: Choice.Type, required: Bool = false
    ) -> Located<Choice>? {
        let names = Choice.allCases.map(\.rawValue)
        let allowed = names.joined(separator: ", ")
        guard let node = value(key, required: required, allowed: allowed) else { return nil }
        guard case .scalar(let text, _) = node.content, let choice = Choice(rawValue: text) else {
            var hint: String?
            if case .scalar(let text, _) = node.content { hint = Suggestion.hint(for: text, among: names) }
            log.add(at: node.location, key: path(to: key), found: node.found, allowed: allowed, hint: hint)
            return nil
        }
        return Located(choice, at: node.location)
    }

    /// Text of a node that was reached by other means than a key, such as an item of `items`.
    package func text(
        _ node: YAMLNode, path: String, maximumBytes: Int = defaultStringBytes, allowEmpty: Bool = false
    ) -> Located<String>? {
        guard case .scalar(let text, _) = node.content, !node.isNull else {
            log.add(at: node.location, key: path, found: node.found, allowed: "text")
            return nil
        }
        guard allowEmpty || !text.isEmpty else {
            log.add(at: node.location, key: path, found: "empty text", allowed: "text of 1 to \(maximumBytes) bytes")
            return nil
        }
        guard text.utf8.count <= maximumBytes else {
            log.add(
                at: node.location, key: path, found: "text of \(text.utf8.count) bytes",
                allowed: "at most \(maximumBytes) bytes")
            return nil
        }
        // Written as an escape in double quotes, past the check on the file's own characters.
        guard !text.utf8.contains(0) else {
            log.add(at: node.location, key: path, found: "text with a NUL character", allowed: "text without one")
            return nil
        }
        return Located(text, at: node.location)
    }
}
