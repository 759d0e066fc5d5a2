internal import Glibc
internal import Synchronization

/// The date of responses (RFC 9110, section 5.6.7), formatted once a second. Safe from any thread.
final class HTTPClock: Sendable {
    private struct State {
        var second = time_t.min
        var text = ""
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private let state = Mutex(State())

    /// Now, as `Sun, 06 Nov 1994 08:49:37 GMT`.
    var date: String {
        let now = time(nil)
        return state.withLock { state in
            if state.second != now { state = State(second: now, text: Self.text(now)) }
            return state.text
        }
    }

    /// - Parameter second: since 1970.
    static func text(_ second: time_t) -> String {
        var (second, parts) = (second, tm())
        guard gmtime_r(&second, &parts) != nil else { return "" }
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(parts.tm_year + 1900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
