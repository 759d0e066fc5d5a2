import Glibc
import LinuxSystem
import Testing

@Suite("Packet sockets")
struct PacketSocketTests {
    @Test("keep the boundaries of packets")
    func boundaries() throws {
        let pair = try PacketSocket.pair()
        try PacketSocket.send([1, 2, 3], on: pair.first.number)
        try PacketSocket.send([4], on: pair.first.number)
        let first = try PacketSocket.receive(on: pair.second.number, limit: 100, maximumDescriptors: 0)
        let second = try PacketSocket.receive(on: pair.second.number, limit: 1, maximumDescriptors: 0)
        #expect(first.bytes == [1, 2, 3])
        #expect(second.bytes == [4])
    }

    @Test("say by an empty packet that the peer is gone")
    func end() throws {
        let pair = try PacketSocket.pair()
        let mine = pair.takeFirst()
        let packet = try PacketSocket.receive(on: mine.number, limit: 100, maximumDescriptors: 4)
        #expect(packet.bytes.isEmpty)
        #expect(errnoOf { try PacketSocket.send([1], on: mine.number) } == EPIPE)
    }

    @Test("do not wait when told not to")
    func noWaiting() throws {
        let pair = try PacketSocket.pair()
        let (reading, writing) = (pair.first.number, pair.second.number)
        #expect(
            errnoOf {
                _ = try PacketSocket.receive(on: reading, limit: 10, maximumDescriptors: 0, wait: false)
            } == EAGAIN)
        let packet = [UInt8](repeating: 7, count: 4096)
        var sent = 0
        while errnoOf({ try PacketSocket.send(packet, on: writing, wait: false) }) == 0 { sent += 1 }
        #expect((1...100_000).contains(sent))
        #expect(errnoOf { try PacketSocket.send(packet, on: writing, wait: false) } == EAGAIN)
        // Nothing of what was refused has arrived, and room is there again.
        for _ in 0..<sent { _ = try PacketSocket.receive(on: reading, limit: 4096, maximumDescriptors: 0) }
        #expect(!isReadable(reading))
        #expect(errnoOf { try PacketSocket.send(packet, on: writing, wait: false) } == 0)
    }

    @Test("refuse an empty packet, which would look like the end")
    func empty() throws {
        let pair = try PacketSocket.pair()
        let number = pair.first.number
        #expect(errnoOf { try PacketSocket.send([], on: number) } == EINVAL)
    }

    @Test("take descriptors along, in order and close-on-exec")
    func descriptors() throws {
        let pair = try PacketSocket.pair()
        let one = try Pipe.make()
        let two = try Pipe.make()
        try PacketSocket.send([1], descriptors: [one.second.number, two.second.number], on: pair.first.number)
        var packet = try PacketSocket.receive(on: pair.second.number, limit: 10, maximumDescriptors: 2)
        #expect(packet.descriptors.count == 2)
        let received = packet.descriptors.take()
        #expect(packet.descriptors.count == 1)
        let number = received.borrowedNumber ?? -1
        #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
        #expect(write(number, [42], 1) == 1)
        #expect(isReadable(one.first.number) && !isReadable(two.first.number))
    }

    @Test("close the descriptors that nobody takes")
    func untaken() throws {
        let pair = try PacketSocket.pair()
        let pipe = try OpenPipe()
        try PacketSocket.send([1], descriptors: [pipe.writer], on: pair.first.number)
        pipe.closeWriter()
        #expect(!isReadable(pipe.reader), "one is on its way")
        do {
            let packet = try PacketSocket.receive(on: pair.second.number, limit: 10, maximumDescriptors: 1)
            #expect(packet.descriptors.count == 1)
        }
        #expect(isReadable(pipe.reader), "end of file")
    }

    @Test("refuse packets that are too long, and close what came along")
    func truncation() throws {
        let pair = try PacketSocket.pair()
        let pipe = try OpenPipe()
        try PacketSocket.send([1, 2, 3], descriptors: [pipe.writer], on: pair.first.number)
        try PacketSocket.send([4], on: pair.first.number)
        pipe.closeWriter()
        let number = pair.second.number
        #expect(
            errnoOf { _ = try PacketSocket.receive(on: number, limit: 2, maximumDescriptors: 4) } == EMSGSIZE)
        #expect(isReadable(pipe.reader), "end of file: the descriptor was closed")
        // The next packet is untouched.
        let packet = try PacketSocket.receive(on: number, limit: 2, maximumDescriptors: 4)
        #expect(packet.bytes == [4] && packet.descriptors.count == 0)
    }

    @Test("refuse more descriptors than are wanted, and close them all", arguments: [0, 1, 2])
    func tooMany(wanted: Int) throws {
        let pair = try PacketSocket.pair()
        let pipe = try OpenPipe()
        let copies = [pipe.writer, pipe.writer, pipe.writer]
        try PacketSocket.send([1], descriptors: copies, on: pair.first.number)
        pipe.closeWriter()
        let number = pair.second.number
        #expect(
            errnoOf { _ = try PacketSocket.receive(on: number, limit: 10, maximumDescriptors: wanted) } == EMSGSIZE)
        #expect(isReadable(pipe.reader), "end of file: all three were closed")
    }

    @Test("send sixteen descriptors and no more")
    func bound() throws {
        let pair = try PacketSocket.pair()
        let number = pair.first.number
        let sixteen = [Int32](repeating: number, count: 16)
        #expect(errnoOf { try PacketSocket.send([1], descriptors: sixteen + [number], on: number) } == EMSGSIZE)
        try PacketSocket.send([1], descriptors: sixteen, on: number)
        let packet = try PacketSocket.receive(on: pair.second.number, limit: 10, maximumDescriptors: 16)
        #expect(packet.descriptors.count == 16)
    }

    @Test("keep everything when a descriptor is bad")
    func badDescriptor() throws {
        let pair = try PacketSocket.pair()
        let (reading, writing) = (pair.second.number, pair.first.number)
        #expect(errnoOf { try PacketSocket.send([1], descriptors: [-1], on: writing) } == EBADF)
        #expect(!isReadable(reading))
    }

    @Test("hold more when they are told to")
    func growing() throws {
        func capacity(_ bytes: Int32?) throws -> Int {
            let pair = try PacketSocket.pair()
            let number = pair.first.number
            if let bytes { growSendBuffer(number, bytes: bytes) }
            var sent = 0
            while errnoOf({ try PacketSocket.send([1, 2, 3], on: number, wait: false) }) == 0 { sent += 1 }
            return sent
        }
        let (normal, large) = (try capacity(nil), try capacity(2_097_152))
        #expect(large > normal)
    }
}
