internal import Foundation

/// The machine's own package sources for a Debian suite, as lines that mmdebstrap takes.
///
/// An operator who set a mirror in /etc/apt gets it for roots too. Where the machine has no source for the suite (it
/// runs another release, or another distribution), mmdebstrap's own default is used.
struct AptSources {
    var directory = "/etc/apt"

    /// The sources for the suite, its updates and its security fixes, each once; none when the machine has none for the
    /// suite itself.
    func sources(for suite: String) throws(ImageError) -> [PackageSource] {
        let lists = files(suffix: ".list").flatMap { oneLine($0) }
        let stanzas = files(suffix: ".sources").flatMap { deb822($0) }
        let wanted = [suite, "\(suite)-updates", "\(suite)-security"]
        let found = (lists + stanzas).filter { wanted.contains($0.suite) && $0.components.contains("main") }
        guard found.contains(where: { $0.suite == suite }) else { return [] }
        var sources: [PackageSource] = []
        for source in found where !sources.contains(source) { sources.append(source) }
        return sources
    }

    /// The texts of sources.list and sources.list.d; unreadable files are as good as absent, as apt has it.
    private func files(suffix: String) -> [String] {
        let parts = directory + "/sources.list.d"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parts)) ?? []
        var paths = names.filter { $0.hasSuffix(suffix) }.sorted().map { parts + "/" + $0 }
        if suffix == ".list" { paths.insert(directory + "/sources.list", at: 0) }
        return paths.compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
    }

    private func oneLine(_ text: String) -> [PackageSource] {
        text.split(separator: "\n").compactMap { line in
            let bare = line.prefix { $0 != "#" }
            guard bare.hasPrefix("deb ") || bare.hasPrefix("deb\t") else { return nil }
            var rest = bare.dropFirst(4)
            var options: [String] = []
            if let open = rest.firstIndex(of: "["), rest[..<open].allSatisfy(\.isWhitespace) {
                guard let close = rest.firstIndex(of: "]") else { return nil }
                options = words(rest[rest.index(after: open)..<close])
                rest = rest[rest.index(after: close)...]
            }
            let fields = words(rest)
            guard fields.count >= 3 else { return nil }
            return PackageSource(options: options, uri: fields[0], suite: fields[1], components: Array(fields[2...]))
        }
    }

    private func deb822(_ text: String) -> [PackageSource] {
        var stanzas: [[String: String]] = [[:]]
        var last = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") { continue }
            if line.allSatisfy(\.isWhitespace) {
                stanzas.append([:])
            } else if line.first == " " || line.first == "\t" {
                stanzas[stanzas.count - 1][last, default: ""] += "\n" + line
            } else if let colon = line.firstIndex(of: ":") {
                last = line[..<colon].lowercased()
                stanzas[stanzas.count - 1][last] = String(line[line.index(after: colon)...])
            }
        }
        return stanzas.flatMap { sources($0) }
    }

    private func sources(_ fields: [String: String]) -> [PackageSource] {
        func list(_ key: String) -> [String] { words(Substring(fields[key] ?? "")) }
        guard list("types").contains("deb"), list("enabled").first?.lowercased() != "no" else { return [] }
        var options: [String] = []
        let signers = list("signed-by")
        // A key written into the file itself has no place on a command line; the machine's keyring has to do.
        if let signer = signers.first, signer.hasPrefix("/") {
            options.append("signed-by=" + signers.joined(separator: ","))
        } else if !signers.isEmpty {
            return []
        }
        for key in ["trusted", "check-valid-until", "check-date"] {
            if let value = list(key).first { options.append("\(key)=\(value)") }
        }
        return list("uris").flatMap { uri in
            list("suites").map { suite in
                PackageSource(options: options, uri: uri, suite: suite, components: list("components"))
            }
        }
    }

    private func words(_ text: Substring) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
