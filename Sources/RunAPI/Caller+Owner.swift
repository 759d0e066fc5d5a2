internal import HTTPInterface
internal import RunModel
internal import RunService

extension Caller {
    /// Whose runs they are: of the key, or of everybody where no keys are asked for.
    var owner: RunOwner { keyID.map { RunOwner($0) } ?? .anyone }

    /// Whom the running places are shared among: keys, or addresses where there are none.
    var client: RunClient { RunClient(bucket) }
}

extension RouteRequest {
    /// Where a run that this request submits comes from.
    var origin: RunOrigin { RunOrigin(address: caller.address, requestID: id) }

    /// The run id in the path. Whatever is no id is the id of no run.
    func runID() throws(APIError) -> RunID {
        guard let id = RunID(parameter()) else { throw APIError(.runNotFound, "there is no such run") }
        return id
    }
}
