extension EgressGrant: Codable {
    private enum Key: String, CodingKey {
        case rules, connections, bytes
        case privateRanges = "allow_private"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(rules.map(\.description), forKey: .rules)
        try container.encode(privateRanges.map(\.description), forKey: .privateRanges)
        try container.encode(connections, forKey: .connections)
        try container.encode(bytes, forKey: .bytes)
    }

    /// - Throws: when a rule or a range cannot be read, a list is too long, or a number is out of range.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func list<Item>(_ key: Key, most: Int, _ read: (String) -> Item?) throws -> [Item] {
            let texts = try container.decode([String].self, forKey: key)
            let items = texts.compactMap(read)
            guard items.count == texts.count, items.count <= most else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "allowed are at most \(most), each with a port")
            }
            return items
        }
        self.init(
            rules: try list(.rules, most: Self.maximumRules) { EgressRule($0) },
            privateRanges: try list(.privateRanges, most: Self.maximumPrivateRanges) { PrivateRange($0) },
            connections: try container.decode(Int.self, forKey: .connections),
            bytes: try container.decode(Int64.self, forKey: .bytes))
        guard Self.connectionsRange.contains(Int64(connections)), Self.bytesRange.contains(bytes) else {
            throw DecodingError.dataCorruptedError(
                forKey: .connections, in: container, debugDescription: "a bound is out of range")
        }
    }
}
