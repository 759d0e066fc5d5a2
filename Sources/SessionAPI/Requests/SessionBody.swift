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
        request.tags = reader.tags(maximum: SessionRequest.maximumTags)
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
}

extension ObjectReader {
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
