/// Reads the kernel's tables of TCP sockets (/proc/net/tcp and tcp6; proc(5)).
package enum ListeningPorts {
    /// TCP_LISTEN.
    private static let listens = Array("0A".utf8)
    /// Ports that are told of one sandbox.
    package static let maximum = 256

    /// Ports on which something listens, of any of the two families. Lines of another form are left out.
    package static func parse(_ table: [UInt8]) -> Set<UInt16> {
        var ports: Set<UInt16> = []
        for line in table.split(separator: UInt8(ascii: "\n")).dropFirst() {
            let columns = line.split(separator: UInt8(ascii: " "), maxSplits: 4)
            guard columns.count > 3, columns[3].elementsEqual(listens),
                let colon = columns[1].lastIndex(of: UInt8(ascii: ":")),
                let port = number(columns[1][(colon + 1)...]), port > 0
            else { continue }
            ports.insert(port)
            if ports.count == maximum { break }
        }
        return ports
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard digits.count == 4 else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
