internal import Glibc
internal import LinuxSystem
package import RunModel
internal import SessionModel
package import WardenProtocol

/// Files that outlive the interpreter: from one sandbox to the next.
extension SessionEngine {
    /// Has the files kept, and no process go on: what they would do is over.
    mutating func keepFiles(_ now: Int64) {
        phase = .keeping(until: now &+ bounds.files)
        enter(.starting, now)
        act(.keepFiles)
    }

    /// The files have been kept, or could not be.
    package mutating func filesKept(_ result: FilesResult, now: Int64) {
        guard case .keeping = phase else { return }
        carriesFiles = result.errno == 0
        carried = result
        let lost =
            result.errno == 0
            ? nil : "the files of the session are lost: they could not be kept (\(Self.text(result.errno)))"
        beginAgain(files: carriesFiles ? result : FilesResult(), lost: lost, now)
    }

    /// A new interpreter in a new sandbox.
    mutating func beginAgain(files: FilesResult, lost: String?, _ now: Int64) {
        act(.discard)
        epoch += 1
        hasRetried = false
        beginProcess(now)
        emit(.restarted(files: Int(files.files), skipped: Int(files.skipped)), now)
        if let lost { emit(.warning(lost), now) }
        enter(.starting, now)
    }

    mutating func fillFiles(_ now: Int64) {
        phase = .filling(until: now &+ bounds.files)
        act(.fillFiles(replacing: false))
    }

    /// The new interpreter has its files, or does not.
    package mutating func filesFilled(_ result: FilesResult, now: Int64) {
        guard case .filling = phase else { return }
        carriesFiles = false
        if let refilling { return refilled(refilling, result, now) }
        if restoring != nil { return filled(result, now) }
        if result.errno != 0 {
            emit(
                .warning(
                    "not all files of the session could be brought back, \(result.files) were: "
                        + Self.text(result.errno)), now)
        }
        phase = .idle
        use(now)
        if resumption != nil { return resume(hasFiles: result.errno == 0, now) }
        act(.releaseFiles)
        proceed(now)
    }

    /// Before something is done with files by a client's wish.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY` while there is no interpreter, or its files are on their way.
    package mutating func useFiles(now: Int64) throws(APIError) {
        try refuseOver()
        switch phase {
        case .idle, .running, .checkpointing:
            guard replaying == nil else {
                throw APIError(.sessionBusy, "the session's cells are being executed again", retryable: true)
            }
            use(now)
        case .starting, .keeping, .filling, .ending, .ended:
            throw APIError(.sessionBusy, "the session is starting: its files are not there yet", retryable: true)
        }
    }

    static func text(_ errno: Int32) -> String { errnoDescription(errno) }
}
