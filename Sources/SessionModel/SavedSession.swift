package import RunModel

/// Something that did not survive: a variable, a file, a cell that could not be executed again.
package struct SessionLoss: Sendable, Equatable {
    package let name: String
    /// A line of text. What the driver says is a claim of foreign code, cut.
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }

    /// So many are told at most, of one session.
    package static let maximum = 200

    package func write(to output: inout JSONBytes) {
        output.open()
        output.member("name", name)
        output.member("reason", reason)
        output.close()
    }
}

/// A cell as it would have to be executed again: with what was typed while it ran.
package struct ReplayCell: Sendable, Equatable {
    package let id: String
    package let code: String
    package let inputs: [String]
    /// It ended with an error, and is expected to do so again: what it did before that counts.
    package let failed: Bool

    package init(id: String, code: String, inputs: [String] = [], failed: Bool = false) {
        self.id = id
        self.code = code
        self.inputs = inputs
        self.failed = failed
    }

    package var bytes: Int { inputs.reduce(code.utf8.count + 64) { $0 + $1.utf8.count + 8 } }
}

/// What was saved of a session, beside the archive of its files.
package struct SavedState: Sendable, Equatable {
    /// The driver has written the state of its interpreter to this file of the archive.
    package var stateFile: String?
    /// To be executed again where there is no such file.
    package var replay: [ReplayCell]
    package var lost: [SessionLoss]
    /// Files in the archive, and files that had no place in it.
    package var files: Int
    package var skippedFiles: Int

    package init(
        stateFile: String? = nil, replay: [ReplayCell] = [], lost: [SessionLoss] = [], files: Int = 0,
        skippedFiles: Int = 0
    ) {
        self.stateFile = stateFile
        self.replay = replay
        self.lost = lost
        self.files = files
        self.skippedFiles = skippedFiles
    }
}

/// How a session goes on that was saved earlier.
package struct SessionResumption: Sendable, Equatable {
    /// What the saved session was at.
    package var epoch: Int
    package var nextSequence: Int64
    package var cells: Int
    /// The name of the checkpoint that it is.
    package var name: String
    package var state: SavedState

    package init(epoch: Int, nextSequence: Int64, cells: Int, name: String, state: SavedState) {
        self.epoch = epoch
        self.nextSequence = nextSequence
        self.cells = cells
        self.name = name
        self.state = state
    }
}

/// How a session goes back to a state that was kept.
package enum CheckpointMethod: String, Sendable, CaseIterable {
    /// The interpreter has forked itself: its memory is what it was.
    case fork
    /// A new interpreter executes the cells again that led to the state: what they do outside of it happens again.
    case replay
    /// The state of the interpreter is in files.
    case saved
}

/// What a checkpoint has.
package struct SessionCheckpoint: Sendable, Equatable {
    package let method: CheckpointMethod
    /// Files of /box in it, and what had no place in it.
    package let files: Int
    package let skipped: Int

    package init(method: CheckpointMethod, files: Int = 0, skipped: Int = 0) {
        self.method = method
        self.files = files
        self.skipped = skipped
    }
}

/// What a restored session has, beside its variables.
package struct SessionRestoration: Sendable, Equatable {
    package var method: CheckpointMethod
    package var lost: [SessionLoss]
    /// Cells that were executed again; nil when none had to be.
    package var replayed: Int?

    package init(method: CheckpointMethod, lost: [SessionLoss] = [], replayed: Int? = nil) {
        self.method = method
        self.lost = lost
        self.replayed = replayed
    }

    /// Its members, within an object.
    package func writeMembers(to output: inout JSONBytes) {
        output.member("method", method.rawValue)
        output.key("lost")
        output.array(lost) { $1.write(to: &$0) }
        if let replayed { output.member("replayed", replayed) }
    }
}

extension SessionCheckpoint {
    /// Its members, within an object.
    package func writeMembers(to output: inout JSONBytes) {
        output.member("method", method.rawValue)
        output.member("files", files)
        if skipped > 0 { output.member("skipped", skipped) }
    }
}
