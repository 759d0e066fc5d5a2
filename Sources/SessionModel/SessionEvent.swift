package import RunModel

/// Something that happened in a session. Its events make one order without gaps, across cells and interpreters.
package struct SessionEvent: Sendable, Equatable {
    /// What a session is, in its first event.
    package struct Created: Sendable, Equatable {
        package var language: String
        package var policy: String
        package var name: String?
        package var tags: [String]

        package init(language: String, policy: String, name: String? = nil, tags: [String] = []) {
            self.language = language
            self.policy = policy
            self.name = name
            self.tags = tags
        }
    }

    /// Why a session is about to end.
    package enum ClosingReason: String, Sendable {
        case idle, life
        /// Its client has left.
        case disconnected
    }

    package enum Kind: Sendable, Equatable {
        case created(Created)
        case state(SessionState)
        /// A cell has been taken out of the queue.
        case executionStarted(String, code: String)
        /// - `isBackground`: no cell was running; the id is that of the last one, nil before the first.
        case output(String?, OutputStream, OutputText, isBackground: Bool)
        case display(String?, CellDisplay)
        /// What was displayed so far is to go away; with `wait` as soon as there is something new.
        case clear(String?, wait: Bool)
        /// - `seconds`: since the cell began.
        case result(String, CellValue, seconds: Double)
        case error(String, CellError)
        case executionFinished(String, CellStatus, seconds: Double, CellUsage, SessionLimitReport?)
        /// The cell waits for input. The answer has to carry the token.
        case inputRequest(String, token: String, prompt: OutputText, isPassword: Bool)
        case inputReceived(String, token: String)
        /// The cell was asked to stop. `isKept`: the state of the interpreter survived; nil while that is unknown.
        case interrupted(String, isKept: Bool?)
        /// A new interpreter is on its way; variables of the old one are gone. Of its files so many will be there again, and so many
        /// had to be left out.
        case restarted(files: Int, skipped: Int)
        case checkpoint(String, SessionCheckpoint)
        case restored(String, SessionRestoration)
        /// The session has been saved under this name, outside of its sandbox; and what of it has not.
        case stored(String, lost: [SessionLoss])
        case checkpointDropped(String)
        /// Another connection controls the session from here on; the one that did observes.
        case takenOver
        /// Something that is wrong and changes nothing, a line of text.
        case warning(String)
        case closing(ClosingReason, seconds: Double)
        /// Always the last one.
        case ended(SessionEnd)
    }

    /// From 1, without gaps.
    package let sequence: Int64
    /// Counts interpreter processes, from 1: a restart and a restored checkpoint begin a new one.
    package let epoch: Int
    /// Milliseconds since 1970.
    package let time: Int64
    package let kind: Kind

    package init(sequence: Int64, epoch: Int, time: Int64, kind: Kind) {
        self.sequence = sequence
        self.epoch = epoch
        self.time = time
        self.kind = kind
    }

    /// The cell it is about.
    package var executionID: String? {
        switch kind {
        case .executionStarted(let id, _), .result(let id, _, _), .error(let id, _),
            .executionFinished(let id, _, _, _, _), .inputRequest(let id, _, _, _), .inputReceived(let id, _),
            .interrupted(let id, _):
            id
        case .output(let id, _, _, _), .display(let id, _), .clear(let id, _): id
        case .ended(let end): end.executionID
        case .created, .state, .restarted, .checkpoint, .restored, .stored, .checkpointDropped, .takenOver, .warning,
            .closing:
            nil
        }
    }

    package var isTerminal: Bool { if case .ended = kind { true } else { false } }
}
