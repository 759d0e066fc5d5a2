/// Every error found in a set of configuration files, in the order of the files' lines; never empty.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package let diagnostics: [ConfigurationDiagnostic]
    /// Errors beyond `DiagnosticLog.maximum`, which are counted but not kept.
    package let omitted: Int

    package init(_ diagnostic: ConfigurationDiagnostic) {
        diagnostics = [diagnostic]
        omitted = 0
    }

    /// Those of one file; nil when it has none.
    package func diagnostics(in file: String) -> ConfigurationError? {
        let own = diagnostics.filter { $0.location.file == file }
        return own.isEmpty ? nil : ConfigurationError(diagnostics: own, omitted: 0)
    }

    /// The first error, without the directories its file lies in, and how many more there are: for those who asked from outside.
    package var summary: String {
        guard let first = diagnostics.first else { return "" }
        let name = first.location.file.split(separator: "/").suffix(2).joined(separator: "/")
        let place = SourceLocation(file: name, line: first.location.line, column: first.location.column)
        let shown = ConfigurationDiagnostic(
            at: place, key: first.key, found: first.found, allowed: first.allowed, hint: first.hint)
        let more = diagnostics.count + omitted - 1
        return "\(shown)" + (more > 0 ? " and \(more) more" : "")
    }

    init(diagnostics: [ConfigurationDiagnostic], omitted: Int) {
        self.diagnostics = diagnostics.sorted { $0.location < $1.location }
        self.omitted = omitted
    }

    /// One line per error, without a final line break.
    package var description: String {
        var lines = diagnostics.map(\.description)
        if omitted > 0 { lines.append("and \(omitted) more errors") }
        return lines.joined(separator: "\n")
    }
}
