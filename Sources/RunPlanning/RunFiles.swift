internal import ConfigurationFiles
package import RunModel
internal import SandboxSpec

/// Checks the files of a request: names, number, size, and that they do not stand in each other's way.
enum RunFiles {
    /// The files as they will be written, the main one first. What is wrong is noted and left out.
    ///
    /// - Parameters:
    ///   - mainFile: what the main file is called; nil when that is not known.
    ///   - disk: how many bytes fit; nil when that is not known.
    static func check(
        _ named: RequestFiles, mainFile: BoxPath?, disk: Int64?, _ errors: inout RequestErrors
    ) -> [InlineFile] {
        let count = named.others.count + 1
        if count > RunRequest.maximumFiles {
            errors.note("files", "found \(count), allowed at most \(RunRequest.maximumFiles) with the source")
        }
        // Each with the field that names it.
        var files: [(file: InlineFile, field: String)] = []
        if let main = named.main, let mainFile {
            take(main, mainFile.description, named.mainField, into: &files, &errors)
        }
        for (index, wanted) in named.others.enumerated() {
            take(wanted, wanted.path, named.nameField(index), into: &files, &errors)
        }
        checkPlaces(of: files, &errors)
        let bytes = files.reduce(Int64(0)) { $0 + Int64($1.file.content.count) }
        if let disk, bytes > disk {
            let (field, what) = count == 1 ? (named.mainField, "") : ("files", "together ")
            let error = tooLarge("", bytes: bytes, disk: disk)
            errors.note(field, what + error.message.dropFirst(), error.code, extras: error.details)
        }
        return files.map(\.file)
    }

    /// The same of files among which there is no main one.
    static func check(
        _ wanted: [RunRequest.File], disk: Int64?, _ errors: inout RequestErrors
    ) -> [InlineFile] {
        var files: [(file: InlineFile, field: String)] = []
        for (index, file) in wanted.enumerated() {
            take(file, file.path, "files[\(index)].path", into: &files, &errors)
        }
        checkPlaces(of: files, &errors)
        let bytes = files.reduce(Int64(0)) { $0 + Int64($1.file.content.count) }
        if let disk, bytes > disk {
            let error = tooLarge("", bytes: bytes, disk: disk)
            errors.note("files", "together " + error.message.dropFirst(), error.code, extras: error.details)
        }
        return files.map(\.file)
    }

    private static func take(
        _ file: RunRequest.File, _ path: String, _ field: String,
        into files: inout [(file: InlineFile, field: String)],
        _ errors: inout RequestErrors
    ) {
        do {
            let path = try BoxPath(path)
            files.append((InlineFile(path: path, content: file.content, executable: file.executable), field))
        } catch {
            errors.note(
                field, "is \"\(RunPlanner.shown(error.path))\", a file name that \(error.reason)", .invalidFileName)
        }
    }

    /// No two at one place, and no file where another needs a directory.
    private static func checkPlaces(
        of files: [(file: InlineFile, field: String)], _ errors: inout RequestErrors
    ) {
        var seen: Set<String> = []
        for (file, field) in files where !seen.insert(file.path.description).inserted {
            errors.note(
                field, "is \"\(RunPlanner.shown(file.path.description))\", a file name that is there twice",
                .invalidFileName)
        }
        for (file, field) in files {
            var parent = file.path.description[...]
            while let slash = parent.lastIndex(of: "/") {
                parent = parent[..<slash]
                guard seen.contains(String(parent)) else { continue }
                errors.note(
                    field, "needs the directory \"\(RunPlanner.shown(String(parent)))\", which is also a file",
                    .invalidFileName)
            }
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
