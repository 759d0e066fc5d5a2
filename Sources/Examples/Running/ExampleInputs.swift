package import RunModel
internal import SandboxSpec
package import StrictJSON

/// From the inputs of a request to what a program gets.
package enum ExampleInputs {
    /// Each input as the program gets it: the value of the request, else the default.
    ///
    /// - Parameter object: the member `inputs` of a request.
    /// - Throws: `INVALID_REQUEST` with every wrong or unknown input in its details.
    package static func values(
        _ object: JSONObject, of example: Example
    ) throws(APIError) -> [String: String] {
        var errors = RequestErrors()
        for (name, _) in object.members where !example.inputs.contains(where: { $0.name == name }) {
            guard !errors.isFull else {
                errors.omit()
                continue
            }
            let known = example.inputs.map(\.name)
            errors.note(
                "inputs.\(ObjectReader.shown(name))",
                "is unknown, expected is " + (known.isEmpty ? "none" : known.joined(separator: ", ")))
        }
        var values: [String: String] = [:]
        for input in example.inputs {
            switch object[input.name].map(input.text) ?? .success(input.standard) {
            case .success(let text): values[input.name] = text
            case .failure(let refused): errors.note("inputs.\(input.name)", refused.reason)
            }
        }
        try errors.throwIfAny()
        return values
    }

    /// The lines of standard input: one for each input that goes there, in their order.
    static func stdin(_ inputs: [ExampleInput], _ values: [String: String]) -> String {
        inputs.filter { $0.way == .stdin }.map { (values[$0.name] ?? $0.standard) + "\n" }.joined()
    }
}

extension Example {
    /// What is submitted to run this example.
    ///
    /// - Parameters:
    ///   - values: of its inputs, checked.
    ///   - stdin: in place of the lines of the inputs.
    ///   - code: in place of the main file: a learner's own, or the solution.
    package func submission(
        values: [String: String], stdin: String? = nil, code: String? = nil
    ) -> Submission {
        var request = RunRequest(
            language: language, code: Array((code ?? main.text).utf8),
            files: files.dropFirst().map { RunRequest.File(path: $0.path, content: Array($0.text.utf8)) },
            main: main.path, compilerOptions: compilerOptions, network: network)
        for input in inputs {
            let value = values[input.name] ?? input.standard
            switch input.way {
            case .stdin: break
            case .argument: request.arguments.append(value)
            case .environment(let name): request.environment[name] = value
            case .file(let path):
                request.files.removeAll { $0.path == path.description }
                request.files.append(RunRequest.File(path: path.description, content: Array(value.utf8)))
            }
        }
        var submission = Submission(request)
        submission.stdin = Array((stdin ?? ExampleInputs.stdin(inputs, values)).utf8)
        submission.interactive = false
        return submission
    }

    /// What is submitted for one of its checks.
    package func submission(for check: Check, code: String? = nil) -> Submission {
        submission(values: check.values, stdin: check.stdin, code: code)
    }

    /// What looks at it without running it: for an example that needs what a sandbox does not have.
    package var syntaxSubmission: Submission {
        var submission = submission(values: [:])
        submission.request.check = .syntax
        return submission
    }
}
