/// What one record of the audit log says, without its place in the chain.
package struct AuditEntry: Sendable, Equatable {
    /// How far an action has come.
    package enum Outcome: Sendable, Equatable {
        /// It is about to be carried out: nothing is done that could not be recorded before.
        case attempted
        case done
        /// It was not carried out, and why.
        case refused(String)
        /// It was begun and failed.
        case failed(String)

        var text: String {
            switch self {
            case .attempted: "attempted"
            case .done: "done"
            case .refused(let reason): "refused: \(reason)"
            case .failed(let reason): "failed: \(reason)"
            }
        }
    }

    /// A word with a point, such as `run.kill`.
    package var action: String
    /// Who: `key:ID`, `anyone` where no keys are required, `user:NAME` of a user of this machine, or `service`.
    package var actor: String
    /// From where: the address of the client; nil for the service itself.
    package var address: String?
    /// Joins the record with those of the service's log.
    package var requestID: String?
    /// On what.
    package var target: String?
    /// Digests of the state before and after, for changes of a state that has one.
    package var before: String?
    package var after: String?
    package var outcome: Outcome
    /// More, by name. Never code, input, output or secrets.
    package var details: [String: String]

    package init(
        _ action: String, actor: String, address: String? = nil, requestID: String? = nil, target: String? = nil,
        before: String? = nil, after: String? = nil, outcome: Outcome, details: [String: String] = [:]
    ) {
        self.action = action
        self.actor = actor
        self.address = address
        self.requestID = requestID
        self.target = target
        self.before = before
        self.after = after
        self.outcome = outcome
        self.details = details
    }

    /// Of the service itself.
    static func service(_ action: String, _ details: [String: String]) -> AuditEntry {
        AuditEntry(action, actor: "service", outcome: .done, details: details)
    }
}
