internal import Cgroups
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// Carrying out what the life of a sandbox asks for.
extension Warden {
    /// Takes an event into the life of a sandbox and carries out what follows from it.
    func handle(_ event: SandboxLifecycle.Event, of sandbox: Sandbox, at now: Int64 = monotonicNow()) {
        let actions = sandbox.lifecycle.handle(event, at: now)
        if sandboxes[sandbox.id] === sandbox {
            if sandbox.lifecycle.isTimed { timed.insert(sandbox.id) } else { timed.remove(sandbox.id) }
        }
        for action in actions { perform(action, of: sandbox) }
    }

    private func perform(_ action: SandboxLifecycle.Action, of sandbox: Sandbox) {
        switch action {
        case .prepare: prepare(sandbox)
        case .announceCreated: announceCreated(sandbox)
        case .send(let event): send(event)
        case .sendOrders: sendOrders(to: sandbox)
        case .sendSignal(let number): _ = sendControl(ControlOrder.signal(number), to: sandbox)
        case .sendProbe: if sendControl(ControlOrder.probe, to: sandbox) { handle(.probeSent, of: sandbox) }
        case .sample: sample(sandbox)
        case .readDetail(let sample): readDetail(sandbox, sample)
        case .confirm(let hit):
            drain(sandbox)
            handle(.limitConfirmed(hit), of: sandbox)
        case .readOwnMemory: readOwnMemory(sandbox)
        case .queueKill(let isUrgent):
            brake.add(sandbox, isUrgent: isUrgent, weight: sandbox.endWeight)
            killDue()
        case .kill: kill(sandbox)
        case .noteEnd: brake.note(at: monotonicNow(), weight: sandbox.endWeight)
        case .concludeInit: initExited(sandbox)
        case .giveUp: giveUp(sandbox)
        case .closeAll: closeAll(of: sandbox)
        case .remove: remove(sandbox)
        case .returnResources: returnResources(sandbox)
        case .leave: leave(sandbox)
        case .quarantine(let reason): quarantine(sandbox, reason)
        case .tryRelease: tryRelease(sandbox)
        }
    }

    // MARK: - Orders to pid 1

    /// Sends pid 1 what it has room for; the rest stays for the next look.
    private func sendOrders(to sandbox: Sandbox) {
        for order in sandbox.lifecycle.orders {
            do throws(SystemCallError) {
                let now = monotonicNow()
                if order.job != nil { sandbox.lifecycle.baseline = try sandbox.leaf.cpuUsed() }
                try PacketSocket.send(
                    order.bytes, descriptors: order.contents.map { [$0.number] } ?? [],
                    on: sandbox.control.number, wait: false)
                handle(.orderTaken, of: sandbox, at: now)
            } catch {
                if error.errno == EAGAIN { return }
                let failure = StageFailure(stage: order.stage, errno: error.errno, object: order.object)
                return handle(.orderFailed(failure), of: sandbox)
            }
        }
    }

    /// - Returns: false when there is no room, or when pid 1 has ended, which is noticed elsewhere.
    func sendControl(_ bytes: [UInt8], to sandbox: Sandbox) -> Bool {
        do throws(SystemCallError) {
            try PacketSocket.send(bytes, on: sandbox.control.number, wait: false)
            return true
        } catch {
            return false
        }
    }

    /// Passes an order about files on to pid 1. Whoever waits for the answer is given one, also when no program runs.
    func sendFiles(_ order: FilesOrder, _ archive: SharedDescriptor?, to sandbox: Sandbox) {
        guard sandbox.isRunning else { return send(.files(sandbox.id, FilesResult(errno: EBUSY))) }
        do throws(SystemCallError) {
            try PacketSocket.send(
                ControlOrder.files(order), descriptors: archive.map { [$0.number] } ?? [], on: sandbox.control.number,
                wait: false)
        } catch {
            // pid 1 is gone, which is noticed elsewhere, or has orders that it has not taken yet.
            send(.files(sandbox.id, FilesResult(errno: error.errno)))
        }
    }

    // MARK: - Measuring

    private func sample(_ sandbox: Sandbox) {
        let event: SandboxLifecycle.Event
        do throws(SystemCallError) { event = .sampled(try sandbox.sample()) } catch {
            // A limit that cannot be watched is a limit that is not there.
            event = .sampleFailed(StageFailure(stage: "sample", errno: error.errno, object: error.object))
        }
        handle(event, of: sandbox)
    }

    private func readDetail(_ sandbox: Sandbox, _ sample: ResourceSample) {
        guard sandbox.isRunning else { return }
        let event: SandboxLifecycle.Event
        do throws(SystemCallError) { event = .detailRead(sample, try sandbox.leaf.detail(limitHits: false)) } catch {
            event = .sampleFailed(StageFailure(stage: "sample", errno: error.errno, object: error.object))
        }
        handle(event, of: sandbox)
    }

    private func readOwnMemory(_ sandbox: Sandbox) {
        do throws(SystemCallError) {
            let own = max(try sandbox.leaf.ownMemory(), try sandbox.leaf.largestResident())
            handle(.ownMemoryRead(own), of: sandbox)
        } catch {}
    }

    /// The final account, once.
    ///
    /// - Parameter status: how the program ended, when that is only being reported.
    func measure(_ sandbox: Sandbox, endedWith status: ExitStatus? = nil) -> SandboxLifecycle.Measurement? {
        guard !sandbox.lifecycle.isAccounted else { return nil }
        do throws(SystemCallError) { return .success(try sandbox.account(endedWith: status)) } catch {
            return .failure(StageFailure(stage: "account", errno: error.errno, object: error.object))
        }
    }

    func memoryPressure(_ sandbox: Sandbox) {
        // Reading clears the signal.
        do throws(SystemCallError) { _ = try sandbox.leaf.oomKills() } catch {}
        handle(.memoryPressure, of: sandbox)
    }
}
