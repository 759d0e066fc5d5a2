internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import RunService
internal import SessionModel
internal import SessionService
internal import StrictJSON

extension Caller {
    /// The owner of the caller's sessions: the key, or one common owner where no keys are required.
    var owner: RunOwner { keyID.map { RunOwner($0) } ?? .anyone }
}

extension RouteRequest {
    /// The session that the path names. Text that is no id is treated as an unknown id.
    func session(_ sessions: SessionService) throws(APIError) -> Session {
        guard let id = SessionID(parameter()) else { throw .noSession }
        return try sessions.find(id, owner: caller.owner)
    }
}

extension APIError {
    static var noSession: APIError { APIError(.sessionNotFound, "there is no such session") }
}

extension Reply {
    /// Adds the id of the session to the log record.
    mutating func concern(_ id: SessionID) {
        logField = ("session_id", "\(id)")
    }
}
