internal import StrictJSON

extension RunResult: JSONWritable {
    package func write(to output: inout JSONBytes) {
        output.open()
        outcome.writeArtifacts(to: &output)
        if let error {
            output.key("error")
            error.write(to: &output)
        }
        outcome.writeStatus(to: &output)
        self.output.write(to: &output, "output", "output_encoding")
        outcome.writeRules(to: &output)
        output.key("run_id")
        output.word(runID.description)
        outcome.writeSignal(to: &output)
        stderr.write(to: &output, "stderr", "stderr_encoding")
        stdout.write(to: &output, "stdout", "stdout_encoding")
        outcome.writeSteps(to: &output)
        outcome.writeVerdict(to: &output)
        output.close()
    }

    /// Room for all output, so that it is copied once.
    package var jsonSize: Int {
        [stdout, stderr, output].reduce(512 + outcome.jsonSize) { size, text in
            size + max(JSONWriter.size(of: text.bytes), JSONWriter.base64Size(of: text.bytes))
        }
    }
}

extension RunSummary: JSONWritable {
    package func write(to output: inout JSONBytes) {
        output.open()
        output.key("created_at")
        output.string(createdAt)
        if let estimatedWait {
            output.key("estimated_wait")
            output.number(estimatedWait)
        }
        output.key("language")
        output.string(language)
        output.key("links")
        output.open()
        output.key("events")
        output.word("/api/v1/runs/\(runID)/events")
        output.key("self")
        output.word("/api/v1/runs/\(runID)")
        output.close()
        output.key("next_seq")
        output.integer(nextSequence)
        output.key("policy")
        output.string(policy)
        output.key("position")
        output.optional(position) { $0.integer($1) }
        output.key("result")
        output.optional(result) { $1.write(to: &$0) }
        output.key("run_id")
        output.word(runID.description)
        output.key("state")
        output.word(state.rawValue)
        output.close()
    }

    package var jsonSize: Int { 512 + (result?.jsonSize ?? 0) }
}
