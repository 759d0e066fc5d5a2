package import Foundation
internal import Yams

/// YAML of our own as JSON, with the types YAML gives its scalars. For documents that came with this service, not for what
/// others wrote: `YAMLReader` is for that.
package enum YAMLConversion {
    /// - Throws: what is wrong with the text; `CocoaError` when it is no mapping.
    package static func json(_ yaml: String) throws -> Data {
        guard let tree = try Yams.load(yaml: yaml) as? [String: Any] else {
            throw CocoaError(.propertyListReadCorrupt)
        }
        return try JSONSerialization.data(
            withJSONObject: tree, options: [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
    }
}
