internal import RunModel
internal import Synchronization

/// Keeps what a step writes, as it is passed on, as long as it is little.
///
/// Written by the run's thread, read when the step has ended.
final class OutputRecorder: Sendable {
    struct Chunk: Sendable, Equatable {
        let stream: OutputStream
        let text: OutputText
    }

    private struct State {
        var chunks: [Chunk] = []
        var bytes = 0
        var isAbandoned = false
    }

    static let maximumBytes = 1_048_576
    static let maximumChunks = 1024

    private let state = Mutex(State())

    func add(_ stream: OutputStream, _ text: OutputText) {
        state.withLock { state in
            guard !state.isAbandoned else { return }
            state.bytes += text.bytes.count
            guard state.bytes <= Self.maximumBytes, state.chunks.count < Self.maximumChunks else {
                return Self.abandon(&state)
            }
            state.chunks.append(Chunk(stream: stream, text: text))
        }
    }

    /// There was more, or may have been.
    func abandon() {
        state.withLock { Self.abandon(&$0) }
    }

    /// All the step wrote, in order; nil when that is not known.
    var chunks: [Chunk]? { state.withLock { $0.isAbandoned ? nil : $0.chunks } }

    private static func abandon(_ state: inout State) {
        state.isAbandoned = true
        state.chunks = []
    }
}
