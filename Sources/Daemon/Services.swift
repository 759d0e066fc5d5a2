internal import HTTPInterface
internal import LinuxSystem
internal import Logging
internal import RuleGenerations
internal import RunService
internal import SandboxSupply
internal import ServerTransport
internal import ServiceLifecycle
internal import SessionService
internal import UnixSignals
internal import WardenClient
internal import WorkspaceService

/// Keeps a warden running; ends it after all other services.
struct SupervisorService: Service {
    let supervisor: WardenSupervisor

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            group.addTask {
                // Cancelled when another service has failed: that ends this one, too.
                do { try await gracefulShutdown() } catch {}
                await supervisor.stop()
            }
            // Whichever ends first ends the other: a warden that cannot be started any more, or the stop.
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

/// Keeps sandboxes parked; discards them at the end.
struct PoolsService: Service {
    let pools: PooledSandboxes

    func run() async throws {
        await cancelWhenGracefulShutdown { await pools.run() }
    }
}

/// Executes runs, and monitors them.
struct RunsService: Service {
    let runs: RunService

    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await runs.run() }
            group.addTask {
                while !Task.isCancelled {
                    // A cancelled sleep: the loop ends by its condition.
                    do { try await Task.sleep(for: .seconds(5)) } catch { return }
                    runs.tick()
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .milliseconds(500)) } catch { return }
                    runs.watch()
                }
            }
            group.addTask {
                do { try await gracefulShutdown() } catch {}
                runs.stop()
            }
            await group.next()
            group.cancelAll()
        }
    }
}

/// Looks after sessions; ends those that are left.
struct SessionsService: Service {
    let sessions: SessionService

    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await sessions.run() }
            group.addTask {
                while !Task.isCancelled {
                    // A cancelled sleep: the loop ends by its condition.
                    do { try await Task.sleep(for: .seconds(5)) } catch { return }
                    sessions.tick()
                }
            }
            group.addTask {
                do { try await gracefulShutdown() } catch {}
                sessions.stop()
            }
            await group.next()
            group.cancelAll()
        }
    }
}

/// Looks after workspaces; stops those that are left, which stores their files.
struct WorkspacesService: Service {
    let workspaces: WorkspaceService

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A cancelled sleep: the loop ends by its condition.
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                workspaces.tick()
            }
        }
        await workspaces.stop()
    }
}

/// The orderly end: no new runs, a grace period for running ones, then their end, then the close of the sockets.
struct DrainService: Service {
    /// How long runs may take to end once they have been cancelled.
    static let timeout = Duration.seconds(8)
    /// Longer than a connection waits for its last request.
    static let lastRequests = Duration.milliseconds(400)

    let runs: RunService
    let sessions: SessionService
    let workspaces: WorkspaceService
    let sockets: SocketRegistry
    /// Leaves the listening sockets to others that hold them, if there are any; returns whether.
    let leave: @Sendable () -> Bool
    let manager: ServiceManager
    let grace: Duration
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        manager.stopping("no more runs are accepted")
        // Connections that are to end may bring one more request each, and it is none that is refused.
        if leave() { try? await Task.sleep(for: Self.lastRequests) }
        runs.close()
        let load = runs.load
        logger.notice(
            "stopping",
            metadata: [
                "running": .stringConvertible(load.running), "queued": .stringConvertible(load.waiting),
                "sessions": .stringConvertible(sessions.vitals.living),
            ])
        // Nothing in a session ends by itself: it is told, and ended. Their sandboxes go while runs finish.
        sessions.close()
        // Their files are stored meanwhile.
        let stopping = Task { await workspaces.stop() }
        if !(await idle(within: grace)) {
            logger.notice("ending the runs that are left", metadata: ["running": .stringConvertible(runs.load.running)])
            runs.cancelAll()
            if !(await idle(within: Self.timeout)) { logger.error("some runs did not end") }
        }
        if !(await sessions.idle(within: Self.timeout)) { logger.error("some sessions did not end") }
        await stopping.value
        // The last events are being sent; the sockets are closed after them.
        try? await Task.sleep(for: .milliseconds(50))
        await sockets.closeAll()
    }

    private func idle(within time: Duration) async -> Bool {
        await BoundedWait.run(time, { await runs.idle() }, giveUp: { runs.giveUpWaiting() })
    }
}

/// Follows the files of policies, images and examples. SIGHUP has them read at once, with the certificates, and reopens the access log. Errors
/// are logged; a failed reload changes nothing.
struct ReloadService: Service {
    let reloader: RuleReloader
    let examples: ExamplesService
    let certificates: ReloadingCertificates?
    let access: AccessLog
    let manager: ServiceManager
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await reloader.run() }
                group.addTask { await examples.run() }
                group.addTask { await watchCertificates() }
                group.addTask { await handle(signals) }
            }
        }
    }

    /// Other programs renew certificates and need not notify this process.
    private func watchCertificates() async {
        while let certificates, !Task.isCancelled {
            // A cancelled sleep: the loop ends by its condition.
            do { try await Task.sleep(for: .seconds(60)) } catch { return }
            do {
                if try certificates.reloadIfChanged() { logger.notice("the certificates have been read again") }
            } catch {
                logger.error("certificates could not be read again", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func handle(_ signals: UnixSignalsSequence) async {
        for await _ in signals {
            do { try access.reopen() } catch {
                logger.error("the access log could not be opened again", metadata: ["reason": "\(error)"])
            }
            examples.reload()
            manager.reloading(now: monotonicNow())
            if let certificates {
                do {
                    try certificates.reload()
                    logger.notice("the certificates have been read again")
                } catch {
                    logger.error("certificates could not be read again", metadata: ["reason": "\(error)"])
                }
            }
            let attempt = await reloader.reload("SIGHUP")
            manager.ready("files read again: \(attempt.outcome.rawValue), generation \(attempt.generation)")
        }
    }
}
