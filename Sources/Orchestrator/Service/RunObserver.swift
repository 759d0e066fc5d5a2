package import RunModel

/// Who is told what becomes of runs, to count and to log. Called on whatever thread it happens; must not wait.
package protocol RunObserver: Sendable {
    func accepted(_ run: RunRecord)
    func finished(_ run: RunRecord)
    func refused(_ error: APIError)
}
