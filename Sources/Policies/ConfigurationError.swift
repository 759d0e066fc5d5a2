/// Every mistake found in a set of configuration files, in the order of the files' lines; never empty.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package let mistakes: [ConfigurationMistake]
    /// Mistakes beyond `MistakeLog.maximum`, which are counted but not kept.
    package let omitted: Int

    package init(_ mistake: ConfigurationMistake) {
        mistakes = [mistake]
        omitted = 0
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
