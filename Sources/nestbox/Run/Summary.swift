internal import Policies
internal import RunModel
internal import SandboxSpec

/// One line that says how a run ended.
enum Summary {
    /// `nestbox: ok · cpu 12 ms · wall 20 ms · peak 9.1 MiB · cold`
    static func line(_ outcome: RunOutcome, warm: WarmStart?) -> String {
        var parts = [verdict(outcome)]
        if !outcome.steps.isEmpty {
            parts.append("cpu \(milliseconds(outcome.usage.cpuMilliseconds))")
            parts.append("wall \(milliseconds(outcome.usage.wallMilliseconds))")
            parts.append("peak \(bytes(outcome.usage.memoryPeakBytes))")
        }
        if let warm { parts.append(warm.rawValue) }
        if outcome.syntaxError { parts.append("syntax error") }
        if outcome.truncated { parts.append("output cut off") }
        if !outcome.artifacts.files.isEmpty { parts.append("\(outcome.artifacts.files.count) artifacts") }
        var line = "nestbox: " + parts.joined(separator: " · ")
        for hint in outcome.hints { line += "\nnestbox: hint: \(hint.text)" }
        for skipped in outcome.artifacts.skipped.prefix(10) {
            line += "\nnestbox: artifact \(skipped.name) skipped: \(skipped.reason)"
        }
        if outcome.artifacts.skipped.count > 10 {
            line += "\nnestbox: and \(outcome.artifacts.skipped.count - 10) more artifacts skipped"
        }
        return line
    }

    private static func verdict(_ outcome: RunOutcome) -> String {
        var text = outcome.verdict.rawValue
        switch outcome.verdict {
        case .nonzeroExit, .compileError:
            if case .exited(let code)? = outcome.status { text += " (\(code)\(met(outcome.limit, ", ")))" }
            if case .signaled(let number)? = outcome.status { text += " (signal \(number)\(met(outcome.limit, ", ")))" }
            if outcome.status == nil, outcome.limit != nil { text += " (\(met(outcome.limit, "")))" }
        case .signaled:
            if case .signaled(let number)? = outcome.status {
                text += " (\(number), \(signalName(number))\(met(outcome.limit, ", ")))"
            }
        default:
            if let limit = outcome.limit, let name = LimitName(rawValue: limit.name) {
                text += " (\(shown(limit.used, name)) of \(shown(limit.allowed, name)))"
            }
        }
        if let last = outcome.steps.last, last.step == .compile, outcome.verdict != .compileError,
            outcome.verdict != .ok
        {
            text += " while compiling"
        }
        return text
    }

    /// The limit beside a verdict that does not name it: `memory 512.0 MiB of 512.0 MiB`.
    private static func met(_ limit: LimitReport?, _ separator: String) -> String {
        guard let limit, let name = LimitName(rawValue: limit.name) else { return "" }
        return "\(separator)\(limit.name) \(shown(limit.used, name)) of \(shown(limit.allowed, name))"
    }

    private static func shown(_ amount: LimitAmount, _ name: LimitName) -> String {
        switch name.unit {
        case .nanoseconds: milliseconds(amount.value)
        case .bytes: bytes(Int64(clamping: Int128(amount.value)))
        case .count: "\(Int64(clamping: Int128(amount.value)))"
        case .millicpus: "\(amount.value)"
        }
    }

    static func milliseconds(_ value: Double) -> String {
        value < 10 ? "\((value * 10).rounded() / 10) ms" : "\(Int64(clamping: Int128(value.rounded()))) ms"
    }

    /// `1 image`, `2 images`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    static func bytes(_ value: Int64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var amount = Double(value)
        var unit = 0
        while amount >= 1024, unit < units.count - 1 {
            amount /= 1024
            unit += 1
        }
        return unit == 0 ? "\(value) B" : "\((amount * 10).rounded() / 10) \(units[unit])"
    }

    static func signalName(_ number: UInt8) -> String {
        let names: [UInt8: String] = [
            1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
            9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
            24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
        ]
        return names[number] ?? "signal \(number)"
    }
}
