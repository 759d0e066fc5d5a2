internal import Glibc

// Of sys/timex.h, which the Glibc module leaves out.
@_silgen_name("adjtimex")
private func libcAdjustTime(_ state: UnsafeMutableRawPointer) -> Int32

/// The wall clock: keys, certificates and the audit log depend on it; limits and deadlines do not.
enum ClockChecks {
    /// 2026-01-01: nothing here is older.
    static let oldest = 1_767_225_600
    /// TIME_ERROR: the kernel knows of nobody who sets the clock.
    private static let unsynchronized: Int32 = 5

    static func findings() -> [Finding] { [finding(now: time(nil), isSynchronized: isSynchronized)] }

    static func finding(now: Int, isSynchronized: Bool) -> Finding {
        let isOld = now < oldest
        return Finding(
            "clock", !isOld && isSynchronized,
            found: isOld
                ? "before 2026" : isSynchronized ? "synchronized" : "not synchronized by anybody the kernel knows",
            otherwise: .degraded,
            consequence: isOld
                ? "certificates are not valid yet, and times in logs are wrong"
                : "times in logs and results may be wrong",
            remedy: "timedatectl set-ntp true, or another NTP client")
    }

    private static var isSynchronized: Bool {
        // SAFETY: larger than a struct timex (208 bytes), and all zero: mode 0 only reads.
        withUnsafeTemporaryAllocation(byteCount: 512, alignment: 16) { buffer in
            guard let base = buffer.baseAddress else { return false }
            memset(base, 0, buffer.count)
            let state = libcAdjustTime(base)
            return state >= 0 && state != unsynchronized
        }
    }
}
