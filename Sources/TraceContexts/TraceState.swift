/// The `tracestate` of W3C Trace Context: a list of other systems' own ids, passed on unread.
enum TraceState {
    private static let maximumBytes = 512
    private static let maximumMembers = 32

    /// The values of all headers as one.
    ///
    /// - Returns: nil when they are not what the standard says: then nothing is passed on.
    static func checked(_ values: [String]) -> String? {
        var keys: Set<Substring> = []
        var members: [Substring] = []
        for value in values {
            guard value.utf8.count <= maximumBytes else { return nil }
            for part in value.split(separator: ",") {
                let member = trimmed(part)
                if member.isEmpty { continue }
                guard let sign = member.firstIndex(of: "="), isKey(member[..<sign]),
                    isValue(member[member.index(after: sign)...]), keys.insert(member[..<sign]).inserted
                else { return nil }
                members.append(member)
            }
        }
        let text = members.joined(separator: ",")
        guard members.count <= maximumMembers, text.utf8.count <= maximumBytes else { return nil }
        return text
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.utf8.first == 0x20 || text.utf8.first == 0x09 { text.removeFirst() }
        while text.utf8.last == 0x20 || text.utf8.last == 0x09 { text.removeLast() }
        return text
    }

    private static func isKey(_ text: Substring) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x61...0x7a, 0x30...0x39, 0x5f, 0x2d, 0x2a, 0x2f, 0x40: true
                default: false
                }
            }
    }

    private static func isValue(_ text: Substring) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x20...0x7e).contains($0) && $0 != 0x2c && $0 != 0x3d }
    }
}
