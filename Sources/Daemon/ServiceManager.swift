internal import Glibc

/// The service manager that started this process and wants to know how it is: the protocol of sd_notify(3), without its library.
///
/// Safe from any thread. A message takes a system call, and at most a second.
struct ServiceManager: Sendable {
    private let path: String?
    /// How often it wants a sign of life, in nanoseconds; nil for never.
    let watchdog: Int64?

    /// - Parameter environment: `NOTIFY_SOCKET`, a path or, with a leading `@`, an abstract name; `WATCHDOG_USEC` and `WATCHDOG_PID`.
    init(environment: [String: String], pid: Int32 = getpid()) {
        let place = environment["NOTIFY_SOCKET"] ?? ""
        let isUsable = (place.hasPrefix("/") || place.hasPrefix("@")) && place.utf8.count < Self.longest
        path = isUsable ? place : nil
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == pid } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog =
            isUsable && isMeant && (1...Int64.max / 1000).contains(microseconds) ? microseconds * 1000 : nil
    }

    /// Bytes of `sun_path`.
    private static let longest = 108

    /// The service serves; `text` is what `systemctl status` shows.
    func ready(_ text: String) { send("READY=1\nSTATUS=\(text)") }

    /// Files are being read again. `ready` must follow.
    ///
    /// - Parameter now: nanoseconds of CLOCK_MONOTONIC.
    func reloading(now: Int64) { send("RELOADING=1\nMONOTONIC_USEC=\(now / 1000)") }

    func stopping(_ text: String) { send("STOPPING=1\nSTATUS=\(text)") }

    /// A sign of life.
    func alive() { send("WATCHDOG=1") }

    /// A manager that is gone, or does not read, is not told: nothing depends on it here.
    private func send(_ message: String) {
        guard let path else { return }
        let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if path.hasPrefix("@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract name ends where the length says, without a zero.
        let length = MemoryLayout<sa_family_t>.size + name.count + (path.hasPrefix("@") ? 0 : 1)
        let bytes = Array(message.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
            }
        }
    }
}
