import Glibc
import LinuxSystem

/// The errno a call fails with; 0 when it does not.
func errnoOf(_ body: () throws -> Void) -> Int32 {
    do {
        try body()
        return 0
    } catch {
        return (error as? SystemCallError)?.errno ?? -1
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
