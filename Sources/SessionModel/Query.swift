/// A question to the interpreter that changes nothing. Cursors count Unicode code points.
package enum SessionQuery: Sendable, Equatable {
    case complete(code: String, cursor: Int)
    /// - `detail`: 0 or 1, how much is wanted.
    case inspect(code: String, cursor: Int, detail: Int)
    case isComplete(code: String)
    case variables

    /// The feature a driver names when it answers such questions.
    package var feature: String {
        switch self {
        case .complete: "complete"
        case .inspect: "inspect"
        case .isComplete: "is_complete"
        case .variables: "variables"
        }
    }
}

/// Something that could stand where the cursor is.
package struct CompletionMatch: Sendable, Equatable {
    package let text: String
    /// What it is: `function`, `module`, …; the driver's own word.
    package let type: String?

    package init(text: String, type: String?) {
        self.text = text
        self.type = type
    }
}

package struct SessionVariable: Sendable, Equatable {
    package let name: String
    package let type: String
    package let repr: String
    /// Bytes, or elements, where the language has such a number.
    package let size: Int64?

    package init(name: String, type: String, repr: String, size: Int64?) {
        self.name = name
        self.type = type
        self.repr = repr
        self.size = size
    }
}

/// Whether a text is all of a cell.
package enum Completeness: String, Sendable, CaseIterable {
    case complete, incomplete, invalid, unknown
}

/// What a driver answered to a question.
package enum DriverAnswer: Sendable, Equatable {
    /// - `start`, `end`: what the matches stand for, in code points.
    case completion(matches: [CompletionMatch], start: Int, end: Int)
    case inspection(found: Bool, data: [MimeItem])
    case completeness(Completeness, indent: String)
    case variables([SessionVariable])
    /// No question of a client: what the driver left out as it saved, or loaded, its state.
    case saved([SessionLoss])
    /// The same: what a checkpoint that was made has, and what came back of one.
    case checkpoint(SessionCheckpoint)
    case restored(SessionRestoration)
}
