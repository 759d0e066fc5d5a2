/// Collects the mistakes of one load, so that an operator sees all of them at once.
///
/// Not thread safe; it lives for the duration of one load.
package final class MistakeLog {
    /// The most mistakes kept. Every further one is only counted.
    package static let maximum = 200

    private var mistakes: [ConfigurationMistake] = []
    private var seen: Set<ConfigurationMistake> = []
    private var omitted = 0

    package init() {}

    package var isEmpty: Bool { mistakes.isEmpty }
    /// How many mistakes were added so far; lets a caller see whether a part it read was clean.
    package var count: Int { mistakes.count + omitted }

    /// Adds a mistake unless the very same one is there already.
    package func add(_ mistake: ConfigurationMistake) {
        guard mistakes.count < Self.maximum else {
            omitted += 1
            return
        }
        guard seen.insert(mistake).inserted else { return }
        mistakes.append(mistake)
    }

    package func add(
        at location: SourceLocation, key: String, found: String, allowed: String, hint: String? = nil
    ) {
        add(ConfigurationMistake(at: location, key: key, found: found, allowed: allowed, hint: hint))
    }

    package func add(_ error: ConfigurationError) {
        error.mistakes.forEach { add($0) }
        omitted += error.omitted
    }

    /// Adds what another log holds.
    package func add(_ other: MistakeLog) {
        if let error = other.error { add(error) }
    }

    /// All mistakes added so far; nil when there are none.
    package var error: ConfigurationError? {
        isEmpty ? nil : ConfigurationError(mistakes: mistakes, omitted: omitted)
    }

    /// - Throws: all mistakes added so far, if there are any.
    package func throwIfAny() throws(ConfigurationError) {
        if let error { throw error }
    }
}
