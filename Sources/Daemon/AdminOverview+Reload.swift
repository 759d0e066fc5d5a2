internal import RuleGenerations
internal import RunModel
internal import RunService

extension AdminOverview.Policies {
    /// How many errors an overview lists.
    private static let maximumErrors = 20

    init(_ status: ReloadStatus) {
        self.init(
            state: status.state.rawValue, generation: status.generation, digest: status.digest,
            loadedAt: Timestamp.text(milliseconds: status.loadedAt), lastOutcome: status.last?.outcome.rawValue,
            lastAt: status.last.map { Timestamp.text(milliseconds: $0.at) }, lastReason: status.last?.reason,
            lastBy: status.last?.by, errors: Array((status.last?.errors ?? []).prefix(Self.maximumErrors)),
            historyError: status.historyError, switched: status.switched, refused: status.refused)
    }
}
