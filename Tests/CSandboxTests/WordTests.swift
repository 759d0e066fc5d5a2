import CSandbox
import Glibc
import Testing

// Not in the public header: the sandbox side alone uses it.
@_silgen_name("nestbox_strings")
private func nestboxStrings(
    _ cursor: UnsafeMutablePointer<UnsafePointer<CChar>>, _ end: UnsafePointer<CChar>, _ count: UInt32,
    _ into: UnsafeMutablePointer<UnsafePointer<CChar>?>
) -> Int32

@Suite("Words between the warden and a sandbox")
struct WordTests {
    @Test("have one layout on both sides")
    func layout() {
        #expect(MemoryLayout<nestbox_fork_request>.size == 64)
        #expect(MemoryLayout<nestbox_fork_reply>.size == 20)
        #expect(MemoryLayout<nestbox_message>.size == 56)
        #expect(MemoryLayout<nestbox_job>.size == 40)
        #expect(MemoryLayout<nestbox_failure>.size == 12)
    }

    @Test("name each stage once")
    func stages() {
        var names: Set<String> = []
        for stage in 0..<UInt32(NESTBOX_STAGE_COUNT.rawValue) {
            let name = String(cString: nestbox_stage_name(stage))
            #expect(name.utf8.allSatisfy { (97...122).contains($0) || $0 == 95 }, "\(name)")
            #expect((1...64).contains(name.utf8.count))
            #expect(names.insert(name).inserted, "\(name) twice")
        }
        #expect(names.count == Int(NESTBOX_STAGE_COUNT.rawValue) && !names.contains("unknown"))
        #expect(String(cString: nestbox_stage_name(0)) == "none")
        #expect(String(cString: nestbox_stage_name(UInt32(NESTBOX_STAGE_seccomp.rawValue))) == "seccomp")
        #expect(String(cString: nestbox_stage_name(UInt32(NESTBOX_STAGE_init_died.rawValue))) == "init_died")
        for beyond in [UInt32(NESTBOX_STAGE_COUNT.rawValue), UInt32(NESTBOX_STAGE_COUNT.rawValue) + 1, .max] {
            #expect(String(cString: nestbox_stage_name(beyond)) == "unknown")
        }
    }

    /// Splits `text`, of which the last `hidden` bytes are there but not to be looked at.
    private func split(_ text: String, count: UInt32, hidden: Int = 0) -> (result: Int32, strings: [String], rest: Int)
    {
        let bytes = text.utf8.map { CChar(bitPattern: $0) }
        return bytes.withUnsafeBufferPointer { buffer in
            guard var cursor = buffer.baseAddress else { return (-1, [], 0) }
            let end = cursor + (buffer.count - hidden)
            // One more than asked for: the list ends in a null pointer.
            var list = [UnsafePointer<CChar>?](repeating: buffer.baseAddress, count: Int(count) + 1)
            let result = nestboxStrings(&cursor, end, count, &list)
            guard result == 0 else { return (result, [], end - cursor) }
            #expect(list[Int(count)] == nil)
            return (result, list.compactMap { $0.map { String(cString: $0) } }, end - cursor)
        }
    }

    @Test("split strings at their NULs")
    func strings() {
        #expect(split("ls\0-l\0\0tail\0", count: 4) == (0, ["ls", "-l", "", "tail"], 0))
        #expect(split("ls\0-l\0rest", count: 2) == (0, ["ls", "-l"], 4))
        #expect(split("rest", count: 0) == (0, [], 4))
        #expect(split("\0\0", count: 2) == (0, ["", ""], 0))
    }

    @Test("do not look past the end")
    func bounds() {
        #expect(split("ls\0-l", count: 2).result == -EINVAL)
        #expect(split("ls\0", count: 2).result == -EINVAL)
        #expect(split("x", count: 1).result == -EINVAL)
        #expect(split("ls\0-l\0", count: UInt32(3)).result == -EINVAL)
        // The NUL is there, one byte past the end.
        #expect(split("ls\0-l\0", count: 2, hidden: 1).result == -EINVAL)
        #expect(split("ls\0-l\0", count: 1, hidden: 6).result == -EINVAL)
    }

    @Test("bound the entries of a root view")
    func view() throws {
        let view = try #require(nestbox_view_create())
        defer { nestbox_view_free(view) }
        let long = String(repeating: "x", count: 512)
        #expect(nestbox_view_directory(view, long) == 0)
        #expect(nestbox_view_directory(view, long + "x") == -ENAMETOOLONG)
        for index in 1..<256 { #expect(nestbox_view_bind(view, "/usr", "usr\(index)") == 0) }
        #expect(nestbox_view_bind(view, "/usr", "usr") == -E2BIG)
        #expect(nestbox_view_symlink(view, "usr/bin", "bin") == -E2BIG)
        #expect(nestbox_view_file(view, "text", "file") == -E2BIG)
    }

    @Test("free a view that is not there")
    func freeNothing() {
        nestbox_view_free(nil)
    }
}
