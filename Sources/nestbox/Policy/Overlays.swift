/// What an overlay has in force, for people.
enum Overlays {
    /// A line for each file or directory that replaces another one, and none when there is no overlay.
    ///
    /// - Parameter directories: that lie over each other, the last one on top.
    static func lines(_ replaced: [String: String], _ directories: [String]) -> [String] {
        guard directories.count > 1 else { return [] }
        return replaced.sorted { $0.key < $1.key }.map { "\($0.key) replaces \($0.value)" }
    }
}
