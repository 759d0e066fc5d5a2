/// Finds out where calls about sockets lead to, from the program's memory. Bounded; what it finds is what the program claims.
struct DestinationReader {
    /// Descriptors that are connected to a name server, whatever process they are of.
    private var nameServers: Set<Int32> = []
    private static let maximumServers = 64
    private static let maximumMessages = 4
    private static let maximumQuestion = 512
    private static let namePort: UInt16 = 53

    /// - Returns: what is outside of the sandbox.
    mutating func destinations(
        of call: String, _ arguments: [UInt64], _ memory: ProcessMemory
    ) -> [TraceLog.Destination] {
        let descriptor = Int32(truncatingIfNeeded: arguments[0])
        switch call {
        case "connect":
            let address = socketAddress(memory, arguments[1], arguments[2])
            return place(address, on: descriptor)
        case "sendto":
            let address = socketAddress(memory, arguments[4], arguments[5])
            return place(address, on: descriptor)
                + question(memory, arguments[1], arguments[2], to: address, on: descriptor)
        case "sendmsg": return message(memory, arguments[1], on: descriptor)
        case "sendmmsg":
            // Each is 64 bytes long (struct mmsghdr).
            let count = min(Int(truncatingIfNeeded: arguments[2] & 0xffff), Self.maximumMessages)
            return (0..<count).flatMap { message(memory, arguments[1] &+ UInt64(64 * $0), on: descriptor) }
        default: return []
        }
    }

    /// `struct msghdr`: the address and its length, the pieces and how many.
    private mutating func message(
        _ memory: ProcessMemory, _ header: UInt64, on descriptor: Int32
    ) -> [TraceLog.Destination] {
        guard let name = memory.word(at: header), let length = memory.word(at: header &+ 8),
            let pieces = memory.word(at: header &+ 16)
        else { return [] }
        let address = socketAddress(memory, name, length & 0xffff_ffff)
        guard let base = memory.word(at: pieces), let count = memory.word(at: pieces &+ 8) else {
            return place(address, on: descriptor)
        }
        return place(address, on: descriptor) + question(memory, base, count, to: address, on: descriptor)
    }

    private func socketAddress(_ memory: ProcessMemory, _ address: UInt64, _ length: UInt64) -> SocketAddress? {
        guard address != 0, let bytes = memory.bytes(at: address, count: Int(min(length & 0xffff_ffff, 128))) else {
            return nil
        }
        return SocketAddress(bytes: bytes)
    }

    private mutating func place(_ address: SocketAddress?, on descriptor: Int32) -> [TraceLog.Destination] {
        guard let address, !address.isLocal else { return [] }
        if address.port == Self.namePort {
            if nameServers.count < Self.maximumServers { nameServers.insert(descriptor) }
        } else {
            nameServers.remove(descriptor)
        }
        return address.isOwn ? [] : [TraceLog.Destination(kind: .address, place: address.description)]
    }

    private func question(
        _ memory: ProcessMemory, _ data: UInt64, _ length: UInt64, to address: SocketAddress?, on descriptor: Int32
    ) -> [TraceLog.Destination] {
        guard address?.port == Self.namePort || nameServers.contains(descriptor),
            let bytes = memory.bytes(at: data, count: Int(min(length, UInt64(Self.maximumQuestion)))),
            let name = NameQuestion.name(in: bytes)
        else { return [] }
        return [TraceLog.Destination(kind: .name, place: name)]
    }
}
