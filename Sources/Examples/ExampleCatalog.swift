internal import ConfigurationFiles
internal import Synchronization

/// The examples in force. They can be read again while the service runs: as a whole, or not at all.
///
/// Safe from any thread. `init`, `look` and `reload` read files; `library` never waits for them.
package final class ExampleCatalog: Sendable {
    /// What an attempt to read the files again came to.
    package enum Outcome: Sendable, Equatable {
        case unchanged
        /// Other examples are in force; how many there are.
        case switched(count: Int)
        /// An example that could be used would be lost: nothing has changed. What is wrong, a line each.
        case refused([String])
    }

    private struct State {
        var library: ExampleLibrary
        /// Of the files in force, and of those that were refused last.
        var stamp: String?
        /// At the last look.
        var seen: String?
        var problem: String?
    }

    package let directories: [String]
    private let state: Mutex<State>

    /// - Parameter directories: the last one on top; each may be absent.
    package init(directories: [String]) {
        self.directories = directories
        let stamp = ExampleDirectories.stamp(of: directories)
        do throws(ConfigurationError) {
            let library = try ExampleLibrary.usable(directories: directories)
            state = Mutex(State(library: library, stamp: stamp, seen: stamp, problem: nil))
        } catch {
            state = Mutex(State(library: .empty, stamp: stamp, seen: stamp, problem: error.summary))
        }
    }

    package var library: ExampleLibrary { state.withLock { $0.library } }

    /// Why the files as they are now are not in force, in one line; nil when they are.
    package var problem: String? { state.withLock { $0.problem } }

    /// Reads the files again if they have changed and are not being changed. Blocks for some milliseconds; for a caller that
    /// looks every few seconds.
    package func look() -> Outcome {
        let stamp = ExampleDirectories.stamp(of: directories)
        let isDue = state.withLock { state in
            defer { state.seen = stamp }
            // Twice the same: nobody is writing.
            return stamp != state.stamp && stamp == state.seen
        }
        return isDue ? reload() : .unchanged
    }

    /// Reads the files again. Blocks.
    package func reload() -> Outcome {
        let stamp = ExampleDirectories.stamp(of: directories)
        let fresh: ExampleLibrary
        do throws(ConfigurationError) {
            fresh = try ExampleLibrary.usable(directories: directories)
        } catch {
            return refuse(error, stamp)
        }
        let old = library
        let lost = fresh.broken.keys.contains { old.broken[$0] == nil }
        if lost, let diagnostics = fresh.diagnostics { return refuse(diagnostics, stamp) }
        state.withLock { state in
            state.library = fresh
            state.stamp = stamp
            state.problem = nil
        }
        return fresh.examples == old.examples ? .unchanged : .switched(count: fresh.examples.count)
    }

    private func refuse(_ error: ConfigurationError, _ stamp: String?) -> Outcome {
        state.withLock { state in
            state.stamp = stamp
            state.problem = error.summary
        }
        return .refused(error.description.split(separator: "\n").map(String.init))
    }
}
