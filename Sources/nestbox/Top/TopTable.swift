internal import RunModel

/// One table of `nestbox top`: cells as text, and what its columns sort by.
struct TopTable: Equatable {
    /// What a row is ordered by; numbers before text.
    enum Value: Equatable {
        case number(Double)
        case text(String)
    }

    struct Row: Equatable {
        /// Of what `k` would end; nil where nothing can be ended.
        var target: TopTarget?
        var cells: [String]
        var values: [Value]
    }

    let columns: [String]
    /// Columns whose cells are numbers: they are aligned to the right, and sort from the largest.
    let numeric: Set<Int>
    var rows: [Row]

    /// The same, ordered by a column.
    func sorted(by column: Int) -> TopTable {
        guard columns.indices.contains(column) else { return self }
        var table = self
        let isNumeric = numeric.contains(column)
        table.rows = rows.enumerated().sorted { a, b in
            switch (a.element.values[column], b.element.values[column]) {
            case (.number(let x), .number(let y)) where x != y: return isNumeric ? x > y : x < y
            case (.text(let x), .text(let y)) where x != y: return x < y
            default: return a.offset < b.offset
            }
        }.map(\.element)
        return table
    }

    /// The head and the rows, in columns.
    var lines: [String] {
        var widths = columns.map(\.count)
        for row in rows {
            for (index, cell) in row.cells.enumerated() { widths[index] = max(widths[index], cell.count) }
        }
        return ([columns] + rows.map(\.cells)).map { cells in
            cells.enumerated().map { index, cell in
                let fill = String(repeating: " ", count: widths[index] - cell.count)
                if numeric.contains(index) { return fill + cell }
                return index == cells.count - 1 ? cell : cell + fill
            }.joined(separator: "  ")
        }
    }
}

/// What an administrator can end.
struct TopTarget: Equatable {
    enum Kind: Equatable {
        case run, session
    }

    let kind: Kind
    let id: String
}
