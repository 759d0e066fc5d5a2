internal import EgressRules
internal import Foundation
internal import RunModel
internal import RunService
internal import SandboxSpec
internal import WorkspaceModel

/// A workspace as its document in the store has it. Names are those of the file.
struct StoredWorkspace: Codable, Sendable, Equatable {
    static let currentVersion = 1

    /// What it is started with.
    struct Request: Codable, Sendable, Equatable {
        var image: String
        var policy: String
        var name: String?
        var tags: [String]
        var env: [String: String]
        var limits: [String: String]
        var network: String?
        var network_hosts: [String]?
        var ttl: String?
        var idle: String?
    }

    var version = currentVersion
    var workspace_id: String
    var owner: String
    var created_at: Int64
    var updated_at: Int64
    /// How often it has been started.
    var generation: Int
    var next_seq: Int64
    var next_process: Int
    var request: Request
    /// The file beside this one.
    var archive: String
    var archive_bytes: Int64
    var archive_sha256: String
    var files: Int64

    /// Why it cannot be used; nil when it can.
    var fault: String? {
        let name = archive.split(separator: ".", omittingEmptySubsequences: false)
        guard name.count == 3, name[0] == workspace_id[...], name[2] == "tar", !archive.contains("/") else {
            return "archive: found \"\(archive.prefix(64))\", allowed is the name of an archive of this workspace"
        }
        guard WorkspaceID(workspace_id) != nil, generation >= 0, next_seq >= 1, next_process >= 1, archive_bytes >= 0
        else { return "a number in it is out of range" }
        return nil
    }
}

extension StoredWorkspace.Request {
    init(_ request: WorkspaceRequest) {
        image = request.image
        policy = request.policy
        name = request.name
        tags = request.tags
        env = request.environment
        limits = request.limits
        network = request.network?.access.name
        network_hosts = request.network?.hosts?.map(\.description)
        ttl = request.ttl
        idle = request.idle
    }

    var request: WorkspaceRequest {
        var request = WorkspaceRequest(image: image, policy: policy)
        request.name = name
        request.tags = tags
        request.environment = env
        request.limits = limits
        request.network = network.flatMap { NetworkAccess(name: $0) }.map { access in
            NetworkRequest(access, hosts: network_hosts.map { $0.compactMap { EgressRule($0) } })
        }
        request.ttl = ttl
        request.idle = idle
        return request
    }
}
