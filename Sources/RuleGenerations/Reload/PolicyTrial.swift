internal import ConfigurationFiles
internal import Images
package import Policies
internal import RunModel
package import RunPlanning
internal import SandboxPool
internal import SandboxSpec
package import SandboxSupply
internal import WardenClient
internal import WardenProtocol

/// Builds sandboxes with policies before they are in force. A policy may be right and still ask for what this machine cannot enforce.
///
/// Nothing foreign runs: the warden makes cgroups, limits, mounts and filters, and pid 1 waits until it is told to end.
package struct PolicyTrial: Sendable {
    /// How long one sandbox may take.
    private static let timeout = Duration.seconds(15)

    private let source: any SandboxSource

    /// - Parameter source: makes fresh sandboxes, not parked ones.
    package init(source: any SandboxSource) {
        self.source = source
    }

    /// - Returns: what is wrong, a line for each policy, with file and line; empty when every policy can be enforced. Policies for
    ///   which no image is built are not tried.
    package func errors(of policies: [Policy], in candidate: RunCatalog.Candidate) async -> [String] {
        var known: [SandboxSpec: String?] = [:]
        var errors: [String] = []
        for policy in policies {
            for spec in specs(of: policy, in: candidate) {
                let reason: String?
                if let found = known[spec] {
                    reason = found
                } else {
                    reason = await attempt(spec)
                    known[spec] = .some(reason)
                }
                guard let reason else { continue }
                errors.append(
                    ConfigurationDiagnostic(
                        at: policy.location, key: "", found: "rules that cannot be enforced here (\(reason))",
                        allowed: "what this machine and its warden.conf can"
                    ).description)
                break
            }
        }
        return errors
    }

    /// What sandboxes are made with under this policy: one image is enough, since its root is no part of the policy.
    private func specs(of policy: Policy, in candidate: RunCatalog.Candidate) -> [SandboxSpec] {
        let images = candidate.content.images.images
        let own = images.filter { policy.image == nil || policy.image == $0.name || policy.image == $0.language }
        for image in own {
            do throws(APIError) {
                var specs: [SandboxSpec] = []
                for pool in try candidate.planner.pools(for: image, under: policy) {
                    var spec = pool.spec
                    spec.preparation = .none
                    if !specs.contains(spec) { specs.append(spec) }
                }
                return specs
            } catch {
                continue
            }
        }
        return []
    }

    private func attempt(_ spec: SandboxSpec) async -> String? {
        let source = source
        return await withTaskGroup(of: String?.self) { group in
            group.addTask {
                do throws(APIError) {
                    let lease = try await source.lease(spec)
                    lease.sandbox.kill(.cancelled)
                    return nil
                } catch {
                    return error.message
                }
            }
            group.addTask {
                // A cancelled sleep: the other one was first.
                do { try await Task.sleep(for: Self.timeout) } catch {}
                return "a sandbox was not ready after 15 s"
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
