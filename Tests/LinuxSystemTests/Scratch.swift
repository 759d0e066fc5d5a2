import Glibc
import LinuxSystem

/// A directory of one test; gone with its owner. Holds files and one level of empty directories.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/nestbox-linux-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallError("mkdtemp", errno: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in (try? Files.entries(of: Files.openDirectory(path))) ?? [] {
            if unlink("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
        }
        rmdir(path)
    }

    func file(_ name: String, _ bytes: [UInt8] = []) throws -> String {
        let file = try Files.open("\(path)/\(name)", flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        guard write(file.number, bytes, bytes.count) == bytes.count else {
            throw SystemCallError("write", errno: errno)
        }
        return "\(path)/\(name)"
    }
}

/// The errno a call fails with; 0 when it does not.
func errnoOf(_ body: () throws -> Void) -> Int32 {
    do {
        try body()
        return 0
    } catch {
        return (error as? SystemCallError)?.errno ?? -1
    }
}

/// A process that sleeps; killed and reaped when its owner goes.
final class Sleeper {
    let pid: pid_t
    private var isReaped = false

    init() throws {
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("1000"), nil]
        defer { for argument in arguments { free(argument) } }
        // Whoever runs the tests may have signals blocked or ignored, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var child: pid_t = 0
        let failure = posix_spawnp(&child, "sleep", nil, &attributes, &arguments, environ)
        guard failure == 0 else { throw SystemCallError("posix_spawnp", errno: failure) }
        pid = child
    }

    /// Waits for the end: the signal that ended it, 0 for an exit.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        isReaped = true
        return status & 0x7f
    }

    deinit {
        guard !isReaped else { return }
        kill(pid, SIGKILL)
        _ = wait()
    }
}

/// Whether a descriptor becomes readable (or hung up) within a time.
func isReadable(_ descriptor: Int32, milliseconds: Int32 = 0) -> Bool {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, milliseconds) == 1
}

/// A pipe whose ends are closed one by one.
final class OpenPipe {
    private let kept: OwnedDescriptor
    private var given: OwnedDescriptor?

    init() throws {
        let pipe = try Pipe.make()
        kept = try pipe.first.duplicate()
        given = try pipe.second.duplicate()
    }

    var reader: Int32 { kept.number }

    /// -1 once it has been closed.
    var writer: Int32 { given.borrowedNumber ?? -1 }

    func closeWriter() { given = nil }
}
