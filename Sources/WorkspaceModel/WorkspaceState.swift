/// What a workspace is doing.
package enum WorkspaceState: String, Sendable, CaseIterable {
    /// Its sandbox is being made, and its files written.
    case starting
    case running
    /// Its processes end, and its files are stored.
    case stopping
    /// It has no sandbox. Its files are stored, if the service stores any.
    case stopped
    /// It is gone: nothing of it is left.
    case deleted
}
