internal import RunModel

/// The name of a session: 128 random bits, written as 32 hexadecimal digits, as those of runs are.
package struct SessionID: Sendable, Hashable, CustomStringConvertible {
    private let name: RunID

    package var description: String { name.description }

    /// A fresh id. The generator is a parameter so that tests can foresee it.
    package init(using generator: inout some RandomNumberGenerator) {
        name = RunID(using: &generator)
    }

    /// A fresh id from the system's random source.
    package init() {
        name = RunID()
    }

    /// An id from text; `nil` unless it is exactly 32 lower-case hexadecimal digits.
    package init?(_ text: String) {
        guard let name = RunID(text) else { return nil }
        self.name = name
    }
}
