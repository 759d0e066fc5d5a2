package import RunModel
package import SandboxSpec
package import WardenClient
internal import WardenProtocol

extension Sandbox {
    /// Hands the files of a program over and starts it.
    ///
    /// - Parameters:
    ///   - files: written under /box; within the job where they fit, each as an upload of its own otherwise.
    ///   - times: the limits of the job where they differ from those the sandbox was made with.
    package func start(_ job: Job, with files: [InlineFile], times: TimeLimits?) throws(APIError) {
        var job = job
        if job.hasRoom(for: files) {
            job.files = files
        } else {
            for file in files { try upload(file) }
        }
        do {
            try start(job, times: times)
        } catch {
            throw APIError(.sandboxFailed, "the program could not be started: \(error)", retryable: true)
        }
    }

    private func upload(_ file: InlineFile) throws(APIError) {
        do {
            try upload(file.path, executable: file.executable, bytes: file.content)
        } catch {
            throw APIError(.sandboxFailed, "file \(file.path) could not be handed over: \(error)", retryable: true)
        }
    }
}

extension APIError {
    /// An error of the warden's client as the API reports it.
    ///
    /// - Parameter what: what did not come about, where the error does not say it.
    init(_ error: any Error, _ what: String) {
        switch error {
        case let error as APIError: self = error
        case let failure as StageFailure: self.init(failure)
        case let error as WardenError: self.init(.wardenUnavailable, error.description, retryable: true)
        default: self.init(.sandboxFailed, "\(what): \(error)", retryable: true)
        }
    }
}
