/// "Did you mean": the closest of some words to a misspelt one.
package enum Suggestion {
    /// A hint such as `did you mean "cpu"?`, or nil when nothing is close.
    package static func hint(for word: String, among candidates: some Sequence<String>) -> String? {
        self.word(for: word, among: candidates).map { "did you mean \"\($0)\"?" }
    }

    /// The closest of the candidates, or nil when none is close.
    ///
    /// Close is: equal but for case, or at most one edit in three characters and never more than three.
    package static func word(for word: String, among candidates: some Sequence<String>) -> String? {
        // Longer words are no misspelling of ours, and the distance costs their length squared.
        guard word.utf8.count <= 64 else { return nil }
        let bytes = Array(word.lowercased().utf8)
        var best: (word: String, distance: Int)?
        for candidate in candidates {
            let distance = editDistance(bytes, Array(candidate.lowercased().utf8))
            let limit = min(3, max(1, max(bytes.count, candidate.utf8.count) / 3))
            guard distance <= limit, distance < max(bytes.count, 1) else { continue }
            if let known = best, (known.distance, known.word) <= (distance, candidate) { continue }
            best = (candidate, distance)
        }
        return best?.word
    }

    /// Names for an error: all of them while they are few, else how many there are. Fifty of them in a line are not read.
    package static func list(_ names: [String], of what: String) -> String {
        names.count <= 8 ? names.joined(separator: ", ") : "one of the \(names.count) \(what) there are"
    }

    /// Damerau's distance with adjacent swaps: `cup` is one edit from `cpu`.
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        for row in 1...left.count {
            var current = [row] + [Int](repeating: 0, count: right.count)
            for column in 1...right.count {
                let same = left[row - 1] == right[column - 1]
                var cost = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    cost = min(cost, beforePrevious[column - 2] + 1)
                }
                current[column] = cost
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
