package import Examples
internal import HTTPInterface
package import Logging
package import RunService
package import ServiceMetrics

/// What this API uses. Created once, by the composition of the service.
package struct PlaygroundServices: Sendable {
    let examples: ExampleCatalog
    let runs: RunService
    /// How often one key or address may run examples.
    let limiter: RateLimiter
    let streams: Gauge
    let logger: Logger

    /// - Parameters:
    ///   - perMinute: examples that one key or address may run in a minute; twice as many in a burst.
    ///   - streams: counts open event streams.
    package init(examples: ExampleCatalog, runs: RunService, perMinute: Int, streams: Gauge, logger: Logger) {
        self.examples = examples
        self.runs = runs
        self.streams = streams
        self.logger = logger
        limiter = RateLimiter(perMinute: perMinute, burst: perMinute * 2)
    }
}
