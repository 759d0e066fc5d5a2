import Glibc
import LinuxSystem
import Testing

@Suite("Shared descriptors")
struct SharedDescriptorTests {
    @Test("are given to one owner, once")
    func taken() throws {
        let (reader, writer) = try Pipe.make().shared()
        let copy = writer
        let number = writer.number
        #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
        do {
            let owned = copy.take()
            let given = owned.borrowedNumber
            #expect(given == number)
            #expect(writer.number == -1)
            let second = writer.take().borrowedNumber
            #expect(second == nil)
            // What is not there any more can be closed.
            writer.close()
            #expect(!isReadable(reader.number), "the new owner keeps it open")
        }
        #expect(isReadable(reader.number), "end of file: closed with its new owner")
    }

    @Test("are closed on request, once")
    func closed() throws {
        let (reader, writer) = try Pipe.make().shared()
        let number = writer.number
        writer.close()
        #expect(isReadable(reader.number))
        #expect(writer.number == -1)
        // The number belongs to the next descriptor, which must stay open.
        let other = try MemoryFile.empty(name: "test")
        #expect(other.number == number)
        writer.close()
        #expect(fcntl(other.number, F_GETFD) == FD_CLOEXEC)
    }

    @Test("are closed with the last reference")
    func dropped() throws {
        let (reader, writer) = try Pipe.make().shared()
        var references = [writer, writer]
        _ = consume writer
        references.removeLast()
        #expect(!isReadable(reader.number))
        references.removeLast()
        #expect(isReadable(reader.number))
    }

    @Test("stay open while their number is lent")
    func lent() throws {
        let (reader, writer) = try Pipe.make().shared()
        #expect(writer.withNumber { write($0, [1], 1) } == 1)
        #expect(isReadable(reader.number))
        writer.close()
        #expect(writer.withNumber { $0 } == nil)
    }

    @Test("come one by one out of a packet")
    func received() throws {
        let pair = try PacketSocket.pair()
        let pipe = try Pipe.make()
        try PacketSocket.send([1], descriptors: [pipe.first.number, pipe.second.number], on: pair.first.number)
        var packet = try PacketSocket.receive(on: pair.second.number, limit: 16, maximumDescriptors: 2)
        let (first, second) = (packet.descriptors.takeShared(), packet.descriptors.takeShared())
        let third = packet.descriptors.takeShared()
        #expect(third == nil)
        let (reader, writer) = (try #require(first), try #require(second))
        #expect(write(writer.number, [1], 1) == 1)
        #expect(isReadable(reader.number))
    }

    @Test("have one taker among threads")
    func contended() throws {
        let shared = SharedDescriptor(try MemoryFile.empty(name: "test"))
        let takers = Counter()
        let done = Gate()
        let threads = 16
        for _ in 0..<threads {
            try DetachedThread.start {
                if shared.take().borrowedNumber != nil { takers.add() }
                done.open()
            }
        }
        for _ in 0..<threads { done.wait() }
        #expect(takers.value == 1)
    }
}
