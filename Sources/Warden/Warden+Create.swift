internal import CSandbox
internal import Cgroups
internal import Confinement
internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// From a spec to a parked sandbox.
extension Warden {
    func create(_ id: SandboxID, _ spec: SandboxSpec) {
        do throws(StageFailure) {
            try admit(spec)
            try make(id, spec)
        } catch {
            send(.refused(id, error))
        }
    }

    /// Checks a spec against what the owner of the machine allows. The codec has checked the ranges.
    private func admit(_ spec: SandboxSpec) throws(StageFailure) {
        func refuse(_ errno: Int32, _ object: String) -> StageFailure {
            StageFailure(stage: "admit", errno: errno, object: object)
        }
        let living = sandboxes.count + quarantine.count
        guard living < configuration.maximumSandboxes else {
            let stuck = quarantine.isEmpty ? "" : ", \(quarantine.count) of them in quarantine"
            throw refuse(EAGAIN, "\(configuration.maximumSandboxes) sandboxes, the most max_sandboxes allows\(stuck)")
        }
        // A zygote with a group has nine.
        guard living * Self.descriptorsEach + zygotes.count * 9 + lenders.count * 2 + 128 < descriptorLimit else {
            throw refuse(EMFILE, "\(sandboxes.count) sandboxes with \(descriptorLimit) descriptors (RLIMIT_NOFILE)")
        }
        if let name = spec.limits.exceeding(configuration.ceiling) {
            throw refuse(
                EPERM,
                "limit \(name.rawValue) of \(spec.limits[name]), the warden's ceiling is "
                    + "\(configuration.ceiling[name])")
        }
        guard !spec.isObserved || configuration.mayObserve else {
            throw refuse(EPERM, "an observed sandbox; this warden was not started with --observe")
        }
        guard !spec.isObserved || (spec.preparation == .none && !spec.hasChannel) else {
            throw refuse(EINVAL, "an observed sandbox with a preparation or a channel")
        }
        guard
            !spec.hasProcesses
                || (spec.preparation == .none && !spec.hasChannel && !spec.isObserved && spec.terminal == nil)
        else {
            throw refuse(EINVAL, "a sandbox with processes and a preparation, a channel, an observer or a terminal")
        }
        let openFiles = spec.limits[.openFiles]
        guard !spec.hasChannel || openFiles >= SandboxSpec.channelOpenFiles else {
            throw refuse(
                EINVAL,
                "limit \(LimitName.openFiles.rawValue) of \(openFiles), with a channel it is at least "
                    + "\(SandboxSpec.channelOpenFiles)")
        }
    }

    private func make(_ id: SandboxID, _ spec: SandboxSpec) throws(StageFailure) {
        let filter = try filter(for: spec, isObserved: spec.isObserved)
        let kind = ZygoteKind(spec)
        let first = try zygote(of: kind)
        let chosen = lender(for: spec, kind, first: first) ?? first
        do throws(StageFailure) {
            try make(id, spec, filter, by: chosen)
        } catch {
            // A zygote may have died since the last look; the next one has not.
            guard error.stage == "fork", error.errno == EPIPE || error.errno == ECONNRESET else { throw error }
            lost(chosen)
            try make(id, spec, filter, by: try zygote(of: kind))
        }
    }

    private func make(
        _ id: SandboxID, _ spec: SandboxSpec, _ filter: SeccompFilter.Shared, by zygote: Zygote
    ) throws(StageFailure) {
        let hostID = try ids.take()
        let recycled = parent.takeRecycled(for: spec.limits, network: spec.network)
        let group: UInt64
        if let recycled {
            group = recycled.id
        } else {
            lastGroup += 1
            group = lastGroup
            do throws(StageFailure) {
                try parent.makeDirectories(of: group)
            } catch {
                ids.giveBack(hostID)
                throw error
            }
        }
        let streams: Streams
        let slot = slots.take(Sandbox.endWeight(of: spec))
        let isLent = mayLend(zygote, to: spec)
        do throws(StageFailure) {
            let entrance = try openEntrance(of: group, recycled)
            // Open until the zygote has been asked.
            defer { withExtendedLifetime(entrance) {} }
            streams = try fork(entrance, spec, zygote, hostID, slot, filter, isLent: isLent)
        } catch {
            slots.giveBack(slot, Sandbox.endWeight(of: spec))
            if let recycled { parent.keep(recycled) } else { parent.removeDirectories(of: group) }
            ids.giveBack(hostID)
            throw error
        }
        // The child is being forked meanwhile. It waits for its id maps, which it gets after the limits.
        do throws(StageFailure) {
            let leaf =
                if let recycled { recycled } else {
                    try parent.applyLimits(group, limits: spec.limits, network: spec.network)
                }
            let sandbox = Sandbox(
                id: id, spec: spec, zygote: zygote, leaf: leaf, hostID: hostID, slot: slot,
                streams: streams,
                lifecycle: SandboxLifecycle(
                    id: id, limits: spec.limits, warnAt: spec.warnAt, survivesShortage: spec.hasProcesses, rules: rules,
                    at: monotonicNow()))
            if spec.isObserved { sandbox.ordinaryFilter = try self.filter(for: spec, isObserved: false) }
            sandboxes[id] = sandbox
            handle(.sandboxAdded, of: zygote)
            if isLent { lend(zygote, to: sandbox) }
            expect(sandbox, from: zygote)
        } catch {
            // No sandbox waits for the child; it is killed when it is announced. Its id and group are not used again.
            slots.giveBack(slot, Sandbox.endWeight(of: spec))
            expect(nil, from: zygote)
            throw error
        }
    }

