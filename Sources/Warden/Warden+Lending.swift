internal import LinuxSystem
internal import SandboxSpec

/// Network namespaces are used again: making and freeing one costs more than the rest of a cold sandbox. Each plain zygote has one,
/// which root made before the zygote gave up its rights; it lends it to one sandbox at a time, which has no rights in it either.
/// A sandbox for which none is free gets a new one, as all sandboxes of interpreters and all with a network do.
extension Warden {
    /// A zygote that exists for its network namespace ends when no sandbox has asked for that for so long.
    private static let idleTime: Int64 = 60_000_000_000
    /// One of another kind gives way after this time.
    private static let shortIdleTime: Int64 = 5_000_000_000

    /// Whether a sandbox may be asked for in the zygote's own network namespace.
    func mayLend(_ zygote: Zygote, to spec: SandboxSpec) -> Bool {
        configuration.networkLenders > 0 && spec.network == .none && zygote.kind.interpreter == nil
            && zygote.lending.isFree
    }

    /// The zygote whose network namespace the sandbox may have; nil when there is none.
    func lender(for spec: SandboxSpec, _ kind: ZygoteKind, first: Zygote) -> Zygote? {
        guard configuration.networkLenders > 0, spec.network == .none, kind.interpreter == nil else { return nil }
        if first.lending.isFree { return first }
        if let lender = lenders.first(where: { $0.kind == kind && $0.lending.isFree }) { return lender }
        lenderDemand.miss(kind, at: monotonicNow())
        return nil
    }

    func lend(_ zygote: Zygote, to sandbox: Sandbox) {
        zygote.lending.take()
        sandbox.isBorrower = true
    }

    /// The zygote has said whether the sandbox has its network namespace. If not, it has found something in it, and the sandbox has
    /// one of its own.
    func lendingAnswered(_ isLent: Bool, by zygote: Zygote, to sandbox: Sandbox) {
        guard sandbox.isBorrower else { return }
        guard !isLent else { return zygote.lending.lent() }
        sandbox.isBorrower = false
        zygote.lending.refused(at: monotonicNow())
        guard zygote.lending.isGivenUp else { return }
        WardenCommand.logError(
            "the network namespace of zygote \(zygote.pid) does not get empty; it is not used any more")
        // Ended with the last sandbox it has made. The first of its kind still makes sandboxes with namespaces of their own.
        if lenders.contains(where: { $0 === zygote }) { handle(.replaced, of: zygote) }
    }

    /// Nothing is left of the sandbox.
    func endLoan(of sandbox: Sandbox) {
        guard sandbox.isBorrower else { return }
        sandbox.isBorrower = false
        sandbox.zygote.lending.giveBack()
    }

    /// When to look at lenders again.
    var lenderDeadline: Int64? {
        var next = lenderDemand.deadline
        for lender in lenders where isIdle(lender) {
            next = min(next ?? .max, lender.lifecycle.idleSince + Self.idleTime)
        }
        return next
    }

    /// Starts a zygote where one is missed, and ends those that no sandbox asks for.
    func lookAtLenders(at now: Int64) {
        endIdleLenders(since: now - Self.idleTime) { _ in true }
        guard let kind = lenderDemand.take(at: now), !isEnding, zygotes[kind] != nil else { return }
        if lenders.count >= configuration.networkLenders {
            endIdleLenders(since: now - Self.shortIdleTime) { $0 != kind }
            guard lenders.count < configuration.networkLenders else { return }
        }
        do throws(StageFailure) {
            lenders.append(try startZygote(of: kind))
        } catch {
            lenderDemand.failed(at: now)
            WardenCommand.logError(
                "sandboxes get new network namespaces, for want of a zygote that lends its own: \(error)")
        }
    }

    private func endIdleLenders(since moment: Int64, where isAsked: (ZygoteKind) -> Bool) {
        // A copy: each leaves the list.
        for lender in Array(lenders) where isIdle(lender) && isAsked(lender.kind) {
            if lender.lifecycle.idleSince <= moment { handle(.evicted, of: lender) }
        }
    }

    private func isIdle(_ lender: Zygote) -> Bool { lender.lifecycle.sandboxes == 0 && lender.waiting.isEmpty }
}
