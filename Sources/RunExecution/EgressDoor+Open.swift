package import Egress
package import EgressRules
package import LinuxSystem
package import RunModel

extension EgressDoor {
    /// The way out of a sandbox that has one.
    ///
    /// - Throws: `SANDBOX_FAILED` when there is no listener, no grant or nobody to serve it: a program that is promised a network must not
    ///   run as if it had none.
    package static func open(
        _ listener: SharedDescriptor?, _ grant: EgressGrant?, _ service: EgressService?
    ) throws(APIError) -> EgressDoor {
        guard let listener, let grant, let service else {
            throw APIError(.sandboxFailed, "the sandbox has no way out, which its policy gives it")
        }
        do throws(SystemCallError) {
            return try service.open(listener, grant)
        } catch {
            throw APIError(.sandboxFailed, "the way out of the sandbox cannot be served: \(error)", retryable: true)
        }
    }
}
