internal import Dispatch
internal import Foundation
internal import Logging
internal import RuleGenerations
internal import RunService
internal import ServiceLifecycle
internal import ServiceMetrics
internal import Synchronization
internal import Tenants

/// Keeps what tenants have used today in a file, so that a restart gives nobody a second day.
final class TenantJournal: Sendable {
    /// The directory of the file, in the state directory.
    static let directory = "tenants"
    private static let pause = Duration.seconds(2)

    let usage: TenantUsage
    private let path: String
    private let logger: Logger
    private let isFailing = Atomic(false)
    private let hasLeft = Atomic(false)

    /// Reads the file; one that cannot be read is reported, and counting begins again.
    init(state: String, logger: Logger) {
        self.logger = logger
        path = "\(state)/\(Self.directory)/usage.json"
        var record: TenantUsage.Record?
        switch RegularFile.read(path, maximumBytes: TenantUsage.Record.maximumBytes) {
        case .success(let bytes?):
            record = TenantUsage.Record(text: bytes)
            if record == nil {
                logger.error(
                    "the usage of tenants is counted from zero: the file is damaged", metadata: ["path": "\(path)"])
            }
        case .success(nil): break
        case .failure(let reason):
            if FileManager.default.fileExists(atPath: path) {
                logger.error(
                    "the usage of tenants is counted from zero: the file cannot be read",
                    metadata: ["path": "\(path)", "reason": "\(reason)"])
            }
        }
        usage = TenantUsage(record, date: { Timestamp.now() })
    }

    /// Writes what has changed. Blocks.
    func save() {
        guard !hasLeft.load(ordering: .acquiring), let record = usage.takeChanges() else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
            try WrittenFile.replace(path, with: record.text, mode: 0o600)
            isFailing.store(false, ordering: .relaxed)
        } catch {
            usage.putBack()
            // Told once, not every few seconds.
            guard !isFailing.exchange(true, ordering: .relaxed) else { return }
            logger.error("the usage of tenants cannot be written", metadata: ["path": "\(path)", "reason": "\(error)"])
        }
    }

    /// Writes a last time: the file is another service's from now on, and what this one still does is counted nowhere. Returns at once.
    func leave() {
        BlockingWrite.begin { [self] in
            save()
            hasLeft.store(true, ordering: .releasing)
        }
    }

    /// Writes every few seconds, and once more at the end.
    func run() async {
        while !Task.isCancelled {
            // A cancelled sleep: the loop ends by its condition.
            do { try await Task.sleep(for: Self.pause) } catch { break }
            await BlockingWrite.perform { [self] in save() }
        }
        await BlockingWrite.perform { [self] in save() }
    }
}

/// Where the writer of the file may block.
private enum BlockingWrite {
    private static let queue = DispatchQueue(label: "nestbox.tenants")

    static func begin(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

    static func perform(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            queue.async {
                body()
                continuation.resume()
            }
        }
    }
}

/// Runs the journal until the service stops.
struct TenantService: Service {
    let journal: TenantJournal

    func run() async throws {
        await cancelWhenGracefulShutdown { await journal.run() }
    }
}
