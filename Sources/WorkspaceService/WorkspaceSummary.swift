package import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import Synchronization
package import WorkspaceModel

/// A workspace as lists and its own page show it.
package struct WorkspaceSummary: Sendable {
    package let id: WorkspaceID
    package let state: WorkspaceState
    package let createdAt: Int64
    package let tags: [String]
    let request: WorkspaceRequest
    let policy: String
    let image: String
    let startedAt: Int64?
    let expiresAt: Int64?
    let ports: [Int]
    let processes: [ProcessReport]
    let usage: Usage
    let limits: WorkspaceLimits?
    let sandbox: Limits?
    let network: String?
    let generation: Int
    let nextSequence: Int64

    package func write(to output: inout JSONBytes) {
        output.open()
        output.member("workspace_id", id.description)
        output.key("name")
        output.optional(request.name) { $0.string($1) }
        output.member("image", image)
        output.member("policy", policy)
        output.member("state", state.rawValue)
        output.member("created_at", createdAt)
        output.key("started_at")
        output.optional(startedAt) { $0.integer($1) }
        output.key("expires_at")
        output.optional(expiresAt) { $0.integer($1) }
        output.key("tags")
        output.array(tags) { $0.string($1) }
        output.key("ports")
        output.array(ports) { $0.integer($1) }
        output.key("processes")
        output.array(processes) { $1.write(to: &$0) }
        output.key("usage")
        output.open()
        output.member("cpu_ms", number: Double(usage.cpu / 1000) / 1000)
        output.member("memory_bytes", usage.memory)
        output.member("disk_bytes", usage.disk)
        output.member("inodes", usage.inodes)
        output.close()
        output.key("limits")
        output.optional(limits) { output, limits in
            output.open()
            for name in [LimitName.memory, .disk, .inodes, .openFiles] {
                output.member(name.rawValue, sandbox?[name] ?? 0)
            }
            output.key("workspace")
            limits.write(to: &output)
            output.close()
        }
        output.key("network")
        output.optional(network) { $0.string($1) }
        output.member("generation", generation)
        output.member("next_seq", nextSequence)
        output.close()
    }
}

extension Workspace {
    package var summary: WorkspaceSummary {
        let (id, created, next) = (id, identity.createdAt, log.next)
        return state.withLock { state in
            let isLiving = state.live != nil
            return WorkspaceSummary(
                id: id, state: state.phase, createdAt: created, tags: state.request.tags, request: state.request,
                policy: state.plan?.policy ?? state.request.policy, image: state.plan?.image ?? state.request.image,
                startedAt: isLiving ? state.startedAt : nil, expiresAt: isLiving ? state.expiryDate : nil,
                ports: state.ports.sorted().map { Int($0) }, processes: state.processes.map(\.report),
                usage: state.usage, limits: state.plan?.limits, sandbox: state.plan?.spec.limits,
                network: state.plan?.spec.network.name ?? state.request.network?.access.name,
                generation: state.generation, nextSequence: next)
        }
    }
}
