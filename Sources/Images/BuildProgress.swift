/// What a build reports while it goes on; for people to read, in no promised order of detail.
package enum BuildProgress: Sendable, Equatable {
    /// Another process builds the same root; we wait and use theirs.
    case waiting
    /// A step began: `downloading and installing 12 packages`.
    case step(String)
    /// One line that the building program printed, at most 4,096 bytes, control characters removed.
    case output(String)
}
