internal import Dispatch
internal import Glibc
internal import LinuxSystem
package import Policies
internal import RunModel
package import RunPlanning
package import SandboxPool
internal import Synchronization

/// Takes over changed files of policies and images, as a whole or not at all.
///
/// One attempt at a time. An attempt reads the files until two looks at them agree, checks all of them, builds a sandbox with each changed
/// policy, parks sandboxes of the new rules beside the old ones, and only then puts the new generation in force. Runs that have been accepted
/// keep the rules they were planned with. `run()` must be running. Safe from any thread.
package final class RuleReloader: Sendable {
    /// What an attempt does beyond reading and checking files.
    package struct Actions: Sendable {
        /// Why these policies of a candidate cannot be enforced, a line each.
        package var trial: @Sendable ([Policy], RunCatalog.Candidate) async -> [String]
        /// Parks sandboxes of pools beside those there are, and returns when they are ready, or after a few seconds.
        package var warm: @Sendable ([PoolDescription]) async -> Void
        /// These pools, and no others, from now on.
        package var configure: @Sendable ([PoolDescription]) -> Void
        /// An attempt has been made.
        package var report: @Sendable (ReloadAttempt, ReloadStatus) -> Void

        package init(
            trial: @escaping @Sendable ([Policy], RunCatalog.Candidate) async -> [String],
            warm: @escaping @Sendable ([PoolDescription]) async -> Void,
            configure: @escaping @Sendable ([PoolDescription]) -> Void,
            report: @escaping @Sendable (ReloadAttempt, ReloadStatus) -> Void
        ) {
            self.trial = trial
            self.warm = warm
            self.configure = configure
            self.report = report
        }
    }

    struct State: Sendable {
        var status: ReloadStatus
        /// Who waits for the next attempt, with what they said.
        var waiters: [(cause: Cause, continuation: CheckedContinuation<ReloadAttempt, Never>?)] = []
        var tried = TriedFiles()
        /// The directories with files in force.
        var occupied: Set<String>
        /// What is in force and not in the history yet.
        var unkept: Unkept?
        var isOver = false
    }

    /// Why an attempt is made, and for whom.
    struct Cause: Sendable, Equatable {
        var reason: String
        var by: String?
        /// Whether somebody wants an answer, whatever the files are.
        var isAsked = true
    }

    struct Unkept: Sendable {
        let candidate: RunCatalog.Candidate
        let files: ConfigurationSnapshot
        let reason: String
    }

    private static let change = Cause(reason: "change", isAsked: false)
    /// The most looks at files that keep changing, in one attempt.
    private static let looks = 25
    /// How often files are looked at although nothing was noticed, in nanoseconds.
    private static let lookInterval: Int64 = 10_000_000_000
    private static let tick = Duration.milliseconds(50)

    let catalog: RunCatalog
    let history: GenerationHistory
    private let statusFile: ReloadStatusFile
    let actions: Actions
    private let now: @Sendable () -> Int64
    let date: @Sendable () -> Int64
    private let queue = DispatchQueue(label: "nestbox.reload")
    let state: Mutex<State>

    /// Names the generation of what the catalog holds, and puts it into the history. Blocks.
    ///
    /// - Parameters:
    ///   - start: the files as they were before the catalog was read: what has changed since is taken over soon.
    ///   - now: nanoseconds of a clock that never goes back.
    ///   - date: milliseconds since 1970.
    package init(
        catalog: RunCatalog, history: GenerationHistory, start: ConfigurationSnapshot, actions: Actions,
        now: @escaping @Sendable () -> Int64 = { monotonicNow() },
        date: @escaping @Sendable () -> Int64 = { RuleReloader.wallClock() }
    ) {
        self.catalog = catalog
        self.history = history
        self.actions = actions
        self.now = now
        self.date = date
        statusFile = ReloadStatusFile(history: history)
        let directories = catalog.directories
        let files = ConfigurationSnapshot.read(images: directories.images, policies: directories.policies)
        // This user may read less than the one that has loaded the catalog; that is no change.
        let inForce = files.isSame(as: start) ? files : start
        let generation = history.generation(of: inForce.digest)
        catalog.begin(generation)
        let time = date()
        let attempt = ReloadAttempt(
            at: time, reason: "start", outcome: .switched, digest: generation.digest, generation: generation.number)
        state = Mutex(
            State(
                status: ReloadStatus(
                    state: .idle, generation: generation.number, digest: generation.digest, loadedAt: time,
                    last: attempt, lastSuccessAt: time, historyError: nil, refused: 0, switched: 0, pid: getpid()),
                occupied: inForce.occupied))
        keep(Unkept(candidate: catalog.current, files: inForce, reason: "start"))
        statusFile.write(status)
    }

    /// The time of day, in milliseconds since 1970.
    package static func wallClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    package var status: ReloadStatus { state.withLock { $0.status } }

    /// The numbers of the generations that are kept, ascending. Looks at the disk.
    package var keptGenerations: [Int64] { history.numbers }

    /// Asks for an attempt that begins after this, and does not wait for it.
    package func request(_ reason: String) { request(Cause(reason: reason)) }

    private func request(_ cause: Cause) {
        state.withLock { $0.waiters.append((cause, nil)) }
    }

    /// An attempt that begins after this. Those who ask during an attempt share the next one.
    ///
    /// - Parameter by: who asks, for the record.
    package func reload(_ reason: String, by: String? = nil) async -> ReloadAttempt {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiters.append((Cause(reason: reason, by: by), continuation)) }
                return state.isOver
            }
            if isOver { continuation.resume(returning: stopped) }
        }
    }

    private var stopped: ReloadAttempt {
        let status = status
        return ReloadAttempt(
            at: date(), reason: "request", outcome: .refused, digest: status.digest, generation: status.generation,
            errors: ["the service is stopping"])
    }

    /// Follows the files until the task is cancelled.
    package func run() async {
        let watch = DirectoryWatch()
        var timer = SettleTimer()
        let directories = catalog.directories
        func rewatch() {
            watch.watch(ConfigurationSnapshot.directories(images: directories.images, policies: directories.policies))
        }
        rewatch()
        // What happened between the start and the watch.
        timer.touch(at: now())
        var lookedAt = now()
        while !Task.isCancelled {
            // A cancelled sleep: the loop ends by its condition.
            do { try await Task.sleep(for: Self.tick) } catch { break }
            let time = now()
            if watch.hasChanged() { timer.touch(at: time) }
            if time - lookedAt >= Self.lookInterval { timer.touch(at: time) }
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            guard timer.isDue(at: time) || !waiters.isEmpty else { continue }
            timer.begin()
            lookedAt = time
            let attempt = await attempt(waiters.first { $0.cause.isAsked }?.cause ?? Self.change)
            await keepAgain()
            if let attempt {
                for waiter in waiters { waiter.continuation?.resume(returning: attempt) }
            } else {
                // The files were changed under it: the next attempt is theirs.
                state.withLock { $0.waiters = waiters.filter(\.cause.isAsked) + $0.waiters }
            }
            // Directories may have come, or been replaced.
            rewatch()
        }
        let waiters = state.withLock { state in
            state.isOver = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation?.resume(returning: stopped) }
    }

    // MARK: - One attempt

    /// - Returns: nil when nobody has asked and nothing is to be done, or the files were changed under it.
    private func attempt(_ cause: Cause) async -> ReloadAttempt? {
        let begin = now()
        var files = await look()
        let (inForce, tried) = state.withLock { ($0.status.digest, $0.tried) }
        let isWell = status.isWell
        if !cause.isAsked {
            if files.digest == inForce, isWell { return nil }
            if !isWell, !tried.isWorthATry(files.digest) { return nil }
        }
        if files.digest == inForce {
            // Roots may have been built since.
            actions.configure(await aside { self.catalog.pools })
            return finish(.unchanged, files.digest, cause, begin)
        }
        enter(.checking)
        defer { enter(.idle) }
        for _ in 0..<Self.looks {
            do { try await Task.sleep(for: .nanoseconds(SettleTimer.quiet)) } catch { return nil }
            let again = await look()
            guard again == files else {
                files = again
                continue
            }
            return await takeOver(files, await claimed(cause), begin)
        }
        return finish(
            .refused, files.digest, cause, begin, errors: ["the files are being changed all the time"],
            tried: { tried, _ in tried.unsettled() })
    }

    /// A command of this machine may have said that the change is its own.
    private func claimed(_ cause: Cause) async -> Cause {
        guard cause.by == nil else { return cause }
        let (history, date) = (history, date())
        guard let claim = await aside({ ChangeClaim.current(history, now: date) }) else { return cause }
        return Cause(reason: claim.reason, by: claim.by, isAsked: cause.isAsked)
    }

    /// Checks and tries files that rest, and puts them in force.
    private func takeOver(_ files: ConfigurationSnapshot, _ cause: Cause, _ begin: Int64) async -> ReloadAttempt? {
        let digest = files.digest
        let lost = files.lost(of: state.withLock { $0.occupied })
        guard lost.isEmpty else { return finish(.refused, digest, cause, begin, errors: lost) }
        let generation = RuleGeneration(number: status.generation + 1, digest: digest)
        let before = catalog.current
        let candidate: RunCatalog.Candidate
        do {
            candidate = try await aside { () -> Result<RunCatalog.Candidate, APIError> in
                Result { () throws(APIError) in try self.catalog.candidate(generation) }
            }.get()
        } catch {
            return finish(.refused, digest, cause, begin, errors: lines(error))
        }
        // What has been checked is what was looked at only if that is still there.
        guard await look() == files else {
            if !cause.isAsked { request(Self.change) }
            return nil
        }
        let changes = RuleChanges(from: before.content.policies, to: candidate.content.policies)
        enter(.trying)
        let errors = await actions.trial(changes.toTry, candidate)
        guard errors.isEmpty else {
            return finish(
                .refused, digest, cause, begin, errors: errors, changed: changes.names,
                tried: { $0.trialFailed($1) })
        }
        guard !Task.isCancelled else { return nil }
        enter(.warming)
        let pools = await aside { candidate.pools }
        await actions.warm(pools)
        catalog.adopt(candidate)
        actions.configure(pools)
        let old = state.withLock { state in
            defer { state.status.digest = digest }
            state.occupied = files.occupied
            state.status.generation = generation.number
            state.status.loadedAt = date()
            return state.status.digest
        }
        await aside { self.keep(Unkept(candidate: candidate, files: files, reason: cause.reason)) }
        return finish(.switched, digest, cause, begin, before: old, changed: changes.names)
    }

    private func lines(_ error: APIError) -> [String] {
        error.message.split(whereSeparator: \.isNewline).map(String.init)
    }

    /// - Parameter tried: what is noted about files that were refused.
    private func finish(
        _ outcome: ReloadAttempt.Outcome, _ digest: String, _ cause: Cause, _ begin: Int64, before: String? = nil,
        errors: [String] = [],
        changed: [String] = [], tried: (inout TriedFiles, String) -> Void = { $0.refused($1) }
    ) -> ReloadAttempt {
        let time = date()
        let duration = Double((now() - begin) / 1000) / 1000
        let (attempt, status) = state.withLock { state -> (ReloadAttempt, ReloadStatus) in
            if outcome == .refused { tried(&state.tried, digest) } else { state.tried.succeeded(digest) }
            let attempt = ReloadAttempt(
                at: time, reason: cause.reason, by: cause.by, outcome: outcome, digest: digest,
                before: before ?? state.status.digest, generation: state.status.generation, errors: errors,
                changed: changed,
                milliseconds: duration)
            state.status.last = attempt
            state.status.state = .idle
            switch outcome {
            case .refused: state.status.refused += 1
            case .switched:
                state.status.switched += 1
                state.status.lastSuccessAt = time
            case .unchanged: state.status.lastSuccessAt = time
            }
            return (attempt, state.status)
        }
        statusFile.write(status)
        actions.report(attempt, status)
        return attempt
    }

    /// What could not be kept is tried again: a disk is not full for ever.
    private func keepAgain() async {
        guard let unkept = state.withLock({ $0.unkept }) else { return }
        await aside {
            self.keep(unkept)
            if self.status.historyError == nil { self.statusFile.write(self.status) }
        }
    }

    private func enter(_ stage: ReloadStatus.State) {
        state.withLock { $0.status.state = stage }
    }

    private func look() async -> ConfigurationSnapshot {
        let directories = catalog.directories
        return await aside {
            ConfigurationSnapshot.read(images: directories.images, policies: directories.policies)
        }
    }

    /// Where a body may block.
    func aside<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body()) } }
    }
}