    private func filter(for spec: SandboxSpec, isObserved: Bool) throws(StageFailure) -> SeccompFilter.Shared {
        // Equal lists of names are the same list nearly always (`RequestCoder`), which is seen without hashing hundreds of them.
        let key = FilterKey(syscalls: spec.syscalls, network: spec.network, isObserved: isObserved)
        if let known = filters.first(where: { $0.key == key }) { return known.filter }
        do throws(FilterError) {
            let filter = SeccompFilter.Shared(
                try SeccompFilter.compile(
                    allowing: spec.syscalls, network: spec.network, isObserved: isObserved))
            // A client that makes up a new list each time must not make the table grow.
            if filters.count >= 64 { filters.removeFirst() }
            filters.append((key, filter))
            return filter
        } catch {
            throw StageFailure(stage: "filter", errno: EINVAL, object: error.description)
        }
    }

    private func openEntrance(of group: UInt64, _ recycled: CgroupLeaf?) throws(StageFailure) -> LeafEntrance {
        do throws(SystemCallError) {
            if let recycled { return try recycled.openEntrance() }
            return try parent.openEntrance(of: group)
        } catch {
            throw StageFailure(stage: "fork", errno: error.errno, object: "\(error.call) \(error.object)")
        }
    }

    /// Asks the zygote. The answer comes later; the child enters its group by itself.
    private func fork(
        _ entrance: LeafEntrance, _ spec: SandboxSpec, _ zygote: Zygote, _ hostID: UInt32, _ slot: UInt32,
        _ filter: SeccompFilter.Shared, isLent: Bool
    ) throws(StageFailure) -> Streams {
        let library: Int32
        if case .boot = spec.preparation { library = try libraryNumber() } else { library = -1 }
        do throws(SystemCallError) {
            let control = try PacketSocket.pair()
            var request = nestbox_fork_request()
            request.task_files = UInt32(entrance.tasks.count)
            request.filter_length = filter.length
            request.end_slot = slot
            request.disk = UInt64(clamping: spec.limits[.disk])
            request.inodes = UInt64(clamping: spec.limits[.inodes])
            // As large as the file system is no limit of its own (all ones are RLIM_INFINITY), and would be one of shared
            // memory that lies elsewhere (memfd_create), which the limit of memory is for.
            let fileSize = spec.limits[.fileSize]
            request.file_size = fileSize < spec.limits[.disk] ? UInt64(clamping: fileSize) : .max
            request.stack = UInt64(clamping: spec.limits[.stack])
            request.open_files = UInt64(clamping: spec.limits[.openFiles])
            if spec.network.hasSockets { request.flags |= UInt32(NESTBOX_FORK_LOOPBACK) }
            if spec.network == .egress { request.flags |= UInt32(NESTBOX_FORK_EGRESS) }
            if isLent { request.flags |= UInt32(NESTBOX_FORK_LEND) }
            if spec.isObserved { request.flags |= UInt32(NESTBOX_FORK_OBSERVED) }
            if spec.hasProcesses { request.flags |= UInt32(NESTBOX_FORK_PROCESSES) }
            var theirs: [SharedDescriptor] = []
            var ours: [SharedDescriptor] = []
            if let terminal = spec.terminal {
                request.flags |= UInt32(NESTBOX_FORK_TERMINAL)
                request.rows = terminal.rows
                request.columns = terminal.columns
            } else {
                (theirs, ours) = try Self.makeStreams(of: hostID)
            }
            let channel = spec.hasChannel ? try Self.makeChannel() : nil
            if let channel {
                request.flags |= UInt32(NESTBOX_FORK_CHANNEL)
                theirs += channel.theirs
            }
            var descriptors = [control.second.number] + theirs.map(\.number) + [filter.number]
            if case .boot = spec.preparation {
                request.flags |= UInt32(NESTBOX_FORK_BOOT)
                descriptors.append(library)
            }
            if let number = entrance.directory {
                request.flags |= UInt32(NESTBOX_FORK_UNIFIED)
                descriptors.append(number)
            }
            try zygote.fork(request, descriptors: descriptors + entrance.tasks)
            return Streams(
                control: SharedDescriptor(control.takeFirst()), standard: ours, channel: channel?.ours ?? [])
        } catch {
            throw StageFailure(stage: "fork", errno: error.errno, object: "\(error.call) \(error.object)")
        }
    }

