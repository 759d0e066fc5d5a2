internal import RunModel

/// Text in columns.
enum Table {
    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }

    /// `1 policy`, `2 policies`.
    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    /// Rows with columns as wide as their widest cell, two blanks apart.
    static func lines(_ rows: [[String]]) -> [String] {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : padded(cell, widths[column])
            }
            return cells.joined(separator: "  ")
        }
    }

    /// Words in lines of at most `width` characters.
    static func wrapped(_ words: [String], width: Int) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }
}

/// JSON on stdout.
enum Output {
    static func json(_ value: some Encodable) throws(APIError) {
        do {
            Console.write(try JSONText.encode(value, pretty: true) + [UInt8(ascii: "\n")], to: Console.output)
        } catch {
            throw APIError(.internalError, "the answer cannot be written as JSON: \(error)")
        }
    }
}
