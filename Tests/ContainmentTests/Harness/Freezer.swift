internal import Foundation

/// Makes processes deaf to SIGKILL, as one is that waits in the kernel: a frozen group of the v1 freezer dies when it is
/// thawed, not before.
final class Freezer {
    private static let mount = "/sys/fs/cgroup/freezer"
    static let isThere = access("\(mount)/cgroup.procs", W_OK) == 0

    private let path = "\(Freezer.mount)/nbfreeze-\(Host.token())"

    init(_ pids: [Int32]) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        for pid in pids { try write("\(pid)", to: "cgroup.procs") }
        try write("FROZEN", to: "freezer.state")
        for _ in 0..<1000 where Host.text("\(path)/freezer.state") != "FROZEN\n" { usleep(1000) }
        guard Host.text("\(path)/freezer.state") == "FROZEN\n" else {
            throw LiveSandbox.TimedOut(description: "not frozen: \(Host.text("\(path)/freezer.state") ?? "")")
        }
    }

    deinit {
        thaw()
    }

    func thaw() {
        guard access(path, F_OK) == 0 else { return }
        try? write("THAWED", to: "freezer.state")
        for _ in 0..<2000 where rmdir(path) != 0 {
            // What survives goes back to the root of the hierarchy.
            for pid in (Host.text("\(path)/cgroup.procs") ?? "").split(separator: "\n") {
                try? String(pid).write(toFile: "\(Self.mount)/cgroup.procs", atomically: false, encoding: .utf8)
            }
            usleep(1000)
        }
    }

    private func write(_ text: String, to file: String) throws {
        try text.write(toFile: "\(path)/\(file)", atomically: false, encoding: .utf8)
    }
}
