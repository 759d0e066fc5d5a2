internal import Foundation
internal import Glibc
internal import LinuxSystem
package import RunExecution
internal import RunModel
package import RunPlanning
package import SandboxSpec
internal import WardenClient
internal import WardenProtocol

/// A plan with both steps, and what its compilers may do.
package enum CompileFixture {
    package static func plan(
        source: String = "int main;", path: String = "main.c", executable: Bool = false, scope: String? = "somebody",
        cc: [String] = ["cc", "-O2"], root: RootSource = .tree("/roots/one"), run: [String] = ["./main"]
    ) throws -> RunPlan {
        let limits = try Limits {
            switch $0 {
            case .disk: 1_048_576
            case .output: 100_000
            default: $0.range.upperBound
            }
        }
        let spec = SandboxSpec(root: root, limits: limits, warnAt: 80, network: .none, syscalls: ["read", "write"])
        let artifacts = ArtifactRequest(patterns: ["main"])
        let file = RunPlan.File(path: try BoxPath(path), content: Array(source.utf8), executable: executable)
        var plan = RunPlan(
            runID: RunID(), files: [file],
            steps: [
                RunPlan.Step(
                    name: .compile, spec: spec,
                    job: Job(arguments: cc, environment: ["LANG=C"], artifacts: artifacts)),
                RunPlan.Step(name: .run, spec: spec, job: Job(arguments: run, environment: [])),
            ])
        plan.cacheScope = scope
        return plan
    }

    /// Every root stays as it is.
    package static func cache(bytes: Int = 10_000_000, count: Int = 100) -> CompileCache {
        CompileCache(bounds: .init(bytes: bytes, count: count), stamp: { _ in [1] })
    }

    package static let warnings = "main.c:1: wärning\n"

    /// Warns, and leaves one product.
    package static let compiler: ScriptedSandbox.Body = { program in
        program.write(warnings, to: program.stderr)
        leave("main", [7, 7, 7], of: program)
        return .exit(0)
    }

    package static let program: ScriptedSandbox.Body = { program in
        program.write("ran", to: program.stdout)
        return .exit(3)
    }

    package static func leave(_ name: String, _ content: [UInt8], of program: ScriptedSandbox.Program) {
        let path = NSTemporaryDirectory() + "nestbox-product-" + UUID().uuidString
        guard let box = try? BoxPath(name), (try? Data(content).write(to: URL(fileURLWithPath: path))) != nil,
            chmod(path, 0o755) == 0, let file = try? Files.open(path, flags: O_RDONLY)
        else { return }
        unlink(path)
        program.sandbox.tell(.artifact(box, bytes: Int64(content.count), SharedDescriptor(file)))
    }
}
