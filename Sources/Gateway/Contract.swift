internal import Foundation
internal import Synchronization
internal import Yams

extension Assets {
    /// The OpenAPI document as JSON: made from the YAML one, so that there is one source.
    func contract() throws -> File {
        if let made = cache.files.withLock({ $0["contract"] }) { return made }
        guard let yaml = self["/assets/openapi.yaml"], let text = String(validating: yaml.bytes, as: UTF8.self) else {
            throw Missing(description: "the web folder has no openapi.yaml")
        }
        let file = try Contract.json(text, etag: yaml.etag)
        cache.files.withLock { $0["contract"] = file }
        return file
    }
}

/// Turns the contract into JSON.
enum Contract {
    static func json(_ yaml: String, etag: String) throws -> Assets.File {
        guard let tree = try Yams.load(yaml: yaml) as? [String: Any] else {
            throw Assets.Missing(description: "openapi.yaml is no mapping")
        }
        let data = try JSONSerialization.data(
            withJSONObject: tree, options: [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
        return Assets.File(bytes: Array(data), type: "application/json", etag: etag)
    }
}
