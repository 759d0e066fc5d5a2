internal import ArgumentParser
internal import Foundation
internal import NestboxClient
internal import RunModel
internal import StrictJSON

/// `nestbox workspace`: project folders of a service, with their processes.
struct WorkspaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workspace", abstract: "Make and use workspaces of a service.",
        discussion: """
            A workspace is a sandbox that stays: a folder, processes, ports. It is stopped when its time is over, and keeps \
            its files until it is deleted. Where the service asks for a key, it is taken from $NESTBOX_KEY.

            EXAMPLES
              id=$(nestbox workspace create --image python)
              nestbox workspace cp app $id:app
              nestbox workspace exec $id -- python3 app/main.py
              nestbox workspace exec $id --detach --name web -- python3 -m http.server 8000
              nestbox workspace logs $id web --follow
              nestbox workspace delete $id
            """,
        subcommands: [
            WorkspaceCreateCommand.self, WorkspaceListCommand.self, WorkspaceShowCommand.self,
            WorkspaceExecCommand.self, WorkspaceShellCommand.self, WorkspaceForwardCommand.self,
            WorkspaceCopyCommand.self, WorkspacePsCommand.self,
            WorkspaceLogsCommand.self,
            WorkspaceStopCommand.self, WorkspaceStartCommand.self, WorkspaceDeleteCommand.self,
        ])
}

/// Where the service is, for all commands about workspaces.
struct WorkspaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the service is.", valueName: "url"))
    var server = "http://127.0.0.1:8080"

    /// - Throws: `CommandFailure` for all that a service refuses.
    func use<Value>(asJSON: Bool = false, _ body: (NestboxClient) async throws -> Value) async throws -> Value {
        do {
            let key = ProcessInfo.processInfo.environment["NESTBOX_KEY"].flatMap { $0.isEmpty ? nil : $0 }
            return try await body(try NestboxClient(server, key: key))
        } catch let error as APIError {
            throw CommandFailure(error, asJSON: asJSON)
        } catch let error as NestboxError {
            throw CommandFailure(
                APIError(
                    APIError.Code(rawValue: error.code), error.message, retryable: error.retryable,
                    details: error.details), asJSON: asJSON)
        }
    }

    /// A word of a user as one component of a path.
    static func component(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
            ?? ""
    }

    /// The same for each component.
    static func path(_ text: String) -> String {
        text.split(separator: "/").map { component(String($0)) }.joined(separator: "/")
    }
}

extension JSONObject {
    func text(_ name: String) -> String? { if case .string(let text)? = self[name] { text } else { nil } }

    func objects(_ name: String) -> [JSONObject] {
        guard case .array(let list)? = self[name] else { return [] }
        return list.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }

    func whole(_ name: String) -> Int64? { if case .number(let number)? = self[name] { number.whole } else { nil } }
}
