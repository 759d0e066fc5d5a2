internal import Examples
internal import Logging

/// Takes over changed examples, as a whole or not at all. Runs, policies and images are not concerned.
struct ExamplesService: Sendable {
    private static let interval = Duration.seconds(2)

    let catalog: ExampleCatalog
    let logger: Logger

    /// Follows the files until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            // A cancelled sleep: the loop ends by its condition.
            do { try await Task.sleep(for: Self.interval) } catch { return }
            tell(catalog.look())
        }
    }

    /// Reads the files again.
    func reload() { tell(catalog.reload()) }

    private func tell(_ outcome: ExampleCatalog.Outcome) {
        switch outcome {
        case .unchanged: break
        case .switched(let count):
            logger.notice("examples have been read again", metadata: ["count": .stringConvertible(count)])
        case .refused(let errors):
            for line in errors { logger.error("error in an example", metadata: ["reason": "\(line)"]) }
            logger.error("examples could not be read again, nothing has changed")
        }
    }
}
