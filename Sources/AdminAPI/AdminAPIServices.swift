package import AuditLog
package import Logging
package import RuleGenerations

/// What this API uses. Made once, by the composition of the service.
package struct AdminAPIServices: Sendable {
    let reloader: RuleReloader
    /// Nil when there is none.
    let audit: AuditWriter?
    let logger: Logger

    package init(reloader: RuleReloader, audit: AuditWriter?, logger: Logger) {
        self.reloader = reloader
        self.audit = audit
        self.logger = logger
    }
}
