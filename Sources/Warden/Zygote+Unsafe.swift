internal import CSandbox
internal import Glibc
internal import LinuxSystem
internal import SandboxSpec

/// A plain zygote: the process that forks the sandboxes of one image.
final class Zygote {
    let root: RootSource
    let pid: Int32
    let process: OwnedDescriptor
    let socket: OwnedDescriptor
    /// Who waits for an answer; the zygote answers in order. nil for one that was given up.
    var waiting: [Sandbox?] = []
    /// When the last of its sandboxes went, or it was made.
    var idleSince: Int64

    /// Builds the image's view and starts the zygote in it. Takes a few milliseconds; not on the path of a run whose
    /// image has been used before.
    init(
        root: RootSource, configuration: WardenConfiguration, executable: Int32, group: Int32?, id: UInt32
    ) throws(StageFailure) {
        let view = try RootView.make(root, configuration)
        var failure = nestbox_failure()
        do throws(SystemCallError) {
            let pair = try PacketSocket.pair()
            // SAFETY: the view lives until the end of this scope; the shim fills one struct.
            let pid = unsafe nestbox_zygote_spawn(
                view.pointer, executable, pair.second.number, group ?? -1, id, &failure)
            guard pid > 0 else {
                let stage = String(stage: failure.stage)
                let named = stage == "view_source" || stage == "view_entry"
                let object = named && failure.index < view.objects.count ? view.objects[Int(failure.index)] : ""
                throw SystemCallError(stage, errno: failure.error, object: object)
            }
            self.pid = pid
            process = try PidDescriptor.open(pid)
            socket = pair.takeFirst()
        } catch {
            throw StageFailure(
                stage: error.call, index: Int64(failure.index), errno: error.errno, object: error.object)
        }
        self.root = root
        idleSince = monotonicNow()
    }

    /// Asks for a sandbox. The answer comes on `socket`.
    func fork(_ request: nestbox_fork_request, descriptors: [Int32]) throws(SystemCallError) {
        var request = request
        // SAFETY: a C struct without padding pointers is its bytes.
        let bytes = unsafe withUnsafeBytes(of: &request) { unsafe Array($0) }
        try PacketSocket.send(bytes, descriptors: descriptors, on: socket.number)
    }

    /// The answer to the oldest request: the pid and a pidfd, or why not.
    func answer() throws(SystemCallError) -> (pid: Int32, failure: nestbox_failure?, process: DescriptorBox?)? {
        var packet = try PacketSocket.receive(
            on: socket.number, limit: MemoryLayout<nestbox_fork_reply>.size, maximumDescriptors: 1)
        if packet.bytes.isEmpty { return nil }
        guard packet.bytes.count == MemoryLayout<nestbox_fork_reply>.size else {
            throw SystemCallError("recvmsg", errno: EPROTO, object: "zygote")
        }
        // SAFETY: the packet has exactly the size of the struct, which any bits are valid for.
        let reply = unsafe packet.bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: nestbox_fork_reply.self) }
        let failure = reply.failure.error == 0 ? nil : reply.failure
        return (reply.pid, failure, packet.descriptors.takeBox())
    }
}

/// A descriptor where a copyable value is needed.
final class DescriptorBox {
    private var descriptor: OwnedDescriptor?

    init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = consume descriptor
    }

    func take() -> OwnedDescriptor? {
        descriptor.take()
    }

    /// The number; -1 once it has been taken.
    var number: Int32 {
        switch descriptor {
        case .some(let descriptor): descriptor.number
        case .none: -1
        }
    }
}

extension DescriptorList {
    /// The next descriptor where a copyable value is needed.
    mutating func takeBox() -> DescriptorBox? {
        switch take() {
        case .some(let descriptor): DescriptorBox(descriptor)
        case .none: nil
        }
    }
}

extension DescriptorPair {
    /// Both ends where copyable values are needed.
    consuming func boxes() -> (first: DescriptorBox, second: DescriptorBox) {
        split { first, second in (DescriptorBox(first), DescriptorBox(second)) }
    }
}

extension String {
    /// The name of a stage of the C side.
    init(stage: UInt32) {
        // SAFETY: a static NUL-terminated string.
        self = unsafe String(cString: nestbox_stage_name(stage))
    }
}

extension StageFailure {
    /// A failure reported by the C side.
    init(_ failure: nestbox_failure, object: String = "") {
        self.init(
            stage: String(stage: failure.stage), index: Int64(failure.index), errno: failure.error, object: object)
    }
}
