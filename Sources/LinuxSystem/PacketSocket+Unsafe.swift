internal import CLinux
internal import Glibc

/// A message on a SOCK_SEQPACKET socket, with the descriptors that came along.
package struct Packet: ~Copyable, Sendable {
    package let bytes: [UInt8]
    package var descriptors: DescriptorList

    init(bytes: [UInt8], descriptors: consuming DescriptorList) {
        self.bytes = bytes
        self.descriptors = descriptors
    }

    /// Gives up the bytes for the descriptors.
    package consuming func takeDescriptors() -> DescriptorList { descriptors }
}

/// Received descriptors. What is not taken is closed with the list.
package struct DescriptorList: ~Copyable, Sendable {
    private var numbers: [Int32]
    private var next = 0

    init(owning numbers: [Int32]) {
        self.numbers = numbers
    }

    package var count: Int { numbers.count - next }

    /// The next descriptor, which is the caller's from now on.
    package mutating func take() -> OwnedDescriptor? {
        guard next < numbers.count else { return nil }
        defer { next += 1 }
        return OwnedDescriptor(owning: numbers[next])
    }

    deinit {
        for number in numbers[next...] { _ = close(number) }
    }
}

/// SOCK_SEQPACKET sockets: message boundaries kept, descriptors passed by SCM_RIGHTS.
package enum PacketSocket {
    /// Two connected sockets, close-on-exec.
    package static func pair() throws(SystemCallError) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        // SAFETY: the shim writes two descriptors into an array of two.
        try check(unsafe nestbox_socketpair(&ends), "socketpair")
        return DescriptorPair(first: OwnedDescriptor(owning: ends[0]), second: OwnedDescriptor(owning: ends[1]))
    }

    /// Sends one packet. `wait: false` fails with EAGAIN instead of blocking.
    package static func send(
        _ bytes: [UInt8], descriptors: [Int32] = [], on socket: Int32, wait: Bool = true
    ) throws(SystemCallError) {
        let flags = wait ? 0 : Int32(MSG_DONTWAIT)
        // SAFETY: both buffers are as long as their counts say; the shim only reads them.
        let result = unsafe bytes.withUnsafeBytes { body in
            unsafe descriptors.withUnsafeBufferPointer { list in
                // An empty packet would read as the end of the connection.
                guard unsafe !body.isEmpty, let base = body.baseAddress else { return -EINVAL }
                return unsafe nestbox_send(socket, base, body.count, list.baseAddress, list.count, flags)
            }
        }
        try check(result, "sendmsg")
    }

    /// Receives one packet of at most `limit` bytes and `maximumDescriptors`; longer ones fail with EMSGSIZE.
    /// An empty packet means that the peer has closed.
    package static func receive(
        on socket: Int32, limit: Int, maximumDescriptors: Int, wait: Bool = true
    ) throws(SystemCallError) -> Packet {
        let flags = wait ? 0 : Int32(MSG_DONTWAIT)
        var taken: [Int32] = Array(repeating: -1, count: 16)
        var count = 0
        var received: Int32 = 0
        // SAFETY: the array has room for `limit` bytes and is cut to what was received; the shim writes at most
        // `maximumDescriptors`, which is below the 16 that `taken` holds.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { body, filled in
            received = unsafe taken.withUnsafeMutableBufferPointer { list in
                guard let base = body.baseAddress else { return -EINVAL }
                return unsafe nestbox_receive(
                    socket, base, limit, list.baseAddress, min(maximumDescriptors, 16), &count, flags)
            }
            filled = Int(max(0, received))
        }
        try check(received, "recvmsg")
        return Packet(bytes: bytes, descriptors: DescriptorList(owning: Array(taken.prefix(count))))
    }
}
