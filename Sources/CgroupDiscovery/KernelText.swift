/// Numbers from kernel files. Nothing here traps, whatever the bytes are.
package enum KernelText {
    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    /// A file that is one decimal number and a newline; nil for anything else, `max` and numbers beyond Int64 included.
    package static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        digits(bytes.last == newline ? bytes.dropLast() : bytes)
    }

    /// The value of a line `name value` of a keyed file (`cpu.stat`, `memory.events`); nil when there is none.
    package static func value(of name: StaticString, in bytes: ArraySlice<UInt8>) -> Int64? {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: newline) ?? bytes.endIndex
            let line = bytes[start..<end]
            if let gap = line.firstIndex(of: space), line[..<gap].elementsEqual(name.description.utf8) {
                return digits(line[(gap + 1)...])
            }
            start = end + 1
        }
        return nil
    }

    /// The bytes of a line `name  number kB` of /proc/PID/status; nil when there is none.
    package static func kibibytes(of name: StaticString, in bytes: ArraySlice<UInt8>) -> Int64? {
        for line in bytes.split(separator: newline) {
            let words = line.split { $0 == space || $0 == UInt8(ascii: "\t") }
            guard words.count == 3, words[0].elementsEqual(name.description.utf8), words[2].elementsEqual("kB".utf8),
                let (value, overflow) = digits(words[1])?.multipliedReportingOverflow(by: 1024), !overflow
            else { continue }
            return value
        }
        return nil
    }

    /// One number per line, as `cgroup.procs` has them. Lines that are no pid are left out.
    package static func pids(_ bytes: ArraySlice<UInt8>) -> [Int32] {
        bytes.split(separator: newline).compactMap { digits($0).flatMap(Int32.init(exactly:)) }
    }

    /// The words of a line, as `cgroup.controllers` has them.
    package static func words(_ bytes: ArraySlice<UInt8>) -> Set<String> {
        Set(bytes.split { $0 == space || $0 == newline }.map { String(decoding: $0, as: UTF8.self) })
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard !bytes.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }
}
