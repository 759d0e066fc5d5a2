internal import Glibc
internal import LinuxSystem
internal import RunModel
internal import RunPlanning

/// Reads the files a run needs from this machine, never more than fits into its sandbox.
enum InputFiles {
    /// - Parameters:
    ///   - what: what the file is for, as an error names it: `source`, `file data.csv`.
    ///   - disk: the run's disk limit in bytes.
    static func read(_ path: String, what: String, disk: Int64) throws(APIError) -> (content: [UInt8], executable: Bool)
    {
        guard !path.utf8.contains(0) else { throw unreadable(what, path, "the name contains a NUL byte") }
        do {
            let file = try Files.open(path, flags: O_RDONLY | O_NOCTTY | O_NONBLOCK)
            let status = try Files.status(of: file.number)
            switch status.kind {
            case .regular: break
            case .directory: throw unreadable(what, path, "it is a directory")
            case .symbolicLink, .other: throw unreadable(what, path, "it is not a regular file")
            }
            // Told before a byte of it is read.
            if status.size > disk { throw APIError.tooLarge("\(what) \(path)", bytes: status.size, disk: disk) }
            let content = try Files.read(file.number, limit: Int(status.size), name: path)
            return (content, status.permissions & 0o111 != 0)
        } catch let error as APIError {
            throw error
        } catch let error as SystemCallError {
            throw unreadable(what, path, reason(error.errno))
        } catch {
            throw unreadable(what, path, "\(error)")
        }
    }

    /// Plain words for what people meet every day.
    private static func reason(_ number: Int32) -> String {
        switch number {
        case ENOENT: "there is no such file"
        case EACCES, EPERM: "this user may not read it"
        case ENOTDIR: "a part of the path is no directory"
        case ELOOP: "its symbolic links lead in a circle"
        case ENAMETOOLONG: "the name is too long"
        default: errnoDescription(number)
        }
    }

    /// The source from our own stdin, to its end.
    static func readInput(disk: Int64) throws(APIError) -> [UInt8] {
        do {
            var content: [UInt8] = []
            // In pieces: what is not there takes no memory, and what does not fit is not waited for.
            while Int64(content.count) <= disk {
                let piece = try Files.read(Console.input, limit: 65_536, name: "stdin")
                if piece.isEmpty { return content }
                content += piece
            }
            throw APIError.tooLarge("the source on stdin", bytes: Int64(content.count), disk: disk)
        } catch let error as APIError {
            throw error
        } catch let error as SystemCallError {
            throw unreadable("source", "-", errnoDescription(error.errno))
        } catch {
            throw unreadable("source", "-", "\(error)")
        }
    }

    /// The file that becomes the program's stdin. It may be a device or a pipe.
    static func openInput(_ path: String) throws(APIError) -> SharedDescriptor {
        do {
            return SharedDescriptor(try Files.open(path, flags: O_RDONLY | O_NOCTTY))
        } catch {
            throw unreadable("stdin", path, reason(error.errno))
        }
    }

    private static func unreadable(_ what: String, _ path: String, _ reason: String) -> APIError {
        let shown = path.unicodeScalars.prefix(300).map { $0.escaped(asASCII: false) }.joined()
        return APIError(.fileUnreadable, "cannot read \(what) \(shown): \(reason)", details: ["path": shown])
    }
}
