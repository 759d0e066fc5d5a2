internal import CgroupDiscovery
internal import LinuxSystem

/// The processes of a group.
enum CgroupProcesses {
    /// Enough for every pid there can be in a sandbox: 16,384 of at most 8 bytes.
    private static let maximumBytes = 262_144

    static func list(_ path: String, at directory: Int32 = Files.workingDirectory) throws(SystemCallError) -> [Int32] {
        KernelText.pids(try Files.read(path, at: directory, limit: maximumBytes)[...])
    }

    /// Who is in a group, for a message: a few processes, their states, and where in the kernel they wait.
    static func describe(_ pids: [Int32]) -> String {
        let shown = pids.prefix(4).map { pid in
            let state = field(3, of: "/proc/\(pid)/stat").map { ", state \($0)" } ?? ""
            let place = text("/proc/\(pid)/wchan")
            return "pid \(pid)\(state)" + (place.isEmpty || place == "0" ? "" : " in \(place)")
        }
        if shown.isEmpty { return "no process is listed" }
        return shown.joined(separator: "; ") + (pids.count > 4 ? "; and \(pids.count - 4) more" : "")
    }

    /// The same of a group and those right below it.
    static func describe(below path: String) -> String {
        func listed(_ path: String) -> [Int32] {
            do throws(SystemCallError) { return try list("\(path)/cgroup.procs") } catch { return [] }
        }
        var pids = listed(path)
        do throws(SystemCallError) {
            for child in try Files.subdirectories(of: try Files.openDirectory(path)).prefix(64) where pids.count < 64 {
                pids += listed("\(path)/\(child)")
            }
        } catch {}
        return describe(pids)
    }

    /// The kernel's words alone: nothing that a program could have chosen.
    private static func text(_ path: String) -> String {
        do throws(SystemCallError) {
            let bytes = try Files.read(path, limit: 64)
            return String(decoding: bytes.filter { 0x21...0x7e ~= $0 }, as: UTF8.self)
        } catch {
            return ""
        }
    }

    /// A field of /proc/PID/stat after the command, which is in parentheses.
    private static func field(_ number: Int, of path: String) -> String? {
        do throws(SystemCallError) {
            let bytes = try Files.read(path, limit: 1024)
            guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
            let fields = bytes[(end + 1)...].split(separator: UInt8(ascii: " "))
            return fields.count > number - 3 ? String(decoding: fields[number - 3], as: UTF8.self) : nil
        } catch {
            return nil
        }
    }
}
