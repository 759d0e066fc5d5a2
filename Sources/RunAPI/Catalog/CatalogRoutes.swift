internal import APIFormat
internal import EgressRules
internal import HTTPInterface
internal import HTTPTypes
internal import HummingbirdCore
internal import Images
internal import Policies
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSpec

/// Languages and policies.
struct CatalogRoutes: Sendable {
    let services: RunAPIServices

    func languages(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let bytes = try JSONText.encode(["languages": languages])
        // By far the longest text, and the page cannot work without it.
        var reply = Reply.text(
            bytes, gzip: { Gzip.compress(bytes, level: 6) }, type: "application/json", for: request.headers,
            kind: .api)
        reply.headers[.cacheControl] = "no-store"
        return reply
    }

    /// All languages, in the order of their names.
    var languages: [LanguageReport] {
        let content = services.runs.catalog.content
        let planner = services.runs.catalog.planner
        return content.images.images.map { image in
            var policy: String?
            var reason: String?
            do throws(APIError) {
                policy = try planner.settings(language: image.name).policy.name
                try planner.checkRoot(of: image)
            } catch {
                reason = error.message
            }
            let status = services.runs.catalog.store.status(of: image)
            return LanguageReport(image, version: status.version, policy: policy, reason: reason)
        }
    }

    private struct PolicyReport: Encodable {
        let name: String
        let description: String?
        let image: String?
        let extends: [String]
        let network: String
        let networkCeiling: String
        let egress: [String]?
        let warnAt: Int
        let limits: LimitTable
        let ceiling: LimitTable
        let syscalls: Int

        private enum Key: String, CodingKey {
            case name, description, image, extends, network, egress, limits, ceiling, syscalls
            case warnAt = "warn_at_percent"
            case networkCeiling = "network_ceiling"
        }

        init(_ policy: Policy) {
            name = policy.name
            description = policy.description
            image = policy.image
            extends = policy.ancestors
            network = policy.network.name
            networkCeiling = policy.networkCeiling.name
            egress = policy.networks.egressCeiling?.rules.map(\.description)
            warnAt = Int(policy.warnAt)
            limits = LimitTable(policy.limits)
            ceiling = LimitTable(policy.ceiling)
            syscalls = policy.syscalls.count
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(name, forKey: .name)
            try container.encode(description, forKey: .description)
            try container.encode(image, forKey: .image)
            try container.encode(extends, forKey: .extends)
            try container.encode(network, forKey: .network)
            try container.encode(networkCeiling, forKey: .networkCeiling)
            try container.encode(egress, forKey: .egress)
            try container.encode(warnAt, forKey: .warnAt)
            try container.encode(limits, forKey: .limits)
            try container.encode(ceiling, forKey: .ceiling)
            try container.encode(syscalls, forKey: .syscalls)
        }
    }

    func policies(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let policies = services.runs.catalog.content.policies.policies.values.sorted { $0.name < $1.name }
        return try .json(["policies": policies.map(PolicyReport.init)])
    }

    func policy(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        guard let policy = services.runs.catalog.content.policies.policies[request.parameter()] else {
            throw APIError(.policyNotFound, "there is no such policy")
        }
        return try .json(PolicyReport(policy))
    }
}
