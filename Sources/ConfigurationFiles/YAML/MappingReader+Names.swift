extension MappingReader {
    /// How policies, images and groups are named.
    package static let nameForm = "a lower-case letter, then up to 62 of a-z, 0-9, - and _"

    /// Whether `text` may name a policy, an image or a group: `[a-z][a-z0-9_-]{0,62}`.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 63 else { return false }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
        }
    }

    /// A name at `key`.
    package func name(_ key: String, required: Bool = false) -> Located<String>? {
        guard let text = string(key, required: required) else { return nil }
        guard Self.isName(text.value) else {
            reject(key, found: ConfigurationDiagnostic.quote(text.value), allowed: Self.nameForm)
            return nil
        }
        return text
    }

    /// The name at the key `name`, which has to be that of the file: one leads to the other.
    package func name(ofFile stem: String) -> Located<String>? {
        guard let name = name("name", required: true) else { return nil }
        guard name.value == stem else {
            reject(
                "name", found: ConfigurationDiagnostic.quote(name.value), allowed: "\"\(stem)\", the name of the file")
            return nil
        }
        return name
    }

    /// Checks the key `version`, which every file starts with and which is 1 today.
    package func checkVersion() {
        guard let node = value("version", required: true, allowed: "1") else { return }
        guard case .scalar("1", quoted: false) = node.content else {
            reject("version", found: node.found, allowed: "1")
            return
        }
    }
}
