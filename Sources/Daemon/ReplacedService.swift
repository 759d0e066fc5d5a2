internal import Foundation
internal import Glibc
internal import LinuxSystem

// The Glibc module leaves variadic functions out. With integer arguments alone this one is called like any other.
@_silgen_name("syscall")
private func rawSystemCall(_ number: Int, _ a: Int, _ b: Int, _ c: Int) -> Int

/// A running nestboxd whose place this one takes, where no service manager holds the listening sockets (`--replace PID`).
///
/// Its sockets are copied (pidfd_getfd(2)), which takes the rights of root; then it is told that others have them (SIGUSR2), and drains.
struct ReplacedService: Sendable {
    private let pid: Int32
    private let process: SharedDescriptor

    /// - Throws: when it is not there, or no nestboxd.
    init(pid text: String) throws(GivenSockets.Problem) {
        guard let pid = Int32(text), pid > 1 else {
            throw GivenSockets.Problem(
                description: "--replace: found \"\(text.prefix(40))\", allowed is the process id of a nestboxd")
        }
        self.pid = pid
        let path: String
        do throws(SystemCallError) {
            process = SharedDescriptor(try PidDescriptor.open(pid))
            path = try Files.readLink("/proc/\(pid)/exe")
        } catch {
            throw GivenSockets.Problem(description: "--replace: process \(pid) cannot be looked at, as root: \(error)")
        }
        // A replaced file has " (deleted)" after its name.
        guard path.split(separator: "/").last?.split(separator: " ").first == "nestboxd" else {
            throw GivenSockets.Problem(description: "--replace: process \(pid) is \(path), and not nestboxd")
        }
    }

    /// Copies of its listening sockets; of those only that are in the network of this process, and so not of a sandbox.
    func sockets() throws(GivenSockets.Problem) -> GivenSockets {
        let listening = Self.listening(Self.text("/proc/self/net/tcp") + Self.text("/proc/self/net/tcp6"))
        var copies: [Int32] = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []
        for number in names.compactMap({ Int32($0) }).sorted() {
            guard let link = try? Files.readLink("/proc/\(pid)/fd/\(number)"), link.hasPrefix("socket:["),
                listening.contains(Substring(link.dropFirst(8).dropLast()))
            else { continue }
            // pidfd_getfd; the number is the same on every architecture.
            let copy = rawSystemCall(438, Int(process.number), Int(number), 0)
            guard copy >= 0 else {
                throw GivenSockets.Problem(
                    description:
                        "--replace: the sockets of process \(pid) cannot be taken: \(errnoDescription(errno)); "
                        + "it takes root with CAP_SYS_PTRACE, and Linux 5.6")
            }
            copies.append(Int32(copy))
        }
        guard !copies.isEmpty else {
            throw GivenSockets.Problem(description: "--replace: process \(pid) listens nowhere")
        }
        return try GivenSockets(copies)
    }

    /// Tells it to leave, as the user it runs as, or as root: it accepts nothing more, lets its runs end, and ends.
    func leave() throws(GivenSockets.Problem) {
        do throws(SystemCallError) {
            try PidDescriptor.signal(process.number, SIGUSR2)
        } catch {
            let advice = error.errno == EPERM ? "; it runs as another user than this one is to (user)" : ""
            throw GivenSockets.Problem(
                description: "--replace: process \(pid) cannot be told to leave: \(error)\(advice)")
        }
    }

    /// The inodes of listening sockets in tables like /proc/net/tcp, whose fourth column is the state and whose tenth the inode.
    static func listening(_ tables: String) -> Set<Substring> {
        Set(
            tables.split(separator: "\n").compactMap { line in
                let columns = line.split(separator: " ")
                return columns.count > 9 && columns[3] == "0A" ? columns[9] : nil
            })
    }

    private static func text(_ path: String) -> String {
        do throws(SystemCallError) {
            return String(decoding: try Files.read(path, limit: 64 << 20), as: UTF8.self)
        } catch {
            return ""
        }
    }
}
