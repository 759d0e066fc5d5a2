/// Follows the chain through the lines of one or more files. A value: lines go in.
package struct AuditChain: Sendable {
    /// The number of the first record; nil before there was one. More than 1 where older files were left out.
    package private(set) var first: Int64?
    /// Of the last good line.
    package private(set) var head = AuditRecord.Head.start
    package private(set) var count = 0

    package init() {}

    /// The next line, without its end.
    ///
    /// - Throws: why the chain ends before it. The chain stays where it was.
    package mutating func add(_ line: [UInt8]) throws(AuditRecord.Invalid) {
        let record = try AuditRecord(line: line)
        if first != nil || record.number == 1 {
            guard record.number == head.number + 1 else {
                throw AuditRecord.Invalid(
                    description: "it has seq \(record.number), expected is \(head.number + 1): lines are missing, "
                        + "or in another order")
            }
            guard record.previous == head.hash else {
                throw AuditRecord.Invalid(
                    description: "it does not continue the line before, which was replaced, or has another origin")
            }
        }
        first = first ?? record.number
        head = record.head
        count += 1
    }
}
