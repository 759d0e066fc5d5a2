package import Logging
package import RuleGenerations

/// What this API uses. Made once, by the composition of the service.
package struct AdminAPIServices: Sendable {
    let reloader: RuleReloader
    let logger: Logger

    package init(reloader: RuleReloader, logger: Logger) {
        self.reloader = reloader
        self.logger = logger
    }
}
