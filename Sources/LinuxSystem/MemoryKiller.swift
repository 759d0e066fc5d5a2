/// How likely the kernel is to end this process when the machine is out of memory (/proc/PID/oom_score_adj).
package enum MemoryKiller {
    /// Never.
    package static let exempt = -1000
    /// After everything else; still possible, so that it cannot use up all memory itself.
    package static let last = -900

    /// Lowers the score of this process, and of what it will start: to `wanted`, or as far as this process may.
    ///
    /// - Returns: what it is now. Lower than it began needs CAP_SYS_RESOURCE.
    package static func lower(to wanted: Int) -> Int {
        for score in [wanted, -500, -250, -100] where score >= wanted && score < current() {
            do throws(SystemCallError) {
                try Files.write("\(score)", to: "/proc/self/oom_score_adj")
                break
            } catch {}
        }
        return current()
    }

    /// 0 when it cannot be read.
    package static func current() -> Int {
        do throws(SystemCallError) {
            let text = String(decoding: try Files.read("/proc/self/oom_score_adj", limit: 16), as: UTF8.self)
            return Int(text.prefix { $0 == "-" || $0.isNumber }) ?? 0
        } catch {
            return 0
        }
    }
}
