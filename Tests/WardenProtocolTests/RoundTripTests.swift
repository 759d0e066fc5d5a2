internal import SandboxSpec
internal import Testing
internal import WardenProtocol

@Suite("messages survive the wire")
struct RoundTripTests {
    @Test func everyRequest() throws {
        for request in try Samples.requests() {
            let bytes = try request.encoded()
            #expect(try Request(decoding: bytes) == request)
        }
    }

    @Test func everyEvent() throws {
        for event in try Samples.events() {
            let bytes = try event.encoded()
            #expect(try Event(decoding: bytes) == event)
        }
    }

    @Test("the bytes themselves are fixed, so that a refactoring cannot change the protocol unnoticed")
    func layout() throws {
        #expect(try Request.hello(version: 0x0102_0304).encoded() == [1, 4, 3, 2, 1])
        #expect(try Request.activity(0x1122).encoded() == [8, 0x22, 0x11, 0, 0, 0, 0, 0, 0])
        #expect(
            try Request.upload(1, try BoxPath("ab"), executable: true).encoded()
                == [3, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 97, 98, 1])
        #expect(
            try Request.kill(1, .output(bytes: 258)).encoded()
                == [5, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0])
        #expect(try Event.welcome(version: 1, pid: 255).encoded() == [65, 1, 0, 0, 0, 255, 0, 0, 0])
        #expect(try Event.started(2).encoded() == [68, 2, 0, 0, 0, 0, 0, 0, 0])
        #expect(try Request.probe(0x1122).encoded() == [9, 0x22, 0x11, 0, 0, 0, 0, 0, 0])
        #expect(try Request.inquire.encoded() == [10])
        #expect(try Event.status(WardenStatus()).encoded() == [75] + [UInt8](repeating: 0, count: 40))
        #expect(try Event.input(3, isAwaited: true).encoded() == [74, 3, 0, 0, 0, 0, 0, 0, 0, 1])
    }

    @Test("every prefix of a message is refused, and every message with a byte more")
    func truncation() throws {
        for request in try Samples.requests() {
            let bytes = try request.encoded()
            for count in 0..<bytes.count {
                #expect(throws: ProtocolError.self) { try Request(decoding: Array(bytes.prefix(count))) }
            }
            #expect(throws: ProtocolError.self) { try Request(decoding: bytes + [0]) }
        }
        for event in try Samples.events() {
            let bytes = try event.encoded()
            for count in 0..<bytes.count {
                #expect(throws: ProtocolError.self) { try Event(decoding: Array(bytes.prefix(count))) }
            }
            #expect(throws: ProtocolError.self) { try Event(decoding: bytes + [0]) }
        }
    }

    @Test func directionsDoNotMix() throws {
        for request in try Samples.requests() {
            let bytes = try request.encoded()
            #expect(throws: ProtocolError.self) { try Event(decoding: bytes) }
        }
        for event in try Samples.events() {
            let bytes = try event.encoded()
            #expect(throws: ProtocolError.self) { try Request(decoding: bytes) }
        }
    }

    @Test func descriptorCounts() throws {
        let upload = Request.upload(1, try BoxPath("a"), executable: false)
        #expect(upload.descriptorCount == 1)
        #expect(Request.activity(1).descriptorCount == 0)
        #expect(throws: ProtocolError.self) { try upload.check(descriptorCount: 0) }
        try upload.check(descriptorCount: 1)
        for (count, fits) in [(0, false), (1, true), (2, true), (3, true), (4, true), (5, true), (8, true), (9, false)]
        {
            #expect(((try? Event.created(1).check(descriptorCount: count)) != nil) == fits)
        }
        try Event.artifact(1, try BoxPath("a"), bytes: 0).check(descriptorCount: 1)
        #expect(throws: ProtocolError.self) { try Event.started(1).check(descriptorCount: 1) }
    }
}
