import Testing

@testable import RunExecution

@Suite("The last bytes of an output")
struct ByteTailTests {
    @Test("They are kept in bounded memory")
    func bounded() {
        var tail = ByteTail()
        for index in 0..<10_000 { tail.add(Array("\(index),".utf8)) }
        #expect(tail.bytes.count == ByteTail.size && tail.bytes.suffix(5) == Array("9999,".utf8))
    }
}
