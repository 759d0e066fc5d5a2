import SandboxSpec
import TestSupport
import Testing

@testable import ConfigurationFiles

@Suite("Quantities")
struct QuantityTests {
    @Test(
        "are read in their limit's unit",
        arguments: [
            (.cpu, "5s", 5_000_000_000), (.cpu, "250ms", 250_000_000), (.cpu, "1.5s", 1_500_000_000),
            (.wall, "2m", 120_000_000_000), (.wall, "1h", 3_600_000_000_000), (.wall, "24h", 86_400_000_000_000),
            (.cpu, "0.001s", 1_000_000), (.cpu, "1.000000001s", 1_000_000_001), (.cpu, "007s", 7_000_000_000),
            (.memory, "256MiB", 268_435_456), (.memory, "1GiB", 1_073_741_824), (.memory, "8192KiB", 8_388_608),
            (.memory, "5MB", 5_000_000), (.memory, "1GB", 1_000_000_000), (.memory, "4194304B", 4_194_304),
            (.memory, "5000kB", 5_000_000), (.memory, "0.5GiB", 536_870_912), (.memory, "1024GiB", 1_099_511_627_776),
            (.memory, "4.0000003MiB", 4_194_304),
            (.processes, "64", 64), (.inodes, "8192", 8192), (.cpus, "1.0", 1000), (.cpus, "0.5", 500),
            (.cpus, "2", 2000),
            (.cpus, "0.01", 10),
        ] as [(LimitName, String, Int64)])
    func values(name: LimitName, text: String, value: Int64) throws {
        #expect(try LimitText.parse(text, for: name) == value)
    }

    @Test(
        "without a unit, or with a wrong one, name the units",
        arguments: [
            (.cpu, "5"), (.cpu, "5 s"), (.cpu, "5S"), (.cpu, "5sec"), (.cpu, "5us"), (.cpu, ""), (.cpu, "s"),
            (.cpu, "-5s"),
            (.cpu, "+5s"), (.cpu, "1e3s"), (.cpu, "0x10s"), (.cpu, "nan"), (.cpu, "NaNs"), (.cpu, "inf"), (.cpu, ".5s"),
            (.cpu, "5.s"), (.cpu, "1.2.3s"), (.cpu, "5s "), (.cpu, "٥s"), (.cpu, "5s\0"), (.cpu, "256MiB"),
            (.cpu, "1_000ms"), (.memory, "256"), (.memory, "256mb"), (.memory, "256M"), (.memory, "5s"),
            (.memory, "1e9B"),
            (.processes, "64.0"), (.processes, "-1"), (.processes, "64p"), (.cpus, "50%"), (.cpus, "1,5"),
        ] as [(LimitName, String)])
    func units(name: LimitName, text: String) {
        do throws(InvalidQuantity) {
            let value = try LimitText.parse(text, for: name)
            Issue.record("\(text) was read as \(value)")
        } catch {
            #expect(error.allowed == QuantityKind(name.unit).form)
            #expect(error.found == ConfigurationDiagnostic.quote(text))
        }
    }

