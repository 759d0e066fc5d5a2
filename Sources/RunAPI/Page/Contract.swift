internal import ConfigurationFiles
internal import Synchronization

extension Assets {
    /// The OpenAPI document as JSON: made from the YAML one, once, so that there is one source.
    func contract() throws -> File {
        if let made = cache.files.withLock({ $0["contract"] }) { return made }
        guard let yaml = file("/assets/openapi.yaml")?.file, let text = String(validating: yaml.bytes, as: UTF8.self)
        else {
            throw Missing(description: "the web directory has no openapi.yaml")
        }
        let file = File(bytes: Array(try YAMLConversion.json(text)), type: "application/json")
        cache.files.withLock { $0["contract"] = file }
        return file
    }
}
