internal import CSandbox
internal import Cgroups
internal import Glibc
internal import LinuxSystem
internal import SandboxSpec

/// A zygote: the process that forks the sandboxes of one image, ours or an interpreter that has booted.
final class Zygote {
    private static let maximumLastWords = 1024

    let kind: ZygoteKind
    let pid: Int32
    let process: OwnedDescriptor
    let socket: OwnedDescriptor
    /// What an interpreter writes while it boots.
    private let stream: OwnedDescriptor?
    private var words = ""
    /// The group an interpreter boots in, and stays in; its sandboxes have their own.
    let leaf: CgroupLeaf?
    /// Who waits for an answer; the zygote answers in order. nil for one that was given up.
    var waiting: [Sandbox?] = []
    var lifecycle: ZygoteLifecycle
    /// Its own network namespace, which a plain one lends to sandboxes.
    var lending = NetworkLending()
    /// The numbers under which the poller knows its descriptors.
    var tokens: (socket: UInt64?, process: UInt64?)

    /// Builds the image's view and starts the zygote in it. Takes a few milliseconds; not on the path of a run whose
    /// image has been used before. An interpreter boots on its own time.
    init(
        kind: ZygoteKind, configuration: WardenConfiguration, executable: Int32, library: Int32,
        place: borrowing ZygotePlace, id: UInt32
    ) throws(StageFailure) {
        let view = try RootView.make(kind.root, configuration)
        var failure = nestbox_failure()
        do throws(SystemCallError) {
            let pair = try PacketSocket.pair()
            let words = try Pipe.make()
            let pid = Self.spawn(
                view, kind.interpreter, executable, pair.second.number, library, words.second.number, place, id,
                &failure)
            guard pid > 0 else {
                let stage = String(stage: failure.stage)
                let named = stage == "view_source" || stage == "view_entry"
                let object = named && failure.index < view.objects.count ? view.objects[Int(failure.index)] : ""
                throw SystemCallError(stage, errno: failure.error, object: object)
            }
            self.pid = pid
            process = try PidDescriptor.open(pid)
            socket = pair.takeFirst()
            stream = kind.interpreter == nil ? nil : words.takeFirst()
        } catch {
            throw StageFailure(
                stage: error.call, index: Int64(failure.index), errno: error.errno, object: error.object)
        }
        self.kind = kind
        leaf = place.leaf
        lifecycle = ZygoteLifecycle(
            isInterpreter: kind.interpreter != nil, rules: configuration.zygoteRules, at: monotonicNow())
    }

    private static func spawn(
        _ view: borrowing RootView, _ interpreter: ZygoteKind.ForkedInterpreter?, _ executable: Int32,
        _ socket: Int32, _ library: Int32, _ output: Int32, _ place: borrowing ZygotePlace, _ id: UInt32,
        _ failure: inout nestbox_failure
    ) -> Int32 {
        let group = place.unified.borrowedNumber ?? -1
        guard let interpreter else {
            // SAFETY: the view lives until the end of this scope; the shim fills one struct.
            return unsafe nestbox_zygote_spawn(view.pointer, executable, socket, group, id, nil, &failure)
        }
        // SAFETY: copies of strings, freed below; each list ends with nil, as execve(2) wants it.
        var words = unsafe [UnsafePointer<CChar>?]()
        defer { for index in unsafe words.indices { unsafe free(UnsafeMutablePointer(mutating: words[index])) } }
        for word in interpreter.interpreter.command { unsafe words.append(UnsafePointer(strdup(word))) }
        unsafe words.append(nil)
        let count = unsafe words.count
        for word in interpreter.environment { unsafe words.append(UnsafePointer(strdup(word))) }
        unsafe words.append(nil)
        let script = unsafe words.count
        unsafe words.append(UnsafePointer(strdup(interpreter.interpreter.script)))
        let tasks = place.tasks
        // Never empty, so that there is an address.
        let files = tasks + [-1]
        // SAFETY: the pointers are used within the call only, by the child of a fork.
        return unsafe words.withUnsafeBufferPointer { words -> Int32 in
            unsafe files.withUnsafeBufferPointer { files -> Int32 in
                guard let base = words.baseAddress, let script = unsafe words[script], let files = files.baseAddress
                else { return -ENOMEM }
                var start = unsafe nestbox_interpreter(
                    arguments: base, environment: base + count, script: script, library: library, output: output,
                    tasks: files, task_files: UInt32(tasks.count))
                return unsafe nestbox_zygote_spawn(view.pointer, executable, socket, group, id, &start, &failure)
            }
        }
    }

    /// What it has written since it was started, as it may be shown.
    func output() -> String {
        guard let number = stream.borrowedNumber else { return words }
        do throws(SystemCallError) {
            let text = try Files.readAvailable(number, limit: 65_536)
            let all = words + ControlMessage.shown(text.suffix(Self.maximumLastWords))
            words = String(all.suffix(Self.maximumLastWords))
        } catch {}
        return words
    }

    /// What was wrong with it, where that is known, and what it wrote, as both may be shown.
    func lastWords(_ reason: String) -> String {
        let words = [reason, output()].filter { !$0.isEmpty }.joined(separator: "; ")
        let name = kind.interpreter?.interpreter.command.first ?? "pid \(pid)"
        return words.isEmpty ? name : "\(name): \(words)"
    }

    /// Asks for a sandbox. The answer comes on `socket`.
    ///
    /// Throws EAGAIN when it has hundreds of requests to answer: it may hang, and is not waited for.
    func fork(_ request: nestbox_fork_request, descriptors: [Int32]) throws(SystemCallError) {
        var request = request
        // SAFETY: a C struct without padding pointers is its bytes.
        let bytes = unsafe withUnsafeBytes(of: &request) { unsafe Array($0) }
        try PacketSocket.send(bytes, descriptors: descriptors, on: socket.number, wait: false)
    }

    /// The answer to the oldest request: the pid and a pidfd, or why not, and whether the sandbox has the zygote's
    /// network namespace.
    func answer() throws(SystemCallError) -> (
        pid: Int32, failure: nestbox_failure?, process: SharedDescriptor?, isLent: Bool
    )? {
        var packet = try PacketSocket.receive(
            on: socket.number, limit: MemoryLayout<nestbox_fork_reply>.size, maximumDescriptors: 1)
        if packet.bytes.isEmpty { return nil }
        guard packet.bytes.count == MemoryLayout<nestbox_fork_reply>.size else {
            throw SystemCallError("recvmsg", errno: EPROTO, object: "zygote")
        }
        // SAFETY: the packet has exactly the size of the struct, which any bits are valid for.
        let reply = unsafe packet.bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: nestbox_fork_reply.self) }
        let failure = reply.failure.error == 0 ? nil : reply.failure
        return (reply.pid, failure, packet.descriptors.takeShared(), reply.is_lent != 0)
    }
}

/// The cgroup that a zygote is born in.
struct ZygotePlace: ~Copyable {
    /// Nil for the plain zygote, which shares a group with its like.
    let leaf: CgroupLeaf?
    let unified: OwnedDescriptor?
    let attach: AttachDescriptors?

    /// The `tasks` files of v1 to write itself into.
    var tasks: [Int32] {
        switch attach {
        case .some(let attach): attach.numbers
        case .none: []
        }
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
