/// Members of an object, by their keys, which need no escapes.
extension JSONBytes {
    package mutating func member(_ key: String, _ text: String) {
        self.key(key)
        string(text)
    }

    package mutating func member(_ key: String, _ number: some BinaryInteger) {
        self.key(key)
        integer(number)
    }

    package mutating func member(_ key: String, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    /// Seconds or milliseconds; no value that is not finite gets here.
    package mutating func member(_ key: String, number: Double) {
        self.key(key)
        self.number(number)
    }
}
