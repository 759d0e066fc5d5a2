import Confinement
import Testing

@testable import CallTrace

/// Numbers in words, and that no number does harm.
@Suite struct MeaningTests {
    private func words(_ call: String, _ arguments: [UInt64], text: [UInt64: String] = [:]) -> String {
        CallDecoder.decode(call, arguments) { text[$0].map { Array($0.utf8) } }
            .map { "\($0.name)=\($0.value)\($0.claimed ? "?" : "")" }.joined(separator: " ")
    }

    @Test("arguments have their names")
    func names() {
        #expect(
            words("socket", [2, 0x80801, 6])
                == "domain=AF_INET type=SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK protocol=IPPROTO_TCP")
        #expect(words("clone", [0x1000_0000 | 17]) == "flags=CLONE_NEWUSER|0x11")
        #expect(words("ptrace", [16, 12]) == "request=PTRACE_ATTACH pid=12")
        #expect(words("prctl", [22]) == "option=PR_SET_SECCOMP")
        #expect(words("setsockopt", [3, 1, 26]) == "level=SOL_SOCKET option=SO_ATTACH_FILTER")
        #expect(words("unshare", [0x80]) == "flags=CLONE_NEWTIME")
        #expect(
            words("mount", [1, 2, 3, 1], text: [2: "/mnt", 3: "proc"])
                == "source=unreadable target=/mnt? type=proc? flags=MS_RDONLY")
    }

    @Test("only the half that the kernel takes counts")
    func halves() { #expect(words("socket", [0xffff_ffff_0000_0002, 1, 0]).hasPrefix("domain=AF_INET ")) }

    @Test("foreign text is printable and bounded")
    func text() {
        let shown = words("chroot", [1], text: [1: "/a\u{1b}[2J\n" + String(repeating: "x", count: 1000)])
        #expect(shown.count < 400 && shown.allSatisfy { $0.isASCII && !$0.isNewline && $0 != "\u{1b}" })
    }

    @Test("whatever the arguments are, the words are bounded")
    func random() {
        var generator = SystemRandomNumberGenerator()
        for (_, name) in SyscallTable.all {
            for _ in 0..<20 {
                let arguments = (0..<6).map { _ in UInt64.random(in: 0...UInt64.max, using: &generator) }
                let decoded = CallDecoder.decode(name, Array(arguments.prefix(Int.random(in: 0...6)))) { _ in
                    (0..<Int.random(in: 0...600)).map { _ in UInt8.random(in: 0...255) }
                }
                #expect(decoded.count <= 4 && decoded.allSatisfy { $0.value.utf8.count < 3000 })
            }
        }
    }

    @Test("the table of names is that of libseccomp")
    func table() {
        var compared = 0
        for (number, name) in SyscallTable.all {
            // Names that this libseccomp does not know yet cannot be compared.
            guard let known = syscallNumber(name) else { continue }
            #expect(known == number, "\(name)")
            compared += 1
        }
        #expect(compared > 350)
        #expect(SyscallTable.name(of: 400) == "syscall_400" && SyscallTable.name(of: .max) == "syscall_4294967295")
    }

    @Test("addresses of sockets")
    func addresses() {
        func shown(_ bytes: [UInt8]) -> String? { SocketAddress(bytes: bytes)?.description }
        #expect(shown([2, 0, 1, 187, 192, 0, 2, 1]) == "192.0.2.1:443")
        #expect(SocketAddress(bytes: [2, 0, 1, 187, 127, 0, 0, 1])?.isOwn == true)
        let six: [UInt8] = [10, 0, 0, 53, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
        #expect(shown(six) == "[2001:db8:0:0:0:0:0:1]:53")
        #expect(shown([1, 0] + Array("/run/x\0rest".utf8)) == "unix:/run/x")
        #expect(shown([1, 0, 0] + Array("abstract".utf8)) == "unix:@abstract")
        for length in 0..<30 { _ = shown((0..<length).map { _ in UInt8.random(in: 0...255) }) }
        #expect(shown([16, 0, 0, 0]) == nil && shown([2, 0, 1]) == nil && shown([]) == nil)
    }

    @Test("questions to name servers, and nothing else")
    func questions() {
        let head: [UInt8] = [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        let name: [UInt8] = [3] + Array("wWw".utf8) + [7] + Array("example".utf8) + [3] + Array("org".utf8) + [0]
        #expect(NameQuestion.name(in: head + name + [0, 1, 0, 1]) == "www.example.org")
        for length in 0..<(head.count + name.count + 3) {
            #expect(NameQuestion.name(in: Array((head + name + [0, 1, 0, 1]).prefix(length))) == nil)
        }
        #expect(NameQuestion.name(in: Array("GET / HTTP/1.1\r\nHost: x".utf8)) == nil)
        for _ in 0..<2000 {
            let bytes = head + (0..<Int.random(in: 0...300)).map { _ in UInt8.random(in: 0...255) }
            if let name = NameQuestion.name(in: bytes) { #expect(name.utf8.count <= 253) }
        }
    }

    @Test("what calls want with files")
    func files() throws {
        let open = try #require(FileCall.of("openat"))
        #expect(open.path == 1 && open.directory == 0)
        #expect(open.wish([0, 0, 0, 0, 0, 0]) == .read)
        #expect(open.wish([0, 0, 1, 0, 0, 0]) == .write)
        #expect(open.wish([0, 0, 0o101, 0, 0, 0]) == .create)
        #expect(open.wish([0, 0, 0x20_0000, 0, 0, 0]) == .look)
        #expect(open.wish([0, 0, 99, 0, 0, 0], how: 0) == .read)
        #expect(FileCall.of("execve")?.wish([]) == .execute && FileCall.of("read") == nil)
    }
}
