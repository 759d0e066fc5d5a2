internal import Policies
internal import RunModel
internal import SandboxSpec

/// One line that says how a run ended.
enum Summary {
    /// `nestbox: ok · cpu 12 ms · wall 20 ms · peak 9.1 MiB · cold`
    static func line(_ ending: RunEvent.Ending, warm: WarmStart?) -> String {
        var parts = [verdict(ending)]
        if !ending.steps.isEmpty {
            parts.append("cpu \(milliseconds(ending.usage.cpuMilliseconds))")
            parts.append("wall \(milliseconds(ending.usage.wallMilliseconds))")
            parts.append("peak \(bytes(ending.usage.memoryPeakBytes))")
        }
        if let warm { parts.append(warm.rawValue) }
        if ending.syntaxError { parts.append("syntax error") }
        if ending.truncated { parts.append("output cut off") }
        if !ending.artifacts.files.isEmpty { parts.append("\(ending.artifacts.files.count) artifacts") }
        var line = "nestbox: " + parts.joined(separator: " · ")
        for hint in ending.hints { line += "\nnestbox: hint: \(hint.text)" }
        for skipped in ending.artifacts.skipped.prefix(10) {
            line += "\nnestbox: artifact \(skipped.name) skipped: \(skipped.reason)"
        }
        if ending.artifacts.skipped.count > 10 {
            line += "\nnestbox: and \(ending.artifacts.skipped.count - 10) more artifacts skipped"
        }
        return line
    }

    private static func verdict(_ ending: RunEvent.Ending) -> String {
        var text = ending.verdict.rawValue
        switch ending.verdict {
        case .nonzeroExit, .compileError:
            if case .exited(let code)? = ending.status { text += " (\(code)\(met(ending.limit, ", ")))" }
            if case .signaled(let number)? = ending.status { text += " (signal \(number)\(met(ending.limit, ", ")))" }
            if ending.status == nil, ending.limit != nil { text += " (\(met(ending.limit, "")))" }
        case .signaled:
            if case .signaled(let number)? = ending.status {
                text += " (\(number), \(signalName(number))\(met(ending.limit, ", ")))"
            }
        default:
            if let limit = ending.limit, let name = LimitName(rawValue: limit.name) {
                text += " (\(shown(limit.used, name)) of \(shown(limit.allowed, name)))"
            }
        }
        if let last = ending.steps.last, last.step == .compile, ending.verdict != .compileError, ending.verdict != .ok {
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
