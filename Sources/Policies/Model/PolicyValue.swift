package import ConfigurationFiles

/// One value of a policy as it applies, and where it comes from: for people, and for comparing policies.
package struct PolicyValue: Sendable, Equatable {
    package enum Source: Sendable, Equatable {
        /// A file says it.
        case file(SourceLocation)
        /// It follows another value of the same policy, such as `limits.wall`.
        case follows(String)
        /// No file of the chain says it; this is the value then.
        case standard
    }

    /// Dotted, as errors name it: `limits.cpu`.
    package let key: String
    /// In human units.
    package let text: String
    package let source: Source
}

extension PolicyValue.Source: CustomStringConvertible {
    /// `file:line`, `follows limits.wall`, or `usual`.
    package var description: String {
        switch self {
        case .file(let location): location.description
        case .follows(let key): "follows \(key)"
        case .standard: "usual"
        }
    }
}
