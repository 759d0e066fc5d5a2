internal import StrictJSON

extension DriverRecord {
    /// A record with the name of a member that it should not have, if there is one: such members mean nothing.
    package struct Decoded: Sendable, Equatable {
        package let record: DriverRecord
        package let unknownMember: String?
    }

    /// The longest id: the service makes them.
    static let maximumID = 64
    package static let maximumRepr = 65_536

    private static let limits = {
        var limits = JSONLimits(bytes: FrameReader.maximumRecord)
        // Values of programs are nested deeper, and have more members, than what clients send.
        limits.depth = 128
        limits.membersPerObject = 65_536
        limits.nameBytes = 65_536
        return limits
    }()

    /// Reads one record.
    ///
    /// - Throws: what is wrong with it.
    package static func decode(_ bytes: [UInt8]) throws(DriverRecordError) -> Decoded {
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes, limits: limits)
        } catch {
            throw DriverRecordError("a record is no JSON: \(error)")
        }
        guard case .object(let object) = value else {
            throw DriverRecordError("a record is \(value.typeName), expected is an object")
        }
        guard case .string(let type)? = object["type"] else {
            throw DriverRecordError("a record has no type that is a string")
        }
        var reader = RecordReader(object, type.cut(toBytes: 32))
        _ = reader.value("type")
        let record = try record(type, &reader, object)
        if case .answer = record { return Decoded(record: record, unknownMember: nil) }
        return Decoded(record: record, unknownMember: reader.unknown?.cut(toBytes: 64))
    }

    private static func record(
        _ type: String, _ reader: inout RecordReader, _ object: JSONObject
    ) throws(DriverRecordError) -> DriverRecord {
        if type == "ready" { return .ready(try ready(&reader)) }
        switch type {
        case "display":
            return .display(
                id: try reader.string("id", maximum: maximumID),
                CellDisplay(
                    data: try reader.mime("data") ?? [],
                    displayID: try reader.optionalString("display_id", maximum: 256),
                    isUpdate: try reader.bool("update", default: false)))
        case "clear":
            return .clear(
                id: try reader.string("id", maximum: maximumID), wait: try reader.bool("wait", default: false))
        case "result": return .result(id: try reader.string("id", maximum: maximumID), try result(&reader))
        case "error":
            return .error(
                id: try reader.string("id", maximum: maximumID),
                CellError(
                    exception: try reader.cutString("exception", maximum: 1024).text,
                    message: try reader.cutString("message", maximum: maximumRepr).text,
                    traceback: try reader.strings("traceback", maximum: 4096, each: maximumRepr)))
        case "done":
            let id = try reader.string("id", maximum: maximumID)
            let status = try reader.string("status", maximum: 32)
            guard let status = DoneStatus(rawValue: status) else {
                throw reader.wrong(
                    "status", "is unknown, expected is \(DoneStatus.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return .done(id: id, status)
        case "answer": return .answer(id: try reader.string("id", maximum: maximumID), object)
        case "restored":
            return .restored(
                id: try reader.string("id", maximum: maximumID), name: try reader.string("name", maximum: 256))
        case "password":
            return .password(
                id: try reader.string("id", maximum: maximumID), isOn: try reader.bool("on", default: true))
        default: throw DriverRecordError("a record has the unknown type \(type.cut(toBytes: 32))")
        }
    }

    private static func ready(_ reader: inout RecordReader) throws(DriverRecordError) -> Ready {
        let version = try reader.integer("protocol", in: 0...1_000_000)
        guard version == protocolVersion else {
            throw reader.wrong("protocol", "is \(version), expected is \(protocolVersion)")
        }
        return Ready(
            language: try reader.string("language", maximum: 64), version: try reader.string("version", maximum: 256),
            features: Set(try reader.strings("features", maximum: 32, each: 64)))
    }

    private static func result(_ reader: inout RecordReader) throws(DriverRecordError) -> CellValue {
        let repr = try reader.cutString("repr", maximum: maximumRepr)
        let isTruncated = try reader.bool("truncated", default: false)
        return CellValue(
            repr: repr.text, isTruncated: isTruncated || repr.isCut, value: reader.value("value"),
            data: try reader.mime("data") ?? [])
    }
}
