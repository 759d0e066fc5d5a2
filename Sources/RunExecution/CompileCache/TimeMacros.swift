/// Macros of C and C++ that put the moment of compiling into the program.
///
/// What uses them is compiled every time. A name that is put together from pieces is not found, nor is one that only a
/// header of the image uses; such a program shows when it was compiled first.
enum TimeMacros {
    private static let names = ["__DATE__", "__TIME__", "__TIMESTAMP__"].map { Array($0.utf8) }
    private static let underscore = UInt8(ascii: "_")
    private static let (d, t) = (UInt8(ascii: "D"), UInt8(ascii: "T"))

    static func appear(in source: [UInt8]) -> Bool {
        source.withUnsafeBytes { appear(in: $0) }
    }

    /// One pass: the third byte of all names rules out almost every place, whoever wrote them.
    private static func appear(in content: UnsafeRawBufferPointer) -> Bool {
        for index in content.indices.dropFirst(2) {
            guard content[index] == d || content[index] == t, content[index - 1] == underscore,
                content[index - 2] == underscore
            else { continue }
            let rest = content[(index - 2)...]
            if names.contains(where: { rest.starts(with: $0) }) { return true }
        }
        return false
    }
}
