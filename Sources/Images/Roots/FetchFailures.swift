/// What apt could not get from the cache, collected from the lines it prints.
struct FetchFailures {
    private static let mark = "Failed to fetch copy:"
    /// Locations as apt writes them, with special characters as `%xx`. At most 256.
    private(set) var places: [String] = []

    mutating func look(at line: String) {
        guard let found = line.firstRange(of: Self.mark), places.count < 256 else { return }
        let place = line[found.upperBound...].prefix { !$0.isWhitespace }
        if !place.isEmpty, !places.contains(String(place)) { places.append(String(place)) }
    }

    /// The names of the packages among them, each once, in apt's order.
    var packages: [String] {
        var names: [String] = []
        for place in places where place.hasSuffix(".deb") {
            let file = place.split(separator: "/").last ?? ""
            let name = String(file.prefix { $0 != "_" })
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Up to eight names, and how many more there are.
    var shown: String {
        let names = packages
        let more = names.count > 8 ? " and \(names.count - 8) more" : ""
        return names.prefix(8).joined(separator: ", ") + more
    }
}
