// The parts we use of the OCI image specification's JSON documents and of `manifest.json` in a saved Docker image.

struct OCIDescriptor: Decodable, Equatable {
    struct Platform: Decodable, Equatable {
        let architecture: String
        let os: String
    }

    let mediaType: String?
    let digest: String
    let size: Int64
    let platform: Platform?
    let annotations: [String: String]?

    /// The names an image can be asked for by.
    var names: [String] {
        ["org.opencontainers.image.ref.name", "io.containerd.image.name"].compactMap { annotations?[$0] }
    }
}

struct OCIIndex: Decodable {
    let manifests: [OCIDescriptor]
}

struct OCIManifest: Decodable {
    let config: OCIDescriptor
    let layers: [OCIDescriptor]
}

struct OCIConfiguration: Decodable {
    struct RootFileSystem: Decodable {
        let diffIDs: [String]

        enum CodingKeys: String, CodingKey {
            case diffIDs = "diff_ids"
        }
    }

    let architecture: String
    let os: String
    let rootfs: RootFileSystem
}

struct DockerManifest: Decodable {
    let config: String
    let repoTags: [String]?
    let layers: [String]

    enum CodingKeys: String, CodingKey {
        case config = "Config"
        case repoTags = "RepoTags"
        case layers = "Layers"
    }
}
