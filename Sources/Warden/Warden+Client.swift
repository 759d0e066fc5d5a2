internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// The client's requests.
extension Warden {
    func serveClient() {
        do {
            let packet = try PacketSocket.receive(
                on: client.number, limit: WardenProtocolLimits.maximumMessageBytes,
                maximumDescriptors: WardenProtocolLimits.maximumDescriptors)
            if packet.bytes.isEmpty { return beginEnd() }
            let request = try coder.request(decoding: packet.bytes)
            try request.check(descriptorCount: packet.descriptors.count)
            try handle(request, packet.takeDescriptors())
        } catch {
            // A client that breaks the protocol is broken or taken over; either way it gets nothing more.
            beginEnd()
        }
    }

    private func handle(_ request: Request, _ descriptors: consuming DescriptorList) throws(ProtocolError) {
        if case .hello(let version) = request {
            greeted = true
            send(.welcome(version: WardenProtocolLimits.version, pid: getpid()))
            if version != WardenProtocolLimits.version { beginEnd() }
            return
        }
        guard greeted else { throw ProtocolError(field: "tag", found: "no hello", allowed: "hello first") }
        switch request {
        case .hello: break
        case .inquire: send(.status(status()))
        case .create(let id, let spec):
            // Not `refused`: that would say that the living one is gone.
            guard sandboxes[id] == nil else {
                throw ProtocolError(field: "create.id", found: "\(id), which lives", allowed: "an id that is free")
            }
            create(id, spec)
        case .upload(let id, let path, let executable):
            guard let contents = descriptors.takeShared(), let sandbox = sandboxes[id] else { return }
            handle(.upload(Self.upload(contents, path, executable: executable)), of: sandbox)
        case .start(let id, let job, let times): handle(.start(job, times: times), of: id)
        case .kill(let id, .cancelled): handle(.killRequested(.cancelled), of: id)
        case .kill(let id, .output(let bytes)): handle(.killRequested(.output(bytes: bytes)), of: id)
        case .signal(let id, let number): handle(.signalRequested(number), of: id)
        case .probe(let id): handle(.probeRequested, of: id)
        case .activity(let id): handle(.activity, of: id)
        case .files(let id, let order):
            let archive = descriptors.takeShared()
            if let sandbox = sandboxes[id] { sendFiles(order, archive, to: sandbox) }
        case .spawn(let id, let process, let job, let options):
            if let sandbox = sandboxes[id] { spawn(process, job, options, in: sandbox) }
        case .signalProcess(let id, let process, let number):
            guard let sandbox = sandboxes[id], sandbox.isRunning else { return }
            _ = sendControl(ControlOrder.signal(number, process: process), to: sandbox)
        case .dial(let id, let dial, let port):
            if let sandbox = sandboxes[id] { self.dial(dial, port, in: sandbox) }
        case .resize(let id, let size):
            guard let terminal = sandboxes[id]?.terminal.borrowedNumber else { return }
            do throws(SystemCallError) { try Terminal.resize(terminal, rows: size.rows, columns: size.columns) } catch {
            }
        }
    }

    /// The client has been sent the end of one that is gone.
    private func handle(_ event: SandboxLifecycle.Event, of id: SandboxID) {
        if let sandbox = sandboxes[id] { handle(event, of: sandbox) }
    }

    private static func upload(
        _ contents: SharedDescriptor, _ path: BoxPath, executable: Bool
    ) -> SandboxLifecycle.Upload {
        let order = OrderQueue.Order(
            bytes: ControlOrder.upload(path, executable: executable), contents: contents, job: nil,
            object: path.description)
        do throws(SystemCallError) {
            // A file that could change while it is copied, or never end, is not taken.
            guard MemoryFile.isSealed(contents.number) else {
                throw SystemCallError("fcntl(F_GET_SEALS)", errno: EINVAL)
            }
            let size = try Files.status(of: contents.number).size
            return SandboxLifecycle.Upload(order: order, size: .success(size))
        } catch {
            let failure = StageFailure(stage: "upload", errno: error.errno, object: path.description)
            return SandboxLifecycle.Upload(order: order, size: .failure(failure))
        }
    }

    /// Sends the client an event. Never waits, since every limit of every sandbox hangs on this loop: a client that is gone,
    /// or has let megabytes of events pile up, ends everything; samples it may miss.
    func send(_ event: Event, descriptors: [Int32] = []) {
        do {
            try PacketSocket.send(try event.encoded(), descriptors: descriptors, on: client.number, wait: false)
        } catch let error as SystemCallError {
            if case .usage = event, error.errno == EAGAIN { return }
            beginEnd()
        } catch {
            // One of our own texts is over a bound of the protocol; the client must not wait for ever for it.
            if case .finished(let id, var outcome) = event, outcome.failure?.object.isEmpty == false {
                outcome.failure?.object = ""
                return send(.finished(id, outcome))
            }
            if case .refused(let id, var failure) = event, !failure.object.isEmpty {
                failure.object = ""
                return send(.refused(id, failure))
            }
            beginEnd()
        }
    }
}
