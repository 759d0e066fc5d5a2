internal import Glibc
internal import LinuxSystem
package import RunModel
package import SandboxSpec

extension APIError {
    /// A sandbox that failed, in words: the stage, what it was about, what the system said.
    package init(_ failure: StageFailure?, job: Job? = nil) {
        guard let failure else {
            self.init(.sandboxFailed, "the sandbox failed and did not say why", retryable: true)
            return
        }
        let reason = failure.errno == 0 ? "" : ": \(errnoDescription(failure.errno))"
        if failure.stage.hasPrefix("exec"), failure.errno == ENOENT, let program = job?.arguments.first {
            self.init(
                .programNotFound, "the image has no program \(program), or the program's interpreter is missing",
                details: ["program": program])
            return
        }
        let object = failure.object.isEmpty ? "" : " for \(failure.object)"
        let index = failure.index == 0 ? "" : "[\(failure.index)]"
        let words =
            failure.stage == "warden"
            ? failure.object
            : "stage \(failure.stage)\(index) of the sandbox failed\(object)\(reason)"
                + (failure.advice.map { "; \($0)" } ?? "")
        self.init(
            failure.stage == "warden" ? .wardenUnavailable : .sandboxFailed, words, retryable: true,
            details: ["stage": failure.stage, "index": String(failure.index), "errno": String(failure.errno)])
    }
}
