internal import LinuxSystem
package import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import Synchronization
internal import WardenProtocol
internal import WorkspaceModel

/// What is due by the clock, and what changes that.
extension Workspace {
    /// What is to be done with a workspace that runs.
    enum Work: Sendable, Equatable {
        case stop(reason: String)
        case save
    }

    /// Announces a stop that is near.
    ///
    /// - Returns: what is due.
    func due() -> Work? {
        let (now, date, settings) = (services.now(), services.date(), services.settings)
        let (work, news) = state.withLock { state -> (Work?, WorkspaceEvent.Kind?) in
            guard state.phase == .running, let plan = state.plan else { return (nil, nil) }
            if state.processes.contains(where: { !$0.isOver }) { state.activeAt = now }
            let idleAt = state.activeAt &+ plan.limits.idle
            let (at, reason) = idleAt < state.expiresAt ? (idleAt, "idle") : (state.expiresAt, "ttl")
            if state.usage.cpu >= plan.limits.cpu { return (.stop(reason: "cpu"), nil) }
            if now >= at { return (.stop(reason: reason), nil) }
            if at - now <= settings.notice, state.announced != reason {
                state.announced = reason
                return (nil, .closing(at: date + (at - now) / 1_000_000, reason: reason))
            }
            if services.store != nil, now - state.savedAt >= settings.saveEvery {
                state.savedAt = now
                return (.save, nil)
            }
            return (nil, nil)
        }
        if let news { tell(news) }
        return work
    }

    func carryOut(_ work: Work) async {
        do throws(APIError) {
            switch work {
            case .stop(let reason): try await stop(reason: reason)
            case .save: try await save(freezes: false)
            }
        } catch {
            if error.code != .workspaceStopped { tell(.warning("the files could not be stored: \(error.message)")) }
        }
    }

    /// Changes what a client calls it, and how long it runs.
    ///
    /// - Parameters:
    ///   - ttl: from now on; as its policy gives when it does not run.
    /// - Throws: all that is wrong, by the names of the fields.
    package func change(
        name: String?, tags: [String]?, ttl: String?, idle: String?
    ) async throws(APIError) {
        var request = state.withLock { $0.request }
        request.name = name ?? request.name
        request.tags = tags ?? request.tags
        request.ttl = ttl ?? request.ttl
        request.idle = idle ?? request.idle
        let plan = try services.plan(request)
        let (now, date) = (services.now(), services.date())
        state.withLock { state in
            state.request = request
            state.activeAt = now
            guard state.live != nil else { return }
            state.plan?.limits.idle = plan.limits.idle
            state.announced = nil
            guard ttl != nil else { return }
            state.plan?.limits.life = plan.limits.life
            // The sandbox itself does not live longer than it was made for.
            let most = (state.startedAt ?? date) + (state.plan?.spec.limits[.wall] ?? 0) / 1_000_000 - 60_000
            state.expiryDate = min(date + plan.limits.life / 1_000_000, most)
            state.expiresAt = now &+ ((state.expiryDate ?? date) - date) * 1_000_000
        }
        try await keepDocument()
    }

    /// Its files as they are now.
    func packed() async throws(APIError) -> SharedDescriptor {
        let disk = state.withLock { $0.plan?.spec.limits[.disk] ?? 0 }
        return try await pack(nil, FilesOrder.Packing(maximumBytes: disk, maximumFiles: Self.maximumFiles)).0
    }
}
