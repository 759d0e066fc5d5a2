/// Lists of system calls that have been put together before: most policies allow the same, and then share one list.
///
/// Belongs to one set of policies, while it is made.
final class ResolvedCalls {
    private struct Names: Hashable {
        let allowed: [String]
        let denied: [String]
    }

    private var lists: [Names: [String]] = [:]

    /// - Parameter make: puts the list together.
    func list(allowed: [String], denied: [String], make: () -> [String]) -> [String] {
        let names = Names(allowed: allowed, denied: denied)
        if let known = lists[names] { return known }
        let list = make()
        lists[names] = list
        return list
    }
}
