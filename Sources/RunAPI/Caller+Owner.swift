internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import RunService

extension Caller {
    /// The owner of the caller's runs: the key, or one common owner where no keys are required.
    var owner: RunOwner { keyID.map { RunOwner($0) } ?? .anyone }

    /// The unit among which running places are shared: the key, or the address where there are no keys.
    var client: RunClient { RunClient(bucket) }
}

extension RouteRequest {
    /// The origin of a run that this request submits.
    var origin: RunOrigin { RunOrigin(address: caller.address, requestID: id) }

    /// The run id in the path. Text that is no id is treated as an unknown id.
    func runID() throws(APIError) -> RunID {
        guard let id = RunID(parameter()) else { throw APIError(.runNotFound, "there is no such run") }
        return id
    }
}

extension Reply {
    /// Adds the id of the run to the log record, and to the headers whose turn it takes and the policy that it is held to, if that is
    /// in a generation.
    mutating func concern(_ run: RunRecord) {
        logField = ("run_id", "\(run.id)")
        // Where it waits, as far as it does; else whose turns it took.
        if let name = HTTPField.Name("Nestbox-Queue") { headers[name] = run.queueHeader }
        if let rules = run.identity.rules, let name = HTTPField.Name("Nestbox-Policy") { headers[name] = rules.name }
    }
}

extension RunRecord {
    /// `TENANT`, with `;position=N` and `;wait=SECONDS` while the run waits (an item of RFC 8941).
    fileprivate var queueHeader: String {
        let position = position.map { ";position=\($0)" } ?? ""
        return identity.tenant + position + (wait.map { ";wait=\($0)" } ?? "")
    }
}
