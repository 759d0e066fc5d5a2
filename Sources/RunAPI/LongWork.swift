/// Work whose length grows with what clients and programs send: short where it stands on an event loop, long beside it.
enum LongWork {
    /// Bytes that are taken apart, or put together, in a fraction of a millisecond.
    static let shortBytes = 32_768

    /// Does something right here when it is about few bytes, on the pool of threads for computing otherwise.
    static func run<Value: Sendable, Failure: Error>(
        _ bytes: Int, _ work: @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard bytes > shortBytes else { return try work() }
        let result = await withTaskExecutorPreference(globalConcurrentExecutor) {
            Result { () throws(Failure) in try work() }
        }
        return try result.get()
    }
}
