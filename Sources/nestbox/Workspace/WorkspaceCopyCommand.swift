internal import ArgumentParser
internal import Foundation
internal import NestboxClient
internal import RunModel
internal import StrictJSON

struct WorkspaceCopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cp", abstract: "Copy files to a workspace, or from it.",
        discussion: """
            One of the two places is ID:PATH, in a workspace; the other is on this machine. A folder goes with all the \
            regular files in it, links left out.

            EXAMPLES
              nestbox workspace cp main.py $id:main.py
              nestbox workspace cp $id:out results
            """)

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "What to copy.") var source: String
    @Argument(help: "Where to.") var target: String

    /// Files of one command.
    private static let maximumFiles = 10_000

    mutating func run() async throws {
        let (from, to) = (Self.place(source), Self.place(target))
        let (source, target) = (source, target)
        switch (from, to) {
        case (nil, let place?): try await options.use { try await Self.upload(source, place, $0) }
        case (let place?, nil): try await options.use { try await Self.download(place, target, $0) }
        default:
            throw CommandFailure(
                APIError(.invalidRequest, "found \"\(source)\" and \"\(target)\", allowed is one ID:PATH, and one path")
            )
        }
    }

    /// A place in a workspace; nil for one on this machine.
    static func place(_ text: String) -> (id: String, path: String)? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else { return nil }
        return (String(parts[0]), parts[1].split(separator: "/").joined(separator: "/"))
    }

    private static func upload(
        _ source: String, _ place: (id: String, path: String), _ client: NestboxClient
    ) async throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else {
            throw APIError(.invalidRequest, "\(source) is not there")
        }
        var files = [(source, place.path.isEmpty ? URL(fileURLWithPath: source).lastPathComponent : place.path)]
        if isFolder.boolValue {
            let names = (FileManager.default.enumerator(atPath: source)?.allObjects as? [String]) ?? []
            files = names.map { ("\(source)/\($0)", place.path.isEmpty ? $0 : "\(place.path)/\($0)") }
        }
        guard files.count <= maximumFiles else {
            throw APIError(.invalidRequest, "\(source) has \(files.count) entries, allowed are \(maximumFiles)")
        }
        for (path, name) in files {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard attributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            guard let content = FileManager.default.contents(atPath: path) else {
                throw APIError(.invalidRequest, "\(path) cannot be read")
            }
            let isExecutable = FileManager.default.isExecutableFile(atPath: path)
            _ = try await client.workspaces(
                "PUT", "/\(place.id)/files/\(WorkspaceOptions.path(name))" + (isExecutable ? "?executable=1" : ""),
                body: Array(content), type: "application/octet-stream")
        }
    }

    private static func download(
        _ place: (id: String, path: String), _ target: String, _ client: NestboxClient
    ) async throws {
        let listed = try await client.workspace(
            "GET",
            "/\(place.id)/files?recursive=1"
                + (place.path.isEmpty ? "" : "&path=\(WorkspaceOptions.component(place.path))"))
        let files = listed.objects("files").filter { $0.text("type") == "file" }.compactMap { $0.text("path") }
        if case .bool(true)? = listed["more"] {
            Console.complain("there is more than can be listed: not all is copied")
        }
        for path in files {
            let isOne = path == place.path
            let rest = place.path.isEmpty || isOne ? path : String(path.dropFirst(place.path.utf8.count + 1))
            // Foreign code has made the names.
            guard
                !rest.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
                    ["", ".", ".."].contains($0)
                })
            else { continue }
            let local = isOne ? target : "\(target)/\(rest)"
            let folder = URL(fileURLWithPath: local).deletingLastPathComponent().path
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let bytes = try await client.workspaces("GET", "/\(place.id)/files/\(WorkspaceOptions.path(path))")
            guard FileManager.default.createFile(atPath: local, contents: Data(bytes)) else {
                throw APIError(.invalidRequest, "\(local) cannot be written")
            }
        }
    }
}
