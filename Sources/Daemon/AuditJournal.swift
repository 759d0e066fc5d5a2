internal import AccessKeys
internal import AuditLog
internal import Glibc
internal import LinuxSystem
internal import Logging
internal import RunService
internal import ServerSettings
internal import ServiceLifecycle
internal import ServiceMetrics
internal import Synchronization
internal import UnixSignals

/// The audit log of the service, where there is one, and the refused keys that are still to be recorded in it.
package final class AuditJournal: Sendable {
    /// Nil when the setting `audit_log` is off.
    let log: AuditWriter?
    private let refusedKeys = Mutex(RefusedKeys())

    /// Opens the file, as the user of the service.
    ///
    /// - Parameter wait: seconds in which another process, which is about to end, may give it up.
    /// - Throws: `AuditProblem` when it cannot be written or continued.
    init(_ settings: ServerSettings.Log, wait: Int = 0, logger: Logger) throws {
        guard let path = settings.audit else {
            log = nil
            return
        }
        let log = try AuditLog(
            path: path, wait: wait, synchronization: settings.auditSync == .always ? .always : .second,
            time: { Timestamp.text(milliseconds: Timestamp.now()) })
        self.log = AuditWriter(log)
        // In another log, too: whoever shortens the file cannot make the two agree.
        let head = log.status.head
        logger.notice(
            "the audit log is open",
            metadata: ["path": "\(path)", "seq": .stringConvertible(head.number), "hash": "\(head.hash)"])
    }

    /// A key was refused. Returns immediately, from any thread.
    func refusedKey(_ text: String, address: String) {
        guard log != nil else { return }
        refusedKeys.withLock { $0.add(id: AccessKey.id(in: text), address: address, now: monotonicNow()) }
    }

    /// Gives the file up, for the service that takes the place of this one.
    func leave() { log?.release() }

    /// Why records cannot be written; nil when they can, or are not wanted.
    var problem: String? { log?.status.lastError }

    /// Adds its metrics: docs/metrics.md.
    func watch(_ registry: MetricsRegistry) throws {
        let log = log
        try registry.gauge("nestbox_audit_healthy", help: "Whether the audit log can be written, or is off.") {
            log?.status.lastError == nil ? 1 : 0
        }
        try registry.counter("nestbox_audit_records_total", help: "Records of the audit log since the start.") {
            Double(log?.status.records ?? 0)
        }
        try registry.counter("nestbox_audit_failures_total", help: "Records that could not be written.") {
            Double(log?.status.failures ?? 0)
        }
    }

    fileprivate func tick() {
        guard let log else { return }
        for entry in refusedKeys.withLock({ $0.take(now: monotonicNow()) }) { log.enqueue(entry) }
        log.tick()
    }
}

/// Writes what was collected, once a second; SIGHUP continues the log in a new file when the old one was renamed.
struct AuditService: Service {
    let journal: AuditJournal
    let logger: Logger

    func run() async throws {
        guard let log = journal.log else {
            do { try await gracefulShutdown() } catch {}
            return
        }
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        // A cancelled sleep: the loop ends by its condition.
                        do { try await Task.sleep(for: .seconds(1)) } catch { return }
                        journal.tick()
                    }
                }
                group.addTask {
                    for await _ in signals {
                        log.reopen { error in
                            logger.error(
                                "the audit log could not be opened again", metadata: ["reason": "\(error)"])
                        }
                    }
                }
            }
        }
        journal.tick()
        await log.finish()
    }
}
