internal import LinuxSystem
internal import Synchronization

/// The audit log of a service: append-only, one JSON object a line, chained by hashes.
///
/// Safe from any thread. `append`, `reopen` and `tick` write to a disk and wait for it: threads that must not block use `AuditWriter`.
package final class AuditLog: Sendable {
    /// When a record is on the disk.
    package enum Synchronization: String, Sendable, CaseIterable {
        /// Before the action that it records is carried out.
        case always
        /// Within about a second: a power failure may lose that much; the end of the process loses nothing.
        case second
    }

    /// Numbers for metrics and health.
    package struct Status: Sendable, Equatable {
        package var head = AuditRecord.Head.start
        /// Records since the start.
        package var records = 0
        /// Records that could not be written since the start.
        package var failures = 0
        /// Why the last record could not be written; nil when it was.
        package var lastError: String?
    }

    private struct State {
        /// Nil once it has been released.
        var file: AuditFile?
        var status = Status()
        var isDirty = false
    }

    package let path: String
    private let synchronization: Synchronization
    private let time: @Sendable () -> String
    private let state: Mutex<State>
    /// What `status` shows: it never waits for a disk.
    private let shown = Mutex(Status())

    /// Opens the file and continues its chain; begins one where there is none.
    ///
    /// - Parameters:
    ///   - path: absolute.
    ///   - wait: seconds in which another process that writes to the file, and is about to end, may release it.
    ///   - time: the present, as RFC 3339 has it.
    /// - Throws: when the file cannot be used, or its end is no record.
    package init(
        path: String, wait: Int = 0, synchronization: Synchronization, time: @escaping @Sendable () -> String
    ) throws(AuditProblem) {
        self.path = path
        self.synchronization = synchronization
        self.time = time
        let (file, tail) = try AuditFile.open(path, wait: wait)
        let found = tail.head ?? RotatedFiles.head(besides: path)
        var first = State(file: file)
        first.status.head = found ?? .start
        state = Mutex(first)
        if tail.cut > 0 {
            try append(.service("audit.recovered", ["cut_bytes": "\(tail.cut)", "kept_in": path + ".cut"]))
        }
        let chain = found == nil ? "begins" : tail.head == nil ? "continues in a new file" : "continues"
        try append(.service("audit.opened", ["chain": chain]))
    }

    /// As of the last write that has ended. Never waits.
    package var status: Status { shown.withLock { $0 } }

    /// Appends a record.
    ///
    /// - Returns: its number.
    /// - Throws: when it is not written, and on a full disk nothing of it. The chain goes on with the next one.
    @discardableResult
    package func append(_ entry: AuditEntry) throws(AuditProblem) -> Int64 {
        try state.withLock { state throws(AuditProblem) in
            defer { show(state) }
            try write(entry, &state)
            return state.status.head.number
        }
    }

    private func show(_ state: State) { shown.withLock { $0 = state.status } }

    private func write(_ entry: AuditEntry, _ state: inout State) throws(AuditProblem) {
        do throws(AuditProblem) {
            let (line, head) = AuditRecord.line(entry, after: state.status.head, time: time())
            guard state.file != nil else { throw AuditProblem(path, "has been left to the next service") }
            try state.file?.append(line, isSynchronous: synchronization == .always)
            state.status.head = head
            state.status.records += 1
            state.status.lastError = nil
            state.isDirty = synchronization == .second
        } catch {
            state.status.failures += 1
            state.status.lastError = error.description
            throw error
        }
    }

    /// Gives the file up, for a service that takes the place of this one. Whatever should be recorded after that cannot be.
    package func release() {
        state.withLock { state in
            if state.isDirty {
                do throws(AuditProblem) { try state.file?.synchronize() } catch { state.status.lastError = "\(error)" }
            }
            state.file = nil
        }
    }

    /// Continues in a new file when the old one was renamed; the chain goes on. If that fails, the old one is kept.
    package func reopen() throws(AuditProblem) {
        try state.withLock { state throws(AuditProblem) in
            defer { show(state) }
            guard let old = state.file, !old.hasItsName else { return }
            let (file, tail) = try AuditFile.open(path)
            guard tail.head == nil || tail.head == state.status.head else {
                throw AuditProblem(path, "has records of another chain: move it away")
            }
            do throws(AuditProblem) { try old.synchronize() } catch { state.status.lastError = "\(error)" }
            state.file = file
            try write(.service("audit.opened", ["chain": "continues in a new file"]), &state)
        }
    }

    /// Brings records to the disk where that is still to be done, and tries again what has failed; to be called about once a
    /// second.
    package func tick() {
        state.withLock { state in
            defer { show(state) }
            guard state.file != nil else { return }
            do throws(AuditProblem) {
                if state.status.lastError != nil {
                    try write(.service("audit.resumed", ["failures": "\(state.status.failures)"]), &state)
                }
                if state.isDirty {
                    try state.file?.synchronize()
                    state.isDirty = false
                }
            } catch {
                state.status.lastError = error.description
            }
        }
    }
}
