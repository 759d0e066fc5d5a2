internal import SandboxSpec

/// The members of an outcome, which stand among those of an event or of a result: one function for each stretch of keys that
/// nothing comes between.
extension RunOutcome {
    /// `artifacts`, `artifacts_skipped`.
    func writeArtifacts(to output: inout JSONBytes) {
        output.key("artifacts")
        output.array(artifacts.files) { output, file in
            output.open()
            output.key("bytes")
            output.integer(file.bytes)
            output.key("content_type")
            output.word(file.contentType.rawValue)
            output.key("path")
            output.string(file.path)
            output.close()
        }
        output.key("artifacts_skipped")
        output.array(artifacts.skipped) { output, file in
            output.open()
            output.key("name")
            output.string(file.name)
            output.key("reason")
            output.string(file.reason)
            output.close()
        }
    }

    /// `policy`, `policy_digest`.
    func writeRules(to output: inout JSONBytes) {
        guard let rules else { return }
        output.key("policy")
        output.string(rules.policy)
        output.key("policy_digest")
        output.word(rules.digest)
    }

    /// `exit_code`, `generation`, `hints`, `limit`, `network`.
    func writeStatus(to output: inout JSONBytes) {
        output.key("exit_code")
        output.exitCode(status)
        if let rules {
            output.key("generation")
            output.integer(rules.generation)
        }
        if !hints.isEmpty {
            output.key("hints")
            output.array(hints) { output, hint in
                output.open()
                output.key("kind")
                output.string(hint.kind)
                if let language = hint.language {
                    output.key("language")
                    output.string(language)
                }
                output.key("text")
                output.string(hint.text)
                output.close()
            }
        }
        output.key("limit")
        output.optional(limit) { output, limit in
            output.open()
            output.key("allowed")
            limit.allowed.write(to: &output)
            output.key("name")
            output.string(limit.name)
            output.key("step")
            output.word(limit.step.rawValue)
            output.key("unit")
            output.string(limit.unit)
            output.key("used")
            limit.used.write(to: &output)
            output.close()
        }
        if let network {
            output.key("network")
            network.write(to: &output)
        }
    }

    /// `signal`.
    func writeSignal(to output: inout JSONBytes) {
        output.key("signal")
        output.signal(status)
    }

    /// `steps`, `syntax_error`, `trace_id`, `truncated`.
    func writeSteps(to output: inout JSONBytes) {
        output.key("steps")
        output.array(steps) { output, step in
            output.open()
            output.key("exit_code")
            output.exitCode(step.status)
            output.key("signal")
            output.signal(step.status)
            output.key("step")
            output.word(step.step.rawValue)
            output.key("usage")
            step.usage.write(to: &output)
            output.key("verdict")
            output.word(step.verdict.rawValue)
            output.key("warm")
            output.word(step.warm.rawValue)
            output.close()
        }
        if syntaxError {
            output.key("syntax_error")
            output.bool(true)
        }
        if let traceID {
            output.key("trace_id")
            output.word(traceID)
        }
        output.key("truncated")
        output.bool(truncated)
    }

    /// `usage`, `verdict`, `warm`.
    func writeVerdict(to output: inout JSONBytes) {
        output.key("usage")
        usage.write(to: &output)
        output.key("verdict")
        output.word(verdict.rawValue)
        output.key("warm")
        output.optional(warm) { $0.word($1.rawValue) }
    }

    /// About how many bytes all of it takes.
    var jsonSize: Int {
        768 + 320 * (network?.refused.count ?? 0) + 512 * steps.count + 256 * hints.count + 128
            * (artifacts.files.count + artifacts.skipped.count)
    }
}

extension JSONBytes {
    fileprivate mutating func exitCode(_ status: ExitStatus?) {
        if case .exited(let code) = status { integer(code) } else { null() }
    }

    fileprivate mutating func signal(_ status: ExitStatus?) {
        if case .signaled(let number) = status { integer(number) } else { null() }
    }
}

extension UsageReport {
    package func write(to output: inout JSONBytes) {
        output.open()
        output.key("cgroup_peak_bytes")
        output.integer(cgroupPeakBytes)
        output.key("cpu_ms")
        output.number(cpuMilliseconds)
        output.key("cpu_system_ms")
        output.number(cpuSystemMilliseconds)
        output.key("cpu_user_ms")
        output.number(cpuUserMilliseconds)
        output.key("disk_bytes")
        output.integer(diskBytes)
        output.key("inodes")
        output.integer(inodes)
        output.key("memory_peak_bytes")
        output.integer(memoryPeakBytes)
        output.key("processes_peak")
        output.integer(processesPeak)
        output.key("wall_ms")
        output.number(wallMilliseconds)
        output.close()
    }
}

extension LimitAmount {
    package func write(to output: inout JSONBytes) {
        if let whole = Int64(exactly: value) { output.integer(whole) } else { output.number(value) }
    }
}

extension LimitTable {
    /// The names of all limits, in the order of JSON.
    private static let names = LimitName.allCases.map(\.rawValue).sorted()

    func write(to output: inout JSONBytes) {
        let known = Self.names.compactMap { name in amounts[name].map { (name, $0) } }
        // One that came from another version may have others.
        guard known.count == amounts.count else {
            output.dictionary(amounts) { $1.write(to: &$0) }
            return
        }
        output.open()
        for (name, amount) in known {
            output.key(name)
            amount.write(to: &output)
        }
        output.close()
    }
}
