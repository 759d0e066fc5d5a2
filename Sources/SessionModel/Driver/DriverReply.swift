package import StrictJSON

/// What a driver answered, read with the question in mind.
package enum DriverReply<Answer: Sendable & Equatable>: Sendable, Equatable {
    case answer(Answer)
    /// The driver could not do it: its own words, cut.
    case failed(String)
}

extension DriverReply where Answer == DriverAnswer {
    /// - Throws: what is wrong with the answer.
    package init(_ object: JSONObject, to query: SessionQuery) throws(DriverRecordError) {
        var reader = RecordReader(object, "the answer to \(query.feature)")
        if let error = try reader.optionalString("error", maximum: .max) {
            self = .failed(error.cut(toBytes: 1024))
            return
        }
        let offsets: ClosedRange<Int64> = 0...1_048_576
        switch query {
        case .complete:
            var matches: [CompletionMatch] = []
            for value in try reader.list("matches", maximum: 4096) {
                guard case .object(let object) = value else { throw reader.wrong("matches", "has \(value.typeName)") }
                var match = RecordReader(object, "a match")
                let text = try match.string("text", maximum: .max)
                let type = try match.optionalString("type", maximum: 64)
                // A cell may have given something any name: no reason to end the session.
                if text.utf8.count <= 4096 { matches.append(CompletionMatch(text: text, type: type)) }
            }
            let start = Int(try reader.integer("start", in: offsets))
            let end = Int(try reader.integer("end", in: offsets))
            guard start <= end else { throw reader.wrong("start", "is \(start), which is beyond end, \(end)") }
            self = .answer(.completion(matches: matches, start: start, end: end))
        case .inspect:
            self = .answer(
                .inspection(found: try reader.bool("found", default: false), data: try reader.mime("data") ?? []))
        case .isComplete:
            guard let status = Completeness(rawValue: try reader.string("status", maximum: 32)) else {
                throw reader.wrong("status", "is unknown")
            }
            self = .answer(
                .completeness(status, indent: try reader.optionalString("indent", maximum: 256) ?? ""))
        case .variables:
            var variables: [SessionVariable] = []
            for value in try reader.list("variables", maximum: 256) {
                guard case .object(let object) = value else {
                    throw reader.wrong("variables", "has \(value.typeName)")
                }
                var variable = RecordReader(object, "a variable")
                variables.append(
                    SessionVariable(
                        name: try variable.cutString("name", maximum: 256).text,
                        type: try variable.cutString("type", maximum: 256).text,
                        repr: try variable.cutString("repr", maximum: 1024).text,
                        size: try variable.optionalInteger("size", in: 0...Int64.max)))
            }
            self = .answer(.variables(variables))
        }
    }
}

extension DriverReply where Answer == DriverReference? {
    /// The answer to `checkpoint`, which has a reference, and to `restore` and `drop`, which have none.
    ///
    /// - Throws: what is wrong with the answer.
    package init(_ object: JSONObject, wantsReference: Bool) throws(DriverRecordError) {
        var reader = RecordReader(object, "the answer to checkpoint")
        if let error = try reader.optionalString("error", maximum: .max) {
            self = .failed(error.cut(toBytes: 1024))
            return
        }
        guard try reader.bool("ok", default: false) else {
            self = .failed("the driver did not say why")
            return
        }
        guard wantsReference else {
            self = .answer(nil)
            return
        }
        switch reader.value("ref") {
        case .number(let number)?:
            guard let whole = number.whole else { throw reader.wrong("ref", "is no whole number") }
            self = .answer(.number(whole))
        case .string(let text)?:
            guard text.utf8.count <= 64 else { throw reader.wrong("ref", "is longer than 64 bytes") }
            self = .answer(.text(text))
        case let other: throw reader.wrong("ref", "is \(other?.typeName ?? "missing")")
        }
    }
}

extension DriverReply where Answer == [SessionLoss] {
    /// The answer to `save` and to `load`: what was left out.
    ///
    /// - Throws: what is wrong with the answer.
    package init(losses object: JSONObject) throws(DriverRecordError) {
        var reader = RecordReader(object, "the answer to save or load")
        if let error = try reader.optionalString("error", maximum: .max) {
            self = .failed(error.cut(toBytes: 1024))
            return
        }
        guard try reader.bool("ok", default: false) else {
            self = .failed("the driver did not say why")
            return
        }
        var lost: [SessionLoss] = []
        for value in try reader.list("lost", maximum: SessionLoss.maximum) {
            guard case .object(let object) = value else { throw reader.wrong("lost", "has \(value.typeName)") }
            var loss = RecordReader(object, "a loss")
            lost.append(
                SessionLoss(
                    name: try loss.cutString("name", maximum: 256).text,
                    reason: try loss.cutString("reason", maximum: 256).text))
        }
        self = .answer(lost)
    }
}
