internal import Examples
internal import RunModel
internal import StrictJSON

/// How much of a run an answer shows.
enum ExampleMode: String, Sendable, CaseIterable {
    /// What the program printed, and nothing else.
    case normie
    /// And how it ended, with hints.
    case explorer
    /// And command lines, usage, steps.
    case developer
    /// And events, limits, policy.
    case expert

    static func < (left: ExampleMode, right: ExampleMode) -> Bool {
        let all = ExampleMode.allCases
        return (all.firstIndex(of: left) ?? 0) < (all.firstIndex(of: right) ?? 0)
    }

    /// The member `mode` of a body; the first one when absent.
    static func read(_ reader: ObjectReader) -> ExampleMode {
        guard let text = reader.string("mode", maximumBytes: 64) else { return .normie }
        if let mode = ExampleMode(rawValue: text) { return mode }
        let allowed = allCases.map(\.rawValue).joined(separator: ", ")
        reader.complain("mode", "is \"\(ObjectReader.shown(text, 32))\", expected is one of \(allowed)")
        return .normie
    }
}

/// The body of `POST /api/v1/examples/{id}/execute`.
struct ExampleOrder: Sendable {
    /// Bytes of a main file of a learner's own.
    static let maximumCode = 65_536

    let inputs: JSONObject
    let mode: ExampleMode
    /// In place of the main file.
    let code: String?
    /// Whether to run all checks in place of one run.
    let isCheck: Bool

    static func parse(_ bytes: [UInt8], limit: Int) throws(APIError) -> ExampleOrder {
        let reader = try ObjectReader.parse(bytes, limits: JSONLimits(bytes: limit))
        let order = ExampleOrder(
            inputs: inputs(reader), mode: .read(reader), code: reader.string("code", maximumBytes: maximumCode),
            isCheck: reader.bool("check") ?? false)
        if order.isCheck, !order.inputs.members.isEmpty {
            reader.complain("inputs", "is not empty, expected is nothing: checks have inputs of their own")
        }
        try reader.finish()
        return order
    }

    /// The member `inputs`: an object, or nothing.
    static func inputs(_ reader: ObjectReader) -> JSONObject {
        switch reader.value("inputs") {
        case nil: return JSONObject()
        case .object(let object)?: return object
        case let value?:
            reader.complain("inputs", "is \(value.typeName), expected is an object")
            return JSONObject()
        }
    }
}
