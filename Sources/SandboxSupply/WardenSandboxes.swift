package import RunModel
package import SandboxSpec
package import WardenClient
internal import WardenProtocol

/// A fresh sandbox from a warden for every lease: nothing is kept ready.
package struct WardenSandboxes: SandboxSource {
    private let connection: WardenConnection

    package init(connection: WardenConnection) {
        self.connection = connection
    }

    package func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        do {
            do {
                return SandboxLease(sandbox: try await connection.makeSandbox(spec), warmth: .cold)
            } catch let failure as StageFailure where failure.stage == "zygote" {
                // It died after it was asked. The warden makes another one.
                return SandboxLease(sandbox: try await connection.makeSandbox(spec), warmth: .cold)
            }
        } catch {
            throw APIError(error, "no sandbox could be made")
        }
    }
}
