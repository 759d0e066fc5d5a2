/// Work whose duration grows with data of clients and programs: short work runs on the event loop, long work elsewhere.
package enum LongWork {
    /// The number of bytes that can be parsed or encoded in a fraction of a millisecond.
    package static let shortBytes = 32_768

    /// Runs work on few bytes directly, other work on the pool of threads for computing.
    package static func run<Value: Sendable, Failure: Error>(
        _ bytes: Int, _ work: @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard bytes > shortBytes else { return try work() }
        let result = await withTaskExecutorPreference(globalConcurrentExecutor) {
            Result { () throws(Failure) in try work() }
        }
        return try result.get()
    }
}
