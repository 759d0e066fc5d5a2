internal import ConfigurationFiles
internal import SandboxSpec

/// Reads what a root has besides its packages: `wheels`, `files` and `setup`.
struct RootAdditions {
    /// The most commands of a setup and the longest of them.
    static let maximumCommands = 64
    static let maximumCommandBytes = 4096

    /// The image's directory.
    let directory: String
    let reader: MappingReader

    /// The files, with the digests of what they hold now. Those with errors are left out and noted.
    func files() -> [RootFile] {
        guard let pairs = reader.stringMap("files", maximumCount: RootFile.maximumCount, maximumBytes: 1024) else {
            return []
        }
        var total = 0
        return pairs.compactMap { pair in
            let key = reader.path(to: "files") + "." + pair.key.value
            let path = target(pair.key, key: key)
            guard let source = source(pair.value, key: key) else { return nil }
            do throws(ImageError) {
                let bytes = try RootFileInstaller.contents(of: source)
                total += bytes.count
                guard total <= RootFile.maximumTotalBytes else {
                    reader.log.add(
                        at: pair.value.location, key: key, found: "\(total) bytes with the files before it",
                        allowed: "at most \(RootFile.maximumTotalBytes) bytes together")
                    return nil
                }
                return path.map { RootFile(path: $0, source: source, digest: ContentDigest(of: bytes)) }
            } catch {
                reader.log.add(
                    at: pair.value.location, key: key, found: ConfigurationDiagnostic.quote(pair.value.value),
                    allowed: "a file beside image.yaml of at most \(RootFile.maximumBytes) bytes", hint: error.message)
                return nil
            }
        }
    }

    /// The wheels, in their order. Those with errors are left out and noted.
    func wheels() -> [RootWheel] {
        let items = reader.items("wheels", maximumCount: RootWheel.maximumCount) ?? []
        return items.compactMap { item in
            MappingReader(item.node, path: item.path, log: reader.log).flatMap { wheel($0) }
        }
    }

    private func wheel(_ reader: MappingReader) -> RootWheel? {
        reader.rejectKeys(notIn: ["name", "version", "sha256", "into"])
        func word(_ key: String, form: String, _ isGood: (String) -> Bool) -> String? {
            guard let text = reader.string(key, required: true)?.value else { return nil }
            if isGood(text) { return text }
            reader.reject(key, found: ConfigurationDiagnostic.quote(text), allowed: form)
            return nil
        }
        let name = word("name", form: RootWheel.nameForm, RootWheel.isName)
        let version = word("version", form: RootWheel.versionForm, RootWheel.isVersion)
        let digest = word("sha256", form: "64 hexadecimal digits, a-f in lower case") { ContentDigest(hex: $0) != nil }
        let into = reader.string("into", required: true).flatMap { target($0, key: reader.path(to: "into")) }
        guard let name, let version, let digest = digest.flatMap({ ContentDigest(hex: $0) }), let into else {
            return nil
        }
        return RootWheel(name: name, version: version, digest: digest, into: into)
    }

    /// The commands, in their order.
    func setup() -> [String] {
        let commands = reader.strings(
            "setup", maximumCount: Self.maximumCommands, maximumBytes: Self.maximumCommandBytes)
        return (commands ?? []).map(\.value)
    }

    private func target(_ text: Located<String>, key: String) -> BoxPath? {
        func reject(_ allowed: String, hint: String? = nil) -> BoxPath? {
            let found = ConfigurationDiagnostic.quote(text.value)
            reader.log.add(at: text.location, key: key, found: found, allowed: allowed, hint: hint)
            return nil
        }
        guard text.value.hasPrefix("/") else { return reject("an absolute path inside the root") }
        do throws(InvalidBoxPath) {
            let path = try BoxPath(String(text.value.dropFirst()))
            if let reserved = RootFile.reservation(of: path) {
                return reject("a path that is not below /\(reserved)", hint: "nothing there lasts until a sandbox runs")
            }
            return path
        } catch {
            return reject("an absolute path inside the root", hint: "it \(error.reason)")
        }
    }

    private func source(_ text: Located<String>, key: String) -> String? {
        do throws(InvalidBoxPath) {
            return directory + "/" + (try BoxPath(text.value)).description
        } catch {
            reader.log.add(
                at: text.location, key: key, found: ConfigurationDiagnostic.quote(text.value),
                allowed: "a file beside image.yaml", hint: "its name \(error.reason)")
            return nil
        }
    }
}
