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

/// The built roots of several images, each counted once however many share it.
package struct RootTotal: Sendable, Equatable {
    /// How many roots are built.
    package let roots: Int
    /// The sizes of their files together.
    package let bytes: Int64
    private let counts: [ContentDigest: Int]

    package init(_ statuses: [ImageStatus]) {
        var counts: [ContentDigest: Int] = [:]
        var sizes: [ContentDigest: Int64] = [:]
        for status in statuses {
            guard let digest = status.digest else { continue }
            counts[digest, default: 0] += 1
            if case .built = status.state { sizes[digest] = status.bytes ?? 0 }
        }
        self.counts = counts
        roots = sizes.count
        bytes = sizes.values.reduce(0, +)
    }

    /// How many of the images are on a root.
    package func sharers(_ digest: ContentDigest) -> Int { counts[digest] ?? 0 }
}

/// A root that a build ended with.
package struct BuiltRoot: Sendable, Equatable {
    package let digest: ContentDigest
    package let path: String
    package let metadata: RootMetadata
    /// Whether it was there already, or another process built it while we waited.
    package let reused: Bool
}

/// Something in the store that no image needs.
package struct GarbageItem: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// A finished root no image of the library describes.
        case root
        /// What a dead build or removal left.
        case leftover
        /// A package, list or wheel that no built image is made of.
        case cache
    }

    package let kind: Kind
    package let path: String
    /// Of the root it is, was to be, or was; nil for caches.
    package let digest: ContentDigest?
    /// What the root was made for, if that is still known.
    package let images: [String]
    /// What its removal frees, as far as it is known.
    package let bytes: Int64
}
