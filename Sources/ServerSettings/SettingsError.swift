/// Invalid settings, with all errors.
package struct SettingsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line for each error; never empty.
    package let diagnostics: [String]

    package init(diagnostics: [String]) {
        self.diagnostics = diagnostics
    }

    package var description: String { diagnostics.joined(separator: "\n") }
}
