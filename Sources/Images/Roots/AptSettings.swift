/// Settings of the machine's own apt that decide whether a download can succeed: proxies, clocks, retries.
enum AptSettings {
    /// Always set: a flaky mirror is asked again, translated descriptions are never wanted.
    static let fixed = [#"Acquire::Languages "none""#, #"Acquire::Retries "3""#]

    /// `fixed` and what `apt-config` tells of the machine's proxies and date checks.
    ///
    /// mmdebstrap reads none of /etc/apt/apt.conf.d by itself. The settings do not stay in the root.
    static func inherited(cancellation: BuildCancellation) throws(ImageError) -> [String] {
        var lines: [String] = []
        let program = BuildProgram(
            executable: try ProgramSearch.path(of: "apt-config", package: "apt"), arguments: ["dump"])
        try program.run(name: "apt-config", cancellation: cancellation) { lines.append($0) }
        return fixed + wanted(in: lines)
    }

    /// The settings among `lines` (`Name "value";`) that matter to a download.
    static func wanted(in lines: [String]) -> [String] {
        lines.compactMap { line in
            guard line.hasPrefix("Acquire::"), line.hasSuffix("\";"), let space = line.firstIndex(of: " ") else {
                return nil
            }
            let name = line[..<space]
            let value = line[line.index(after: space)...].dropLast()
            guard value.count > 2, !value.dropFirst().dropLast().contains("\"") else { return nil }
            let parts = name.split(separator: "::").map { $0.lowercased() }
            let isProxy = parts.count >= 3 && ["http", "https", "ftp"].contains(parts[1]) && parts[2] == "proxy"
            let isDate = parts.count == 2 && ["check-valid-until", "check-date"].contains(parts[1])
            return isProxy || isDate ? "\(name) \(value)" : nil
        }
    }
}
