internal import Policies
package import RunModel
internal import SandboxSpec

/// Checks the files of a request: names, number, size, and that they do not stand in each other's way.
enum RunFiles {
    /// - Parameters:
    ///   - mainFile: what the source is called when the request does not say.
    ///   - disk: how many bytes fit.
    static func check(_ request: RunRequest, mainFile: BoxPath, disk: Int64) throws(APIError) -> [RunPlan.File] {
        let count = request.files.count + 1
        guard count <= RunRequest.maximumFiles else {
            throw APIError(
                .invalidRequest, "files: found \(count), allowed at most \(RunRequest.maximumFiles) with the source")
        }
        guard !request.source.content.isEmpty else {
            throw APIError(.sourceEmpty, "the source is empty: there is nothing to run")
        }
        var files = [try file(request.source, path: request.source.path.isEmpty ? mainFile.description : nil)]
        for wanted in request.files { files.append(try file(wanted)) }

        var seen: Set<String> = []
        for file in files where !seen.insert(file.path.description).inserted {
            throw APIError(
                .invalidFileName, "file name \"\(file.path)\" is there twice", details: ["path": file.path.description])
        }
        for file in files {
            var parent = file.path.description[...]
            while let slash = parent.lastIndex(of: "/") {
                parent = parent[..<slash]
                if seen.contains(String(parent)) {
                    throw APIError(
                        .invalidFileName, "file name \"\(parent)\" is a file and a folder at once",
                        details: ["path": file.path.description])
                }
            }
        }
        let bytes = files.reduce(Int64(0)) { $0 + Int64($1.content.count) }
        if bytes > disk { throw tooLarge(count == 1 ? "the source" : "the files together", bytes: bytes, disk: disk) }
        return files
    }

    private static func file(_ file: RunRequest.File, path: String? = nil) throws(APIError) -> RunPlan.File {
        do {
            return RunPlan.File(
                path: try BoxPath(path ?? file.path), content: file.content, executable: file.executable)
        } catch {
            throw APIError(.invalidFileName, error.description)
        }
    }

    static func tooLarge(_ what: String, bytes: Int64, disk: Int64) -> APIError {
        let size = LimitText.formatRounded(bytes, of: .disk)
        return APIError(
            .sourceTooLarge,
            "\(what) has \(bytes) bytes (\(size)), the disk limit is \(LimitText.format(disk, of: .disk))",
            details: ["bytes": String(bytes), "limit": String(disk)])
    }
}

extension APIError {
    /// Something that is to be uploaded and does not fit into the sandbox.
    package static func tooLarge(_ what: String, bytes: Int64, disk: Int64) -> APIError {
        RunFiles.tooLarge(what, bytes: bytes, disk: disk)
    }
}
