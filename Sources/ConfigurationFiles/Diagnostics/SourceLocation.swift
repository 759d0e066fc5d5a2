/// A place in a configuration file: file name, line and column, both counted from 1. Line 0 is the file, or directory, as a
/// whole.
package struct SourceLocation: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int

    package init(file: String, line: Int, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// The file or directory itself, of which no line is meant.
    package static func whole(_ file: String) -> SourceLocation { SourceLocation(file: file, line: 0, column: 0) }

    /// `file:line`, which editors and terminals turn into a link; `file` for all of it.
    package var description: String { line > 0 ? "\(file):\(line)" : file }

    package static func < (left: SourceLocation, right: SourceLocation) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}
