internal import Synchronization

/// A flag that a build looks at and anybody may set, from any thread.
package final class BuildCancellation: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package func cancel() {
        flag.store(true, ordering: .relaxed)
    }

    package var isCancelled: Bool {
        flag.load(ordering: .relaxed)
    }

    func check() throws(ImageError) {
        if isCancelled { throw ImageError(.cancelled, "the build was cancelled") }
    }
}
