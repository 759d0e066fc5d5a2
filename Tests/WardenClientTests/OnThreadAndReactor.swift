internal import Reactor
internal import Testing

/// Has each test carried out twice: with connections that have a thread of their own, and with some on the thread of a reactor.
struct OnThreadAndReactor: SuiteTrait, TestTrait, TestScoping {
    /// What connections of the current test are on; nil for a thread of their own.
    @TaskLocal static var reactor: Reactor?

    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await function()
        try await Self.$reactor.withValue(try Reactor()) { try await function() }
    }
}

extension Trait where Self == OnThreadAndReactor {
    static var onThreadAndReactor: Self { OnThreadAndReactor() }
}
