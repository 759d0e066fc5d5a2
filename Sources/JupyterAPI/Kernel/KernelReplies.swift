internal import RunModel
internal import SessionModel
internal import StrictJSON

/// The contents of replies that are about neither cells nor the session's state.
enum KernelReplies {
    /// The version of the messaging protocol that is spoken.
    static let protocolVersion = "5.4"

    static func info(_ language: KernelLanguage, version: String) -> (inout JSONBytes) -> Void {
        { output in
            output.member("status", "ok")
            output.member("protocol_version", protocolVersion)
            output.member("implementation", "nestbox")
            output.member("implementation_version", version)
            output.key("language_info")
            language.writeInfo(to: &output)
            output.member("banner", language.displayName)
            output.key("help_links")
            output.array([Int]()) { $0.integer($1) }
            output.member("debugger", false)
            output.key("supported_features")
            output.array([String]()) { $0.string($1) }
        }
    }

    /// - Returns: the type of the reply, and its content.
    static func answer(_ answer: DriverAnswer) -> (type: String, write: (inout JSONBytes) -> Void) {
        switch answer {
        case .completion(let matches, let start, let end):
            return ("complete_reply", { complete(matches, start, end, &$0) })
        case .inspection(let found, let data):
            return (
                "inspect_reply",
                { output in
                    output.member("status", "ok")
                    output.member("found", found)
                    output.key("data")
                    output.mime(data)
                    output.part("metadata", JSONParts.empty)
                }
            )
        case .completeness(let status, let indent):
            return (
                "is_complete_reply",
                { output in
                    output.member("status", status.rawValue)
                    if status == .incomplete { output.member("indent", indent) }
                }
            )
        // Not asked for here.
        case .variables, .saved, .checkpoint, .restored:
            return ("variables_reply", { $0.member("status", "ok") })
        }
    }

    /// The reply of a question that was not answered.
    static func type(of query: SessionQuery) -> String {
        switch query {
        case .complete: "complete_reply"
        case .inspect: "inspect_reply"
        case .isComplete: "is_complete_reply"
        case .variables: "variables_reply"
        }
    }

    private static func complete(
        _ matches: [CompletionMatch], _ start: Int, _ end: Int, _ output: inout JSONBytes
    ) {
        output.member("status", "ok")
        output.key("matches")
        output.array(matches) { $0.string($1.text) }
        output.member("cursor_start", start)
        output.member("cursor_end", end)
        output.key("metadata")
        output.open()
        // The name under which front ends look for the types of matches.
        output.key("_jupyter_types_experimental")
        output.array(matches) { output, match in
            output.open()
            output.member("text", match.text)
            output.member("type", match.type ?? "")
            output.member("start", start)
            output.member("end", end)
            output.close()
        }
        output.close()
    }

    static func history(_ entries: [KernelHistory.Entry], withOutputs: Bool) -> (inout JSONBytes) -> Void {
        { output in
            output.member("status", "ok")
            output.key("history")
            output.array(entries) { output, entry in
                output.open("[")
                output.integer(entry.session)
                output.raw([UInt8(ascii: ",")])
                output.integer(entry.line)
                output.raw([UInt8(ascii: ",")])
                if withOutputs {
                    output.open("[")
                    output.string(entry.input)
                    output.raw([UInt8(ascii: ",")])
                    output.optional(entry.output) { $0.string($1) }
                    output.close("]")
                } else {
                    output.string(entry.input)
                }
                output.close("]")
            }
        }
    }
}
