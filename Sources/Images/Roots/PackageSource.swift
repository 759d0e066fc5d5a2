/// One line of a machine's package sources: where packages of a suite come from, and how that is checked.
struct PackageSource: Sendable, Equatable {
    /// What stands in brackets: `signed-by=…`, `trusted=yes`.
    var options: [String] = []
    let uri: String
    let suite: String
    let components: [String]

    /// Whether the network is used. Others (`file:`, `cdrom:`) are at hand and need no cache.
    var isRemote: Bool {
        ["http:", "https:", "ftp:"].contains { uri.lowercased().hasPrefix($0) }
    }

    /// `deb [options] URI SUITE COMPONENTS`.
    var line: String { line(uri: uri, options: options) }

    /// The same source by way of a list of mirrors: apt takes each file from the first mirror that has it.
    func line(mirrorList: String) -> String {
        line(uri: "mirror+file:\(mirrorList)", options: options)
    }

    /// The same source from a copy on disk, however old that is. Signatures are checked as ever; only the date up to
    /// which the lists are promised to be current is not.
    func line(copy directory: String) -> String {
        let kept = options.filter { !$0.hasPrefix("check-valid-until=") && !$0.hasPrefix("by-hash=") }
        return line(uri: "copy:\(directory)", options: kept + ["check-valid-until=no", "by-hash=no"])
    }

    private func line(uri: String, options: [String]) -> String {
        let bracket = options.isEmpty ? "" : "[\(options.joined(separator: " "))] "
        return "deb \(bracket)\(uri) \(suite) \(components.joined(separator: " "))"
    }
}
