/// A node of a YAML document that knows where it stands: a scalar, a sequence or a mapping, and nothing else.
///
/// Anchors, aliases, tags and merge keys never get here (`YAMLReader`). Scalars stay text: what `1`, `no` or `5s`
/// means is decided by the accessor that reads the key, never by the way YAML 1.1 guesses types.
package struct YAMLNode: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// `quoted` is false for plain text only; `""` is an empty string, nothing at all is not.
        case scalar(String, quoted: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    package struct Entry: Sendable, Equatable {
        package let key: String
        package let keyLocation: SourceLocation
        package let value: YAMLNode
    }

    package let content: Content
    package let location: SourceLocation

    /// Nothing: an absent value, `~` or `null`, unquoted.
    package var isNull: Bool {
        guard case .scalar(let text, quoted: false) = content else { return false }
        return text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
    }

    /// What an error says was found: the scalar itself, or the kind of collection.
    package var found: String {
        if isNull { return "nothing" }
        switch content {
        case .scalar(let text, _): return ConfigurationDiagnostic.quote(text)
        case .sequence(let items): return items.isEmpty ? "an empty list" : "a list of \(items.count)"
        case .mapping: return "a mapping"
        }
    }
}
