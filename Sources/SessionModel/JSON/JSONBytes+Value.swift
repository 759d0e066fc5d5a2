package import RunModel
package import StrictJSON

extension JSONBytes {
    /// A value as it was read: members in their order, numbers as they were written.
    package mutating func json(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let number): literal(number.text)
        case .string(let text): string(text)
        case .array(let list): array(list) { $0.json($1) }
        case .object(let object): members(object.members)
        }
    }

    private mutating func members(_ members: [(name: String, value: JSONValue)]) {
        open()
        for (name, value) in members {
            key(escaping: name)
            json(value)
        }
        close()
    }

    /// Representations as an object: media type to content.
    package mutating func mime(_ items: [MimeItem]) {
        members(items.map { ($0.type, $0.content) })
    }
}
