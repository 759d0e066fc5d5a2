/// The fields of `execute`, as the contract (openapi.yaml) spells them. What reads submissions and what writes them use these.
package enum SubmissionKey: String, CodingKey, CaseIterable, Sendable {
    case language, code, files, main, stdin, interactive, policy, limits, network, artifacts, cache, buffering, check
    case priority
    case compilerOptions = "compiler_options"
    case stdinEncoding = "stdin_encoding"
    case arguments = "args"
    case environment = "env"
    case terminal = "tty"
    case onDisconnect = "on_disconnect"

    /// The fields of a file.
    package enum File: String, CodingKey, CaseIterable, Sendable {
        case name, content, encoding, executable
    }
}
