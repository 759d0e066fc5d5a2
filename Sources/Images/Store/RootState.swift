/// How it stands with the root of an image.
package enum RootState: Sendable, Equatable {
    /// The root is used where it is and nothing has to be built.
    case ready
    /// Built and finished.
    case built(RootMetadata?)
    /// Never built, or removed.
    case missing
    /// A build is going on, in this or another process.
    case building
    /// A build ended before it was finished; the next one cleans up.
    case interrupted
    /// The root cannot be used; the text says why.
    case unusable(String)

    /// One word for a table.
    package var word: String {
        switch self {
        case .ready: "ready"
        case .built: "built"
        case .missing: "missing"
        case .building: "building"
        case .interrupted: "interrupted"
        case .unusable: "unusable"
        }
    }
}
