internal import Dispatch

/// Lets a blocking thread wait for the end of an asynchronous stream.
struct DispatchGate {
    private let semaphore = DispatchSemaphore(value: 0)

    init(_ stream: AsyncStream<Void>) {
        let semaphore = semaphore
        Task {
            for await _ in stream {}
            semaphore.signal()
        }
    }

    func wait() {
        semaphore.wait()
    }
}
