/// A line of /proc/self/mountinfo, as far as cgroups need it.
struct MountInfo: Equatable {
    /// Which part of the file system is mounted.
    let root: String
    let mountPoint: String
    let isReadOnly: Bool
    let type: String
    /// Options of the file system; for v1 they name its controllers.
    let options: [String]

    /// The most lines that are parsed.
    static let maximumLines = 65_536

    /// The cgroup mounts in a mountinfo text, in order. Malformed lines are skipped.
    static func cgroupMounts(in text: [UInt8]) -> [MountInfo] {
        text.split(separator: UInt8(ascii: "\n")).prefix(maximumLines).compactMap(MountInfo.init)
            .filter { $0.type == "cgroup" || $0.type == "cgroup2" }
    }

    init?(_ line: ArraySlice<UInt8>) {
        let fields = line.split(separator: UInt8(ascii: " "))
        // Optional fields are between the sixth field and a single dash; type, source and options follow it.
        guard fields.count >= 10, let dash = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }),
            fields.count > dash + 3
        else { return nil }
        root = Self.unescape(fields[3])
        mountPoint = Self.unescape(fields[4])
        type = String(decoding: fields[dash + 1], as: UTF8.self)
        let superOptions = String(decoding: fields[dash + 3], as: UTF8.self).split(separator: ",").map(String.init)
        let ownOptions = String(decoding: fields[5], as: UTF8.self).split(separator: ",")
        isReadOnly = ownOptions.contains("ro") || superOptions.contains("ro")
        options = superOptions
    }

    /// Undoes the `\ooo` escapes of space, tab, newline and backslash.
    private static func unescape(_ field: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) })
            {
                let value = digits.reduce(0) { $0 * 8 + Int($1 - UInt8(ascii: "0")) }
                bytes.append(UInt8(truncatingIfNeeded: value))
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
