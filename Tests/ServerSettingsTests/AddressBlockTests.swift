import Testing

@testable import ServerSettings

@Suite("Blocks of addresses")
struct AddressBlockTests {
    @Test("are read to bytes and the number of bits that count")
    func values() throws {
        let four = try #require(AddressBlock("10.1.0.0/16"))
        #expect(four.address == [10, 1, 0, 0] && four.prefixLength == 16)
        let one = try #require(AddressBlock("192.0.2.1"))
        #expect(one.address == [192, 0, 2, 1] && one.prefixLength == 32)
        let six = try #require(AddressBlock("fd00::/8"))
        #expect(six.address == [0xfd] + [UInt8](repeating: 0, count: 15) && six.prefixLength == 8)
        #expect(try #require(AddressBlock("::1")).prefixLength == 128)
        #expect(try #require(AddressBlock("0.0.0.0/0")).prefixLength == 0)
    }

    @Test(
        "are refused when an address or a length is none",
        arguments: [
            "", "/", "/8", "10.0.0.0/", "10.0.0/8", "10.0.0.0/33", "::/129", "::ffff:10.0.0.0/104", " 10.0.0.1",
        ])
    func refused(text: String) {
        #expect(AddressBlock(text) == nil)
    }

    @Test("every setting fills a value of its own, so that none is read from another's place")
    func everySettingCounts() throws {
        let settings = try SettingsFixture().settings([
            "--max-running-runs=11", "--max-queued-runs=12", "--max-running-per-client=10", "--running-share=13",
            "--max-queued-per-client=14", "--rate-per-minute=15", "--rate-burst=16", "--ws-messages-per-second=17",
            "--max-connections=18", "--max-connections-per-address=19", "--max-body=1MiB", "--max-message=2MiB",
            "--body-memory=3MiB", "--websocket-compression=false", "--header-timeout=21s", "--body-timeout=22s",
            "--body-rate=23", "--idle-timeout=24s", "--send-timeout=25s", "--pool-sandboxes=26", "--pool-memory=4MiB",
            "--run-buffer=5MiB", "--artifact-bytes=6MiB", "--compile-cache=7MiB", "--finished-runs=27",
            "--finished-bytes=8MiB", "--finished-for=28s", "--queue-timeout=29s", "--start-timeout=31s",
            "--test-run-interval=32s", "--shutdown-grace=33s",
        ])
        let (limits, times, second) = (settings.limits, settings.timeouts, Int64(1_000_000_000))
        #expect(
            [
                limits.running, limits.queued, limits.runningPerClient, limits.runningShare, limits.queuedPerClient,
                limits.requestsPerMinute, limits.requestBurst, limits.messagesPerSecond, limits.connections,
                limits.connectionsPerAddress, times.bodyRate, limits.parkedSandboxes, limits.finishedRuns,
            ] == [11, 12, 10, 13, 14, 15, 16, 17, 18, 19, 23, 26, 27])
        #expect(
            [
                limits.body, limits.message, limits.bodyMemory, limits.parkedMemory, limits.runBuffer,
                limits.artifacts, limits.compileCache, limits.finishedMemory,
            ] == (1...8).map { $0 << 20 })
        #expect(
            [
                times.header, times.body, times.idle, times.send, times.finished, times.queue, times.start,
                times.testRun, times.shutdown,
            ] == [21, 22, 24, 25, 28, 29, 31, 32, 33].map { $0 * second })
        #expect(!settings.listen.compressesMessages)
    }
}
