internal import Foundation
internal import Testing

@Suite("The privileged executables")
struct BinaryTests {
    @Test("They build with no package resolved, and need the C library, libseccomp and libcap alone")
    func privilegedProducts() async throws {
        let build = try await PrivilegedBuild.run()
        #expect(build.resolvedPackages == [])
        let warden = try build.executable("nestbox-warden")
        #expect(BinaryGuard.warden(warden) == [])
        // The control: what was read is the dynamic section, and the search finds what is there.
        #expect(warden.needed.contains("libseccomp.so.2"))
        #expect(warden.contains("swift_retain"))
        #expect(BinaryGuard.zygote(try build.executable("nestbox-init")) == [])
    }

    // MARK: - The guards can fail

    @Test("A library too many is noticed")
    func libraries() throws {
        let good = try ELFFile(Self.executable(needed: ["libc.so.6", "libcap.so.2"], searchPath: "$ORIGIN"))
        #expect(good.needed == ["libc.so.6", "libcap.so.2"])
        #expect(BinaryGuard.warden(good) == [])
        let bad = try ELFFile(Self.executable(needed: ["libc.so.6", "libyaml-0.so.2"], searchPath: "$ORIGIN:/tmp"))
        #expect(BinaryGuard.warden(bad) == ["needs libyaml-0.so.2", "looks for libraries in /tmp"])
    }

    @Test("A zygote that is not static, not small or not C alone is noticed")
    func zygote() throws {
        let good = try ELFFile(Self.executable(needed: nil))
        #expect(BinaryGuard.zygote(good) == [])
        let dynamic = try ELFFile(Self.executable(needed: ["libc.so.6"]))
        #expect(BinaryGuard.zygote(dynamic) == ["has a dynamic section"])
        let swift = try ELFFile(Self.executable(needed: nil) + Array("\0swift_retain\0".utf8))
        #expect(BinaryGuard.zygote(swift) == ["contains swift_retain of the Swift runtime"])
        let large = try ELFFile(Self.executable(needed: nil) + [UInt8](repeating: 0, count: 2 << 20))
        #expect(BinaryGuard.zygote(large).count == 1)
        let loaded = try ELFFile(Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/bin/env"))))
        #expect(BinaryGuard.zygote(loaded).contains("asks for a dynamic loader"))
    }

    @Test("A file that is cut off is an error, wherever it is cut")
    func cutOff() throws {
        let whole = Self.executable(needed: ["libc.so.6"])
        for length in 0..<whole.count - 32 {
            #expect(throws: ELFFile.Malformed.self) { try ELFFile(Array(whole.prefix(length))) }
        }
    }

    /// The least that is an executable: a header, one PT_LOAD over everything, and a PT_DYNAMIC when asked for.
    private static func executable(needed: [String]?, searchPath: String? = nil) -> [UInt8] {
        func word(_ value: UInt64, _ width: Int = 8) -> [UInt8] { (0..<width).map { UInt8(value >> (8 * $0) & 0xff) } }
        func segment(_ type: UInt64, _ offset: UInt64, _ size: UInt64) -> [UInt8] {
            word(type, 4) + word(0, 4) + word(offset) + word(offset) + word(offset) + word(size) + word(size) + word(8)
        }
        let isDynamic = needed != nil
        var strings: [UInt8] = [0]
        var entries: [UInt8] = []
        let tags = (needed ?? []).map { (UInt64(1), $0) } + (searchPath.map { [(UInt64(29), $0)] } ?? [])
        for (tag, text) in tags {
            entries += word(tag) + word(UInt64(strings.count))
            strings += Array(text.utf8) + [0]
        }
        let dynamicOffset: UInt64 = 64 + (isDynamic ? 2 : 1) * 56
        let stringsOffset = dynamicOffset + UInt64(entries.count) + 32
        if isDynamic { entries += word(5) + word(stringsOffset) + word(0) + word(0) }
        strings += [UInt8](repeating: 0, count: 32)
        let body = isDynamic ? entries + strings : strings
        var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        file += word(2, 2) + word(62, 2) + word(1, 4) + word(0) + word(64) + word(0) + word(0, 4)
        file += word(64, 2) + word(56, 2) + word(isDynamic ? 2 : 1, 2) + word(0, 6)
        file += segment(1, 0, dynamicOffset + UInt64(body.count))
        if isDynamic { file += segment(2, dynamicOffset, UInt64(entries.count)) }
        return file + body
    }
}
