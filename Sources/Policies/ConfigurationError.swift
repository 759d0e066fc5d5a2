/// Every mistake found in a set of configuration files, in the order of the files' lines; never empty.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package let mistakes: [ConfigurationMistake]
    /// Mistakes beyond `MistakeLog.maximum`, which are counted but not kept.
    package let omitted: Int

    package init(_ mistake: ConfigurationMistake) {
        mistakes = [mistake]
        omitted = 0
    }

    /// Those of one file; nil when it has none.
    package func mistakes(in file: String) -> ConfigurationError? {
        let own = mistakes.filter { $0.location.file == file }
        return own.isEmpty ? nil : ConfigurationError(mistakes: own, omitted: 0)
    }

    /// The first mistake, without the folders its file lies in, and how many more there are: for those who asked from outside.
    package var summary: String {
        guard let first = mistakes.first else { return "" }
        let name = first.location.file.split(separator: "/").suffix(2).joined(separator: "/")
        let place = SourceLocation(file: name, line: first.location.line, column: first.location.column)
        let shown = ConfigurationMistake(
            at: place, key: first.key, found: first.found, allowed: first.allowed, hint: first.hint)
        let more = mistakes.count + omitted - 1
        return "\(shown)" + (more > 0 ? " and \(more) more" : "")
    }

    init(mistakes: [ConfigurationMistake], omitted: Int) {
        self.mistakes = mistakes.sorted { $0.location < $1.location }
        self.omitted = omitted
    }

    /// One line per mistake, without a final line break.
    package var description: String {
        var lines = mistakes.map(\.description)
        if omitted > 0 { lines.append("and \(omitted) more mistakes") }
        return lines.joined(separator: "\n")
    }
}