    @Test(
        "outside the range name the range",
        arguments: [
            (.cpu, "0s", "1ms to 24h"), (.cpu, "0.0001ms", "1ms to 24h"), (.cpu, "25h", "1ms to 24h"),
            (.cpu, "99999999999999999999999999999999h", "1ms to 24h"), (.cpu, "9223372036854775807h", "1ms to 24h"),
            (.cpu, "999999999999999999h", "1ms to 24h"), (.cpu, "1.0000000000001s", "1ms to 24h"),
            (.memory, "0B", "4MiB to 1024GiB"), (.memory, "1B", "4MiB to 1024GiB"),
            (.memory, "9999999999GiB", "4MiB to 1024GiB"),
            (.memory, "17179869184GiB", "4MiB to 1024GiB"), (.processes, "0", "1 to 16384"),
            (.processes, "18446744073709551617", "1 to 16384"), (.cpus, "0", "0.01 to 1024.0"),
            (.cpus, "0.0", "0.01 to 1024.0"),
            (.cpus, "2000.0", "0.01 to 1024.0"), (.output, "2GiB", "1B to 1GiB"), (.openFiles, "7", "8 to 65536"),
        ] as [(LimitName, String, String)])
    func ranges(name: LimitName, text: String, allowed: String) {
        #expect(throws: InvalidQuantity(found: "\"\(text)\"", allowed: allowed)) {
            try LimitText.parse(text, for: name)
        }
    }

    @Test("suggest the unit that was meant")
    func hints() {
        #expect(
            throws: InvalidQuantity(
                found: "\"256mib\"", allowed: QuantityKind.bytes.form, hint: "did you mean \"MiB\"?")
        ) {
            try LimitText.parse("256mib", for: .memory)
        }
    }

    @Test("percent is whole and from 1 to 100")
    func percent() throws {
        #expect(try Quantity.parse("80%", as: .percent, in: 1...100) == 80)
        for text in ["80", "0%", "101%", "80.5%", "%", "-1%"] {
            #expect(throws: InvalidQuantity.self) { try Quantity.parse(text, as: .percent, in: 1...100) }
        }
    }

    @Test(
        "are written the way they are read",
        arguments: [
            (.cpu, 1_500_000_000, "1.5s"), (.cpu, 5_000_000_000, "5s"), (.cpu, 250_000_000, "250ms"),
            (.wall, 60_000_000_000, "1m"),
            (.wall, 90_000_000_000, "90s"), (.wall, 3_600_000_000_000, "1h"), (.cpu, 1_000_000_001, "1.000000001s"),
            (.memory, 268_435_456, "256MiB"), (.memory, 1_073_741_824, "1GiB"), (.memory, 1_610_612_736, "1536MiB"),
            (.memory, 5_000_000, "5MB"), (.memory, 4_194_305, "4194305B"), (.output, 1, "1B"), (.processes, 64, "64"),
            (.cpus, 1000, "1.0"), (.cpus, 500, "0.5"), (.cpus, 1250, "1.25"), (.cpu, 0, "0s"), (.memory, 0, "0B"),
        ] as [(LimitName, Int64, String)])
    func formats(name: LimitName, value: Int64, text: String) {
        #expect(LimitText.format(value, of: name) == text)
    }

    @Test("round measured values for reading")
    func rounded() {
        #expect(LimitText.formatRounded(1_273_456_789, of: .cpu) == "1.273s")
        #expect(LimitText.formatRounded(1_234_567, of: .cpu) == "1.235ms")
        #expect(LimitText.formatRounded(64_424_509, of: .memory) == "61.44MiB")
        #expect(LimitText.formatRounded(1001, of: .memory) == "1001B")
        for value in [Int64.min, -1, 0, 1, .max] {
            for kind in QuantityKind.allCases {
                #expect(!Quantity.format(value, as: kind).isEmpty)
                #expect(!Quantity.format(value, as: kind, rounded: true).isEmpty)
            }
        }
    }

    @Test("survive being written and read again")
    func roundTrip() throws {
        var random = SeededGenerator(seed: 7)
        for name in LimitName.allCases {
            for _ in 0..<500 {
                let value = Int64.random(in: name.range, using: &random)
                #expect(try LimitText.parse(LimitText.format(value, of: name), for: name) == value)
            }
            for value in [name.range.lowerBound, name.range.upperBound] {
                #expect(try LimitText.parse(LimitText.format(value, of: name), for: name) == value)
            }
        }
    }

    @Test("never trap, whatever the bytes, and never leave the range")
    func fuzz() {
        var random = SeededGenerator(seed: 42)
        let pieces = [
            "0", "9", "1", ".", "s", "ms", "h", "KiB", "GiB", "B", "%", "-", "e", "999999999", "000000000000", "é",
            "\0",
        ]
        for round in 0..<4000 {
            let text: String
            if round % 3 == 0 {
                let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                text = String(decoding: bytes, as: UTF8.self)
            } else {
                let count = Int.random(in: 1...7, using: &random)
                text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            }
            for name in LimitName.allCases {
                if let value = try? LimitText.parse(text, for: name) {
                    #expect(name.range.contains(value), "\(text.debugDescription) for \(name)")
                }
                _ = try? LimitText.assignment("\(name.rawValue)=\(text)")
            }
            _ = try? LimitText.assignment(text)
        }
    }

    @Test("assignments of the command line")
    func assignments() throws {
        let cpu = try LimitText.assignment("cpu=2s")
        #expect(cpu.name == .cpu && cpu.value == 2_000_000_000)
        #expect(try LimitText.assignment("file_size=1MiB").name == .fileSize)
        let cases = [
            ("cpu", "found \"cpu\", allowed NAME=VALUE, such as cpu=2s (add a value: cpu=…)"),
            (
                "cup=2s",
                "found the limit \"cup\", allowed cpu, wall, idle, memory, stack, processes, output, disk, inodes, "
                    + "file_size, open_files, cpus (did you mean \"cpu\"?)"
            ),
            ("cpu=2", "found cpu \"2\", allowed a number with a unit (ms, s, m or h), such as 1.5s"),
            ("cpu=", "found cpu \"\", allowed a number with a unit (ms, s, m or h), such as 1.5s"),
            (
                "memory=2TiB",
                "found memory \"2TiB\", allowed a number with a unit (B, KiB, MiB, GiB, kB, MB or GB), "
                    + "such as 256MiB (did you mean \"GiB\"?)"
            ),
            ("cpu=48h", "found cpu \"48h\", allowed 1ms to 24h"),
        ]
        for (text, message) in cases {
            do throws(InvalidQuantity) {
                _ = try LimitText.assignment(text)
                Issue.record("\(text) was taken")
            } catch {
                #expect(error.description == message)
            }
        }
    }
}
