package import RunModel

extension CellValue {
    package func write(to output: inout JSONBytes) {
        output.open()
        writeMembers(to: &output)
        output.close()
    }

    /// `repr`, `truncated` where it is, `value` and `data` where there are some.
    func writeMembers(to output: inout JSONBytes) {
        output.member("repr", repr)
        if isTruncated { output.member("truncated", true) }
        if let value {
            output.key("value")
            output.json(value)
        }
        if !data.isEmpty {
            output.key("data")
            output.mime(data)
        }
    }
}

extension CellError {
    package func write(to output: inout JSONBytes) {
        output.open()
        writeMembers(to: &output)
        output.close()
    }

    func writeMembers(to output: inout JSONBytes) {
        output.member("exception", exception)
        output.member("message", message)
        output.key("traceback")
        output.array(traceback) { $0.string($1) }
    }
}

extension CellDisplay {
    package func write(to output: inout JSONBytes) {
        output.open()
        writeMembers(to: &output)
        output.close()
    }

    func writeMembers(to output: inout JSONBytes) {
        output.key("data")
        output.mime(data)
        if let displayID { output.member("display_id", displayID) }
        if isUpdate { output.member("update", true) }
    }
}

extension CellUsage {
    package func write(to output: inout JSONBytes) {
        output.open()
        output.member("cpu_ms", number: cpu.milliseconds)
        output.member("wall_ms", number: wall.milliseconds)
        output.member("memory_peak_bytes", memoryPeak)
        output.member("output_bytes", outputBytes)
        output.close()
    }
}

extension SessionLimitReport {
    package func write(to output: inout JSONBytes) {
        output.open()
        output.member("name", name)
        output.member("used", number: used)
        output.member("allowed", number: allowed)
        output.member("unit", unit)
        output.close()
    }
}

extension SessionEnd {
    package func write(to output: inout JSONBytes) {
        output.open()
        writeMembers(to: &output)
        output.close()
    }

    func writeMembers(to output: inout JSONBytes) {
        output.member("verdict", verdict)
        output.member("reason", reason)
        if let exitCode { output.member("exit_code", Int(exitCode)) }
        output.limit(limit)
        output.key("usage")
        usage.write(to: &output)
        if let executionID { output.member("execution_id", executionID) }
        output.member("retryable", isRetryable)
    }
}

extension SessionLimits {
    /// Times in milliseconds.
    package func write(to output: inout JSONBytes) {
        output.open()
        output.member("idle_ms", number: idle.milliseconds)
        output.member("life_ms", number: life.milliseconds)
        output.member("cpu_ms", number: cpu.milliseconds)
        output.member("cells", cells)
        output.member("history_bytes", historyBytes)
        output.key("cell")
        output.open()
        output.member("cpu_ms", number: cell.cpu.milliseconds)
        output.member("wall_ms", number: cell.wall.milliseconds)
        output.member("output_bytes", cell.outputBytes)
        output.close()
        output.member("on_limit", onLimit.rawValue)
        output.member("on_idle", onIdle.rawValue)
        output.close()
    }
}

extension CellOutcome {
    /// The answer to a cell that was waited for.
    package func write(to output: inout JSONBytes) {
        output.open()
        output.member("execution_id", executionID)
        output.member("status", status.rawValue)
        output.key("outputs")
        output.array(outputs) { output, piece in
            output.open()
            output.member("stream", piece.stream.rawValue)
            piece.text.write(to: &output, "data", "encoding")
            output.close()
        }
        if !displays.isEmpty {
            output.key("displays")
            output.array(displays) { $1.write(to: &$0) }
        }
        output.key("result")
        output.optional(result) { $1.write(to: &$0) }
        output.key("error")
        output.optional(error) { $1.write(to: &$0) }
        output.member("execution_time", number: seconds)
        output.key("usage")
        usage.write(to: &output)
        output.limit(limit)
        if isPartial { output.member("partial", true) }
        output.close()
    }
}
