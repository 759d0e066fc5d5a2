/// Collects the errors of one load, so that an operator sees all of them together.
///
/// Not thread safe; it lives for the duration of one load.
package final class DiagnosticLog {
    /// The most errors kept. Every further one is only counted.
    package static let maximum = 200

    private var diagnostics: [ConfigurationDiagnostic] = []
    private var seen: Set<ConfigurationDiagnostic> = []
    private var omitted = 0

    package init() {}

    package var isEmpty: Bool { diagnostics.isEmpty }
    /// How many errors were added so far; lets a caller see whether a part it read was clean.
    package var count: Int { diagnostics.count + omitted }

    /// Adds an error unless the very same one is there already.
    package func add(_ diagnostic: ConfigurationDiagnostic) {
        guard diagnostics.count < Self.maximum else {
            omitted += 1
            return
        }
        guard seen.insert(diagnostic).inserted else { return }
        diagnostics.append(diagnostic)
    }

    package func add(
        at location: SourceLocation, key: String, found: String, allowed: String, hint: String? = nil
    ) {
        add(ConfigurationDiagnostic(at: location, key: key, found: found, allowed: allowed, hint: hint))
    }

    package func add(_ error: ConfigurationError) {
        error.diagnostics.forEach { add($0) }
        omitted += error.omitted
    }

    /// Adds what another log holds.
    package func add(_ other: DiagnosticLog) {
        if let error = other.error { add(error) }
    }

    /// All errors added so far; nil when there are none.
    package var error: ConfigurationError? {
        isEmpty ? nil : ConfigurationError(diagnostics: diagnostics, omitted: omitted)
    }

    /// - Throws: all errors added so far, if there are any.
    package func throwIfAny() throws(ConfigurationError) {
        if let error { throw error }
    }
}
