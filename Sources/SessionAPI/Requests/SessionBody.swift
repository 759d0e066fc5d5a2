internal import RunModel
internal import SandboxSpec
internal import SessionModel
internal import StrictJSON

/// What a client asks for when it makes a session: the body of `POST /api/v1/sessions` and the message `create_session`.
struct SessionBody: Sendable, Equatable {
    /// What becomes of a session when nobody is connected to it any more.
    enum OnDisconnect: String, Sendable, CaseIterable {
        case keep, close
    }

    private static let maximumTagBytes = 64

    var request: SessionRequest
    var onDisconnect: OnDisconnect

    /// - Parameters:
    ///   - reader: gets the errors.
    ///   - language: of sessions that name none; nil where one must be named.
    init(_ reader: ObjectReader, language: String? = nil) {
        let named = reader.string("language", required: language == nil, maximumBytes: 64)
        request = SessionRequest(language: named ?? language ?? "")
        if named?.isEmpty == true { reader.complain("language", "is empty, expected is the name of a language") }
        request.policy = reader.string("policy", maximumBytes: 64)
        if request.policy?.isEmpty == true {
            reader.complain("policy", "is empty, expected is the name of a policy")
        }
        request.name = reader.string("name", maximumBytes: SessionRequest.maximumNameBytes)
        request.tags = Self.tags(reader)
        request.environment =
            reader.dictionary("env", "a string") {
                if case .string(let text) = $0 { text } else { nil }
            } ?? [:]
        request.limits = reader.quantities("limits")
        request.network = reader.network()
        Self.readLimits(reader, &request)
        onDisconnect = reader.choice("on_disconnect") ?? .keep
    }

    /// Limits of the session, as policies write them: those of cells in an object of their own.
    private static func readLimits(_ reader: ObjectReader, _ request: inout SessionRequest) {
        var limits: [String: String] = [:]
        var onLimit: CellLimitAction?
        var onIdle: OnSessionIdle?
        reader.inside("session") { session in
            for name in SessionLimitName.allCases where !name.rawValue.hasPrefix("cell.") {
                limits[name.rawValue] = session.quantity(name.rawValue)
            }
            onLimit = session.choice("on_limit")
            onIdle = session.choice("on_idle")
            session.inside("cell") { cell in
                for name in SessionLimitName.allCases where name.rawValue.hasPrefix("cell.") {
                    limits[name.rawValue] = cell.quantity(String(name.rawValue.dropFirst(5)))
                }
            }
        }
        request.session = limits
        request.onLimit = onLimit
        request.onIdle = onIdle
    }

    private static func tags(_ reader: ObjectReader) -> [String] {
        let tags = reader.strings("tags") ?? []
        if tags.count > SessionRequest.maximumTags {
            reader.complain("tags", "has \(tags.count) elements, allowed are \(SessionRequest.maximumTags)")
        }
        for (index, tag) in tags.prefix(SessionRequest.maximumTags).enumerated()
        where tag.isEmpty || tag.utf8.count > maximumTagBytes || tag.contains(",") {
            reader.complain("tags[\(index)]", "is no tag: allowed are 1 to \(maximumTagBytes) bytes without a comma")
        }
        return tags
    }
}

extension ObjectReader {
    /// An object of quantities, each a text with its unit or a number.
    func quantities(_ name: String) -> [String: String] {
        dictionary(name, "a value with its unit") { value in
            switch value {
            case .string(let text): text
            case .number(let number): number.whole.map { String($0) } ?? number.text
            default: nil
            }
        } ?? [:]
    }

    /// One quantity, a text with its unit or a number.
    func quantity(_ name: String) -> String? {
        switch value(name) {
        case nil: return nil
        case .string(let text)?: return text
        case .number(let number)?: return number.whole.map { String($0) } ?? number.text
        case let value?:
            complain(name, "is \(value.typeName), expected is a value with its unit")
            return nil
        }
    }

    /// Reads the members of an object, if there is one.
    func inside(_ name: String, _ body: (ObjectReader) -> Void) {
        switch value(name) {
        case nil: return
        case .object(let object)?:
            nested(name, object) { inner -> Void? in
                body(inner)
                return nil
            }
        case let value?: complain(name, "is \(value.typeName), expected is an object")
        }
    }

    /// One of a few words; nil when there is none, or another, which is noted.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) -> Choice? {
        guard let text = string(name) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let allowed = Choice.allCases.map(\.rawValue).joined(separator: " or ")
        complain(name, "is \"\(Self.shown(text, 32))\", expected is \(allowed)")
        return nil
    }

    /// The name of a checkpoint.
    func checkpointName() -> String? {
        guard let name = string("name", required: true) else { return nil }
        if CheckpointName.isValid(name) { return name }
        complain("name", "is \"\(Self.shown(name, 32))\", expected is \(CheckpointName.allowed)")
        return nil
    }
}

/// The names that checkpoints may have: they stand in paths.
enum CheckpointName {
    static let allowed = "1 to 64 letters, digits, -, _ and ."

    static func isValid(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
                default: false
                }
            }
    }
}
