internal import SandboxSpec

/// Where an image's root file system comes from.
package enum RootDescription: Sendable, Equatable {
    /// The warden's curated view of the machine's own file system; nothing to build.
    case host
    case debian(DebianRoot)
    /// An operator's own tree, used in place. An absolute path.
    case directory(String)
    case oci(OCIRoot)

    /// The word a file uses for the kind of root.
    package var kind: String {
        switch self {
        case .host: "host"
        case .debian: "debian"
        case .directory: "directory"
        case .oci: "oci"
        }
    }

    /// Whether a root of this kind has to be built into the store.
    package var isBuilt: Bool {
        switch self {
        case .host, .directory: false
        case .debian, .oci: true
        }
    }
}

/// A root made of Debian packages.
package struct DebianRoot: Sendable, Equatable {
    /// Which packages are there besides the named ones and what they depend on.
    package enum Variant: String, Sendable, CaseIterable {
        /// Only packages marked essential: a shell, coreutils, dpkg. The default.
        case essential
        /// The same and apt.
        case apt
        /// The same and everything of priority required.
        case minbase
    }

    /// A code name such as `bookworm`.
    package let suite: String
    /// Sorted and unique: `name` or `name=version`.
    package let packages: [String]
    /// What every root has besides: without time zones each of them would be taken for UTC, without a warning.
    static let common = ["tzdata"]
    package let variant: Variant
    /// Files the image adds, sorted by path.
    package let files: [RootFile]
    /// Wheels of the Python package index that are unpacked into the tree, in their order.
    package let wheels: [RootWheel]
    /// Shell commands that finish the tree, in their order.
    package let setup: [String]

    package init(
        suite: String, packages: [String], variant: Variant = .essential, wheels: [RootWheel] = [],
        files: [RootFile] = [], setup: [String] = []
    ) {
        self.suite = suite
        self.packages = Set(packages).sorted()
        self.variant = variant
        self.wheels = wheels
        self.files = files.sorted { $0.path.description < $1.path.description }
        self.setup = setup
    }

    /// Everything that is asked of the archive, sorted and unique.
    var installed: [String] {
        let named = packages.map { $0.prefix { $0 != "=" } }
        return (packages + Self.common.filter { !named.contains($0[...]) }).sorted()
    }

    /// The description in one fixed form, for its digest. Commands may have several lines, so their length goes ahead.
    var canonicalText: String {
        "debian \(suite)\nvariant \(variant.rawValue)\n" + installed.map { "package \($0)\n" }.joined()
            + wheels.map { "wheel \($0.name) \($0.version) \($0.digest) /\($0.into)\n" }.joined()
            + files.map { "file /\($0.path) \($0.digest)\n" }.joined()
            + setup.map { "setup \($0.utf8.count) \($0)\n" }.joined()
    }
}

/// A root made of the layers of an OCI image on disk.
package struct OCIRoot: Sendable, Equatable {
    /// An absolute path: an OCI layout directory, or a docker-archive or oci-archive tar file.
    package let path: String
    /// Which image, when there are several: a tag (`python:3.12`) or an OCI reference name.
    package let reference: String?

    package init(path: String, reference: String?) {
        self.path = path
        self.reference = reference
    }
}
