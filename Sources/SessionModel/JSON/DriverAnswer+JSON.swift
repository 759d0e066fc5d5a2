package import RunModel

extension DriverAnswer {
    /// An object with the members that the driver's answer has, and no others.
    package func write(to output: inout JSONBytes) {
        output.open()
        switch self {
        case .completion(let matches, let start, let end):
            output.key("matches")
            output.array(matches) { output, match in
                output.open()
                output.member("text", match.text)
                if let type = match.type { output.member("type", type) }
                output.close()
            }
            output.member("start", start)
            output.member("end", end)
        case .inspection(let found, let data):
            output.member("found", found)
            output.key("data")
            output.mime(data)
        case .completeness(let status, let indent):
            output.member("status", status.rawValue)
            output.member("indent", indent)
        case .saved(let lost):
            output.key("lost")
            output.array(lost) { $1.write(to: &$0) }
        case .checkpoint(let checkpoint): checkpoint.writeMembers(to: &output)
        case .restored(let restoration): restoration.writeMembers(to: &output)
        case .variables(let variables):
            output.key("variables")
            output.array(variables) { output, variable in
                output.open()
                output.member("name", variable.name)
                output.member("type", variable.type)
                output.member("repr", variable.repr)
                output.key("size")
                output.optional(variable.size) { $0.integer($1) }
                output.close()
            }
        }
        output.close()
    }
}
