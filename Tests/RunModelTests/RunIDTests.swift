import RunModel
import Testing

@Suite struct RunIDTests {
    @Test func idsAre128RandomBitsInHex() throws {
        struct Counting: RandomNumberGenerator {
            var value: UInt64 = 0
            mutating func next() -> UInt64 {
                value += 1
                return value
            }
        }
        var generator = Counting()
        #expect(RunID(using: &generator).description == "00000000000000010000000000000002")
        #expect(Set((0..<1000).map { _ in RunID() }).count == 1000)
        #expect(RunID("0123456789abcdef0123456789ABCDEF") == nil)
        #expect(RunID("0123456789abcdef") == nil)
        #expect(RunID(RunID().description) != nil)
    }
}
