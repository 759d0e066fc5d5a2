internal import ConfigurationFiles
internal import Foundation

/// Reads the `root` of an `image.yaml`: exactly one kind, with the keys that belong to it.
struct RootReader {
    static let kinds = ["host", "debian", "directory", "oci"]
    private static let allowedKinds = "exactly one of host, debian, directory, oci"

    /// What relative paths are relative to.
    let directory: String

    func root(in document: MappingReader) -> RootDescription? {
        guard let reader = document.mapping("root", required: true) else { return nil }
        let found = Self.kinds.filter { reader.contains($0) }
        guard let kind = found.first, found.count == 1 else {
            // A misspelt kind deserves its hint before the general complaint.
            reader.rejectKeys(notIn: Self.kinds + ["packages", "variant", "wheels", "files", "setup", "reference"])
            let names = found.isEmpty ? "none of them" : found.joined(separator: " and ")
            document.reject("root", found: names, allowed: Self.allowedKinds)
            return nil
        }
        switch kind {
        case "host": return host(reader)
        case "debian": return debian(reader)
        case "directory": return directory(reader)
        default: return oci(reader)
        }
    }

    private func host(_ reader: MappingReader) -> RootDescription? {
        reader.rejectKeys(notIn: ["host"])
        guard let value = reader.boolean("host") else { return nil }
        guard value.value else {
            reader.reject("host", found: "false", allowed: "true, or another kind of root")
            return nil
        }
        return .host
    }

    private func debian(_ reader: MappingReader) -> RootDescription? {
        reader.rejectKeys(notIn: ["debian", "packages", "variant", "wheels", "files", "setup"])
        let variant = reader.choice("variant", of: DebianRoot.Variant.self)?.value ?? .essential
        let suite = reader.string("debian")?.value
        let packages = reader.strings("packages", required: true, maximumCount: 256)
        for (index, item) in (packages ?? []).enumerated() where !ImageWords.isPackage(item.value) {
            reader.log.add(
                at: item.location, key: "root.packages[\(index)]", found: ConfigurationDiagnostic.quote(item.value),
                allowed: ImageWords.packageForm)
        }
        let additions = RootAdditions(directory: directory, reader: reader)
        let wheels = additions.wheels()
        let files = additions.files()
        let setup = additions.setup()
        guard let suite, let packages else { return nil }
        guard ImageWords.isSuite(suite) else {
            reader.reject("debian", found: ConfigurationDiagnostic.quote(suite), allowed: ImageWords.suiteForm)
            return nil
        }
        return .debian(
            DebianRoot(
                suite: suite, packages: packages.map(\.value), variant: variant, wheels: wheels, files: files,
                setup: setup))
    }

    private func directory(_ reader: MappingReader) -> RootDescription? {
        reader.rejectKeys(notIn: ["directory"])
        return path("directory", reader).map { .directory($0) }
    }

    private func oci(_ reader: MappingReader) -> RootDescription? {
        reader.rejectKeys(notIn: ["oci", "reference"])
        let reference = reader.string("reference", maximumBytes: 255)?.value
        return path("oci", reader).map { .oci(OCIRoot(path: $0, reference: reference)) }
    }

    /// A path, absolute or relative to the image's directory, made absolute.
    private func path(_ key: String, _ reader: MappingReader) -> String? {
        guard let text = reader.string(key, maximumBytes: 4096)?.value else { return nil }
        let base = URL(fileURLWithPath: directory, isDirectory: true)
        let path = URL(fileURLWithPath: text, relativeTo: base).standardizedFileURL.path
        guard path != "/" else {
            reader.reject(key, found: ConfigurationDiagnostic.quote(text), allowed: "a path other than /")
            return nil
        }
        return path
    }
}
