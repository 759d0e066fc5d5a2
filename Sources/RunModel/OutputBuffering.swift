/// When what a program prints is to come.
package enum OutputBuffering: String, Sendable, Codable, CaseIterable {
    /// As it is written, a line at a time at the latest, where the language has a setting for that.
    case line
    /// When the language's own buffer is full: later, for less time.
    case full
}

/// What is to be found out about a program in place of running it.
package enum RequestedCheck: String, Sendable, Codable, CaseIterable {
    /// Whether it compiles, or parses.
    case syntax
}
