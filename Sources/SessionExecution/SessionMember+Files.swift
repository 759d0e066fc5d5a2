internal import Glibc
internal import LinuxSystem
internal import Reactor
internal import RunModel
internal import SandboxSpec
internal import SandboxSupply
internal import WardenClient
internal import WardenProtocol

/// Files of /box, by way of pid 1: whatever the interpreter does, and in every language.
extension SessionMember {
    /// - Parameters:
    ///   - isClients: whether a client wants it: of those only so many wait. The session's own are never refused for them.
    ///   - answer: called once, on this thread.
    func files(
        _ order: FilesOrder, archive: SharedDescriptor?, isClients: Bool = false, answer: @escaping FileJobs.Answer
    ) {
        guard interpreter != nil else { return answer(self, FilesResult(errno: ESRCH)) }
        guard !isClients || !fileJobs.isFull else { return answer(self, FilesResult(errno: EAGAIN)) }
        fileJobs.append(
            FileJobs.Job(order: order, archive: archive, until: now &+ FileJobs.time, answer: answer))
        sendFiles()
    }

    /// An interpreter may have spoken before it is heard that it has started: orders wait for that.
    func sendFiles() {
        guard let interpreter, interpreter.hasStarted || interpreter.lease.isOpen else { return }
        while let job = fileJobs.begin() {
            do {
                try interpreter.lease.sandbox.files(job.order, archive: job.archive)
                return
            } catch {
                // The connection to the warden has ended, and with it the sandbox.
                if let answer = fileJobs.finish() { answer(self, FilesResult(errno: ECONNRESET)) }
            }
        }
    }

    func filesDone(_ result: FilesResult) {
        if let answer = fileJobs.finish() { answer(self, result) }
        sendFiles()
    }

    func expireFiles() {
        for answer in fileJobs.takeOverdue(now) { answer(self, FilesResult(errno: ETIMEDOUT)) }
    }

    /// The sandbox is gone, or not wanted any more.
    func abandonFiles() {
        for answer in fileJobs.takeAll() { answer(self, FilesResult(errno: ESRCH)) }
    }

    /// No sandbox has more than its limit, which every packing can have.
    var wholeBox: FilesOrder.Packing {
        FilesOrder.Packing(maximumBytes: sandbox.spec.limits[.disk], maximumFiles: Int64(Self.maximumFiles))
    }

    /// For the next interpreter.
    func keepFiles() {
        var packing = wholeBox
        packing.freezes = true
        do throws(SystemCallError) {
            let archive = SharedDescriptor(try ArchiveFile.make(in: sandbox.spool))
            kept = archive
            files(.pack(nil, packing), archive: archive) { $0.engine.filesKept($1, now: $0.now) }
        } catch {
            kept = nil
            engine.filesKept(FilesResult(errno: error.errno), now: now)
        }
    }

    func fillFiles(replacing isReplacing: Bool) {
        guard let archive = kept else { return engine.filesFilled(FilesResult(errno: ENOENT), now: now) }
        files(.unpack(replacing: isReplacing), archive: archive) { $0.engine.filesFilled($1, now: $0.now) }
    }

    /// For a session that is saved, or for a checkpoint.
    func pack(_ id: String, _ checkpoint: String?) {
        func done(_ result: FilesResult) { engine.filesDone(result, of: id, now: now) }
        var archive = saving
        if let checkpoint {
            do throws(SystemCallError) {
                archive = SharedDescriptor(try ArchiveFile.make(in: sandbox.spool))
            } catch {
                return done(FilesResult(errno: error.errno))
            }
            archives[checkpoint] = archive
        }
        guard let archive else { return done(FilesResult(errno: ENOENT)) }
        files(.pack(nil, wholeBox), archive: archive) { $0.engine.filesDone($1, of: id, now: $0.now) }
    }

    /// Files that are as they were stay: cells may have them open.
    func unpack(_ id: String, _ checkpoint: String, replacing isReplacing: Bool) {
        guard let archive = archives[checkpoint] else {
            return engine.filesDone(FilesResult(errno: ENOENT), of: id, now: now)
        }
        @Sendable func bringBack(_ member: SessionMember) {
            guard member.engine.awaitsFiles(of: id) else { return }
            member.files(.unpack(replacing: isReplacing), archive: archive) {
                $0.engine.filesDone($1, of: id, now: $0.now)
            }
        }
        guard let now = try? SharedDescriptor(ArchiveFile.make(in: sandbox.spool)) else { return bringBack(self) }
        files(.pack(nil, wholeBox), archive: now) { member, result in
            guard result.errno == 0 else { return bringBack(member) }
            // Elsewhere: both may have hundreds of megabytes, and this thread has all sessions.
            member.compare(now, archive) { member, areEqual in
                if areEqual { member.engine.filesDone(result, of: id, now: member.now) } else { bringBack(member) }
            }
        }
    }

    /// The driver's file has been kept, and its session finds its folder as it was.
    func tidy(_ id: String, _ file: String) {
        guard let path = try? BoxPath(file) else {
            return engine.filesDone(FilesResult(errno: EINVAL), of: id, now: now)
        }
        files(.remove(path), archive: nil) { $0.engine.filesDone($1, of: id, now: $0.now) }
    }
}
