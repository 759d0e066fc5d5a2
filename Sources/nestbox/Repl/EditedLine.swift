/// A line that is being edited: its characters and the cursor. Pure.
struct EditedLine: Equatable {
    private(set) var characters: [Character]
    private(set) var cursor: Int

    init(_ text: String) {
        characters = Array(text)
        cursor = characters.count
    }

    var text: String { String(characters) }
    /// How many Unicode scalars are before the cursor.
    var scalarsBefore: Int { characters[..<cursor].reduce(0) { $0 + $1.unicodeScalars.count } }
    var isEmpty: Bool { characters.isEmpty }

    mutating func insert(_ more: some Sequence<Character>) {
        let more = Array(more)
        characters.insert(contentsOf: more, at: cursor)
        cursor += more.count
    }

    mutating func move(to place: Int) { cursor = min(max(place, 0), characters.count) }
    mutating func moveToEnd() { cursor = characters.count }

    mutating func deleteBefore() {
        guard cursor > 0 else { return }
        cursor -= 1
        characters.remove(at: cursor)
    }

    mutating func deleteAfter() {
        if cursor < characters.count { characters.remove(at: cursor) }
    }

    mutating func deleteToEnd() { characters.removeSubrange(cursor...) }

    mutating func deleteToBeginning() {
        characters.removeSubrange(..<cursor)
        cursor = 0
    }

    mutating func deleteWord() {
        var start = cursor
        while start > 0, characters[start - 1] == " " { start -= 1 }
        while start > 0, characters[start - 1] != " " { start -= 1 }
        characters.removeSubrange(start..<cursor)
        cursor = start
    }

    /// Replaces a range of Unicode scalars, and puts the cursor behind what took its place.
    mutating func replace(scalars range: Range<Int>, by text: String) {
        let all = Array(String(characters).unicodeScalars)
        guard range.lowerBound >= 0, range.upperBound <= all.count else { return }
        func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String { String(String.UnicodeScalarView(scalars)) }
        let head = string(all[..<range.lowerBound]) + text
        self = EditedLine(head + string(all[range.upperBound...]))
        cursor = head.count
    }

    /// What fits into so many columns, and where the cursor is in it.
    func window(_ columns: Int) -> (text: String, cursor: Int) {
        let width = max(columns, 1)
        let start = max(0, cursor - width + 1)
        return (String(characters[start..<min(characters.count, start + width)]), cursor - start)
    }
}
