internal import RunModel
internal import SessionModel

/// A saved session as it stands in its file. docs/sessions.md describes it.
struct StoredSession: Codable, Sendable, Equatable {
    /// Of this form.
    static let currentVersion = 1

    struct Metadata: Codable, Sendable, Equatable {
        var session_id: String
        var owner: String
        var name: String?
        var tags: [String]
        var language: String
        var policy: String
        /// Milliseconds since 1970.
        var created_at: Int64
        var updated_at: Int64
        /// Of the checkpoint.
        var checkpoint: String
        var epoch: Int
        var next_seq: Int64
        /// Cells that have been executed.
        var turns: Int
    }

    /// A cell, from its code to its outcome; texts are cut.
    struct Message: Codable, Sendable, Equatable {
        var execution_id: String
        var code: String
        var status: String?
        var output: String
        var result: String?
        var error: String?
        var timestamp: Int64
    }

    struct Loss: Codable, Sendable, Equatable {
        var name: String
        var reason: String
    }

    struct Cell: Codable, Sendable, Equatable {
        var execution_id: String
        var code: String
        var inputs: [String]
        /// It ended with an error; not there for those that did not.
        var failed: Bool?
    }

    /// What the interpreter goes on from.
    struct Context: Codable, Sendable, Equatable {
        /// Of the archive beside this file, with its size and its SHA-256.
        var archive: String
        var archive_bytes: Int64
        var archive_sha256: String
        var state_file: String?
        var files: Int
        var replay: [Cell]
        var lost: [Loss]
    }

    /// The request, as it was: it is checked again.
    struct Config: Codable, Sendable, Equatable {
        var language: String
        var policy: String?
        var env: [String: String]
        var limits: [String: String]
        var network: String?
        var network_hosts: [String]?
        var session: [String: String]
        var on_limit: CellLimitAction?
        var on_idle: OnSessionIdle?
        /// Seconds after which it ends without a connection; nil when it does not.
        var on_disconnect_close: Int64?
    }

    var version = StoredSession.currentVersion
    var metadata: Metadata
    var messages: [Message]
    var context: Context
    var config: Config
}

extension StoredSession {
    var lost: [SessionLoss] { context.lost.map { SessionLoss(name: $0.name, reason: $0.reason) } }

    var resumption: SessionResumption {
        SessionResumption(
            epoch: metadata.epoch, nextSequence: metadata.next_seq, cells: metadata.turns, name: metadata.checkpoint,
            state: SavedState(
                stateFile: context.state_file,
                replay: context.replay.map {
                    ReplayCell(id: $0.execution_id, code: $0.code, inputs: $0.inputs, failed: $0.failed ?? false)
                },
                lost: lost, files: context.files))
    }

    /// What in it cannot be, although it is of the right form.
    var fault: String? {
        if SessionID(metadata.session_id) == nil { return "metadata.session_id is no id" }
        if !(0...1_000_000).contains(metadata.turns) || !(1...1_000_000_000).contains(metadata.epoch)
            || !(1...(Int64.max >> 8)).contains(metadata.next_seq)
        {
            return "a number of metadata is out of range"
        }
        // To the end of the year 9999, in milliseconds.
        let times: ClosedRange<Int64> = 0...253_402_300_799_999
        if !times.contains(metadata.created_at) || !times.contains(metadata.updated_at) {
            return "a time of metadata is out of range"
        }
        if context.archive.contains("/") || !context.archive.hasPrefix(metadata.session_id + ".") {
            return "context.archive does not belong to the session"
        }
        if let file = context.state_file, file.contains("/") || file.isEmpty { return "context.state_file is no name" }
        if context.lost.count > SessionLoss.maximum || context.replay.count > 2000 || metadata.tags.count > 64 {
            return "a list is too long"
        }
        let numbers = context.replay.map { $0.execution_id.first == "e" ? Int($0.execution_id.dropFirst()) ?? 0 : 0 }
        if !numbers.allSatisfy({ $0 >= 1 }) {
            return "context.replay has an execution_id that is none"
        }
        return nil
    }
}
