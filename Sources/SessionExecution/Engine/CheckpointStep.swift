internal import RunModel
internal import SessionModel
internal import WardenProtocol

/// Something about a checkpoint that the driver, or the sandbox's pid 1, has not answered yet.
struct CheckpointStep: Sendable {
    /// For whom it is, and so what comes after it.
    enum Purpose: Sendable {
        /// A client, who is answered.
        case client(reply: Int)
        /// The state before a cell, which runs then.
        case before(SessionEngine.QueuedCell)
        /// A transaction that went well, or has been undone.
        case commit
        /// One that did not go well.
        case rollback
        /// The session goes on from what was saved earlier.
        case resumption
    }

    enum Kind: Sendable {
        /// The files are being kept.
        case keep(String)
        /// They have been; the driver keeps its state.
        case make(String, FilesResult)
        case restore(String)
        /// The files are being brought back.
        case refill(String)
        case drop(String)
        /// The driver writes its state to a file, which goes into the archive with all others.
        case save(file: String)
        /// The archive is being written. With a file of the state, and what of it was lost.
        case pack(file: String?, lost: [SessionLoss])
        /// The file of the state is being removed; then all is saved, or the client is told why it is not.
        case tidy(SavedState)
        case abandon(APIError)
        case load(file: String)

        var isAboutFiles: Bool {
            switch self {
            case .keep, .refill, .pack, .tidy, .abandon: true
            case .make, .restore, .drop, .save, .load: false
            }
        }
    }

    let id: String
    let kind: Kind
    let purpose: Purpose
    let until: Int64
}
