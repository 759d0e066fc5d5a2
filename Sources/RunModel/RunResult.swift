/// A finished run in one object: what it wrote and how it ended.
package struct RunResult: Sendable, Equatable {
    package var runID: RunID
    package var outcome: RunOutcome
    /// How ready the sandbox of the last step was; nil when no step started.
    package var warm: WarmStart? {
        get { outcome.warm }
        set { outcome.warm = newValue }
    }
    package var stdout: OutputText
    package var stderr: OutputText
    /// Both streams in the order in which they were read.
    package var output: OutputText
    /// Why Nestbox itself failed; present when the verdict is `internal_error`.
    package var error: APIError?

    package init(
        runID: RunID, outcome: RunOutcome, stdout: OutputText, stderr: OutputText,
        output: OutputText, error: APIError? = nil
    ) {
        self.runID = runID
        self.outcome = outcome
        self.stdout = stdout
        self.stderr = stderr
        self.output = output
        self.error = error
    }
}

extension RunResult: Codable {
    private enum Key: String, CodingKey {
        case stdout, stderr, output, error
        case runID = "run_id"
        case stdoutEncoding = "stdout_encoding"
        case stderrEncoding = "stderr_encoding"
        case outputEncoding = "output_encoding"
    }

    package func encode(to encoder: any Encoder) throws {
        try outcome.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(runID, forKey: .runID)
        func encode(_ text: OutputText, _ data: Key, _ encoding: Key) throws {
            let rendered = text.rendered
            try container.encode(rendered.data, forKey: data)
            try container.encode(rendered.encoding, forKey: encoding)
        }
        try encode(stdout, .stdout, .stdoutEncoding)
        try encode(stderr, .stderr, .stderrEncoding)
        try encode(output, .output, .outputEncoding)
        try container.encodeIfPresent(error, forKey: .error)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func text(_ data: Key, _ encoding: Key) throws -> OutputText {
            let text = OutputText(
                data: try container.decode(String.self, forKey: data),
                encoding: try container.decode(OutputText.Encoding.self, forKey: encoding))
            guard let text else {
                throw DecodingError.dataCorruptedError(
                    forKey: data, in: container, debugDescription: "the data is not valid base64")
            }
            return text
        }
        self.init(
            runID: try container.decode(RunID.self, forKey: .runID),
            outcome: try RunOutcome(from: decoder),
            stdout: try text(.stdout, .stdoutEncoding),
            stderr: try text(.stderr, .stderrEncoding),
            output: try text(.output, .outputEncoding),
            error: try container.decodeIfPresent(APIError.self, forKey: .error))
    }
}