    /// Three pipes, for stdin, stdout and stderr: the program's ends and the client's.
    static func makeStreams(
        of hostID: UInt32
    ) throws(SystemCallError) -> (theirs: [SharedDescriptor], ours: [SharedDescriptor]) {
        var (theirs, ours): ([SharedDescriptor], [SharedDescriptor]) = ([], [])
        for stream in 0..<3 {
            let pipe = try Pipe.make()
            // The program may open /dev/stdout again; that asks for the owner of the pipe.
            try Files.changeOwner(of: pipe.first.number, user: hostID + 1)
            // The client, who holds the other end, may watch in which order its two pipes are written to.
            if stream > 0 { try Files.changeMode(of: pipe.first.number, to: 0o604) }
            let (reading, writing) = pipe.shared()
            theirs.append(stream == 0 ? reading : writing)
            ours.append(stream == 0 ? writing : reading)
        }
        return (theirs, ours)
    }

    /// Two pipes, one in each direction: the program's ends and the client's, commands first. They stay root's, so that the
    /// program can use its ends and not open them anew.
    private static func makeChannel() throws(SystemCallError) -> (theirs: [SharedDescriptor], ours: [SharedDescriptor])
    {
        let commands = try Pipe.make().shared()
        let records = try Pipe.make().shared()
        return ([commands.first, records.second], [commands.second, records.first])
    }

    // MARK: - The zygote's answer

    func receive(from zygote: Zygote) {
        do throws(SystemCallError) {
            guard let answer = try zygote.answer() else { return lost(zygote) }
            if zygote.lifecycle.isBooting, answer.pid == 0, answer.failure == nil {
                return handle(.booted(output: zygote.output()), of: zygote)
            }
            // An answer to nothing ends it.
            handle(.answered, of: zygote)
            guard !zygote.waiting.isEmpty else { return }
            guard let sandbox = zygote.waiting.removeFirst() else {
                if let process = answer.process?.take() { endUnwanted(process) }
                return
            }
            if let failure = answer.failure { return forkFailed(sandbox, StageFailure(failure)) }
            lendingAnswered(answer.isLent, by: zygote, to: sandbox)
            guard let process = answer.process?.take() else {
                return forkFailed(sandbox, StageFailure(stage: "clone", errno: EPROTO))
            }
            do throws(StageFailure) { try didFork(sandbox, pid: answer.pid, process: process) } catch {
                forkFailed(sandbox, error)
            }
        } catch {
            lost(zygote)
        }
    }

    /// pid 1 of a sandbox that was given up meanwhile. It may have ended.
    private func endUnwanted(_ process: consuming OwnedDescriptor) {
        do throws(SystemCallError) { try PidDescriptor.signal(process.number, SIGKILL) } catch {}
    }

    private func forkFailed(_ sandbox: Sandbox, _ failure: StageFailure) {
        // Without a token, nothing would notice its end.
        handle(.forkFailed(failure, hasForked: sandbox.tokens.process != nil), of: sandbox)
    }

    /// pid 1 exists.
    private func didFork(_ sandbox: Sandbox, pid: Int32, process: consuming OwnedDescriptor) throws(StageFailure) {
        let number = process.number
        sandbox.process = consume process
        sandbox.pid = pid
        sandbox.tokens.process = try watch(number, .process(sandbox))
        sandbox.tokens.control = try watch(sandbox.control.number, .control(sandbox))
        let signal = sandbox.leaf.shortageSignal
        sandbox.tokens.memory = try watch(signal.descriptor, .memory(sandbox), for: signal.interest)
        handle(.forked, of: sandbox)
    }

    /// Gives pid 1 its ids and lets it go on.
    func prepare(_ sandbox: Sandbox) {
        guard let pid = sandbox.pid, let process = sandbox.process.borrowedNumber else { return }
        do throws(SystemCallError) {
            let directory = try Files.openDirectory("/proc/\(pid)")
            // Alive after the directory was opened: so the directory is of this process, not of a later one.
            try PidDescriptor.signal(process, 0)
            let map = "0 \(sandbox.hostID) 1\n1000 \(sandbox.hostID + 1) 1\n"
            try Files.write(map, to: "uid_map", at: directory.number)
            try Files.write(map, to: "gid_map", at: directory.number)
            // The warden is exempt from the kernel's memory killer; neither pid 1 nor the program is, nor can it be again.
            if killerScore < 0 { try Files.write("0", to: "oom_score_adj", at: directory.number) }
            try PacketSocket.send(ControlOrder.mapped, on: sandbox.control.number)
            if case .boot(let interpreter) = sandbox.spec.preparation {
                try PacketSocket.send(ControlOrder.boot(interpreter.bootJob), on: sandbox.control.number)
            }
        } catch {
            // A pid 1 that has failed already says why on its control socket.
            if error.errno == ESRCH || error.errno == EPIPE { return }
            return forkFailed(sandbox, StageFailure(stage: "id_map", errno: error.errno, object: error.object))
        }
        handle(.prepared, of: sandbox)
    }
}
