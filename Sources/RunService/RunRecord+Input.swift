internal import RunExecution
package import RunModel
internal import Synchronization

extension RunRecord {
    /// Gives the program something to read.
    ///
    /// - Parameter token: of the request that this answers; without one it is just typed.
    package func type(_ bytes: [UInt8], end: Bool, token: String? = nil) throws(APIError) {
        if state == .finished { throw APIError(.runFinished, "the run has finished") }
        guard let input else {
            throw APIError(.stdinClosed, "this run was submitted without an open stdin: set interactive to true")
        }
        if let token {
            let expected = status.withLock { $0.token }
            guard token == expected else {
                throw APIError(
                    .inputTokenStale, "nothing waits for this token any more",
                    details: expected.map { ["token": $0] } ?? [:])
            }
        }
        switch input.offer(bytes, end: end) {
        case .taken: status.withLock { $0.token = nil }
        case .full where bytes.count > InputQueue.standardCapacity:
            throw APIError(
                .invalidRequest, "input: found \(bytes.count) bytes at once, allowed \(InputQueue.standardCapacity)",
                details: ["data": "at most \(InputQueue.standardCapacity) bytes at once"])
        case .full:
            throw APIError(.inputBufferFull, "the program has not read what was sent before", retryable: true)
        case .closed:
            throw APIError(
                state == .finished ? .runFinished : .stdinClosed, "the program's stdin has been closed")
        }
    }
}
