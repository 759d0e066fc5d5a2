/// One line of `nestbox image list`.
package struct ImageStatus: Sendable, Equatable {
    package let name: String
    package let aliases: [String]
    package let description: String
    /// The version of the language: exact when the root is built, as far as the description tells otherwise.
    package let version: String?
    /// `host`, `debian`, `directory` or `oci`.
    package let rootKind: String
    package let state: RootState
    /// Of a root in the store; nil for `host` and `directory`, and when an archive cannot be read.
    package let digest: ContentDigest?
    /// Sizes of all files together, once built.
    package let bytes: Int64?
    /// Where the root is, once it is usable; nil for `host`.
    package let path: String?
}

/// A root that a build ended with.
package struct BuiltRoot: Sendable, Equatable {
    package let digest: ContentDigest
    package let path: String
    package let metadata: RootMetadata
    /// Whether it was there already, or somebody else built it while we waited.
    package let reused: Bool
}

/// Something in the store that no image needs.
package struct GarbageItem: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// A finished root no image of the library describes.
        case root
        /// What a dead build or removal left.
        case leftover
    }

    package let kind: Kind
    package let path: String
    package let digest: ContentDigest
    /// What the root was made for, if that is still known.
    package let images: [String]
    package let bytes: Int64?
}
