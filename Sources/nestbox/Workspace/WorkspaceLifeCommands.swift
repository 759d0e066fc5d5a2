internal import ArgumentParser
internal import Foundation
internal import NestboxClient
internal import RunModel
internal import StrictJSON

struct WorkspaceCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a workspace, and print its id.")

    @OptionGroup var options: WorkspaceOptions

    @Option(help: ArgumentHelp("What it is made of; the service's default otherwise.", valueName: "name"))
    var image: String?

    @Option(help: ArgumentHelp("What its processes may do.", valueName: "name"))
    var policy: String?

    @Option(help: ArgumentHelp("Words for people.", valueName: "text"))
    var name: String?

    @Option(help: ArgumentHelp("The example whose files it begins with.", valueName: "id"))
    var template: String?

    @Option(help: ArgumentHelp("After how long it is stopped, such as 1h.", valueName: "time"))
    var ttl: String?

    @Option(help: ArgumentHelp("none, loopback, or egress; that of the policy otherwise.", valueName: "access"))
    var network: String?

    @Option(name: .customLong("env"), help: ArgumentHelp("A variable for all processes.", valueName: "NAME=VALUE"))
    var environment: [String] = []

    mutating func run() async throws {
        var body = JSONBytes(size: 512)
        body.open()
        for (key, value) in [
            ("image", image), ("policy", policy), ("name", name), ("template", template), ("ttl", ttl),
            ("network", network),
        ] {
            if let value { body.member(key, value) }
        }
        if !environment.isEmpty {
            var variables: [String: String] = [:]
            for entry in environment {
                let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, !parts[0].isEmpty else {
                    throw CommandFailure(
                        APIError(.invalidRequest, "--env: found \"\(entry)\", allowed is NAME=VALUE"))
                }
                variables[String(parts[0])] = String(parts[1])
            }
            body.key("env")
            body.dictionary(variables) { $0.string($1) }
        }
        body.close()
        let bytes = body.bytes
        let made = try await options.use { try await $0.workspace("POST", "", body: bytes) }
        Console.say(made.text("workspace_id") ?? "")
    }
}

struct WorkspaceListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List your workspaces.")

    @OptionGroup var options: WorkspaceOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() async throws {
        if json {
            let answer = try await options.use(asJSON: true) { try await $0.workspaces("GET", "") }
            Console.write(answer + [10], to: Console.output)
            return
        }
        let found = try await options.use { try await $0.workspace("GET", "").objects("workspaces") }
        let rows = found.map { workspace in
            [
                workspace.text("workspace_id") ?? "", workspace.text("state") ?? "", workspace.text("image") ?? "",
                "\(workspace.objects("processes").count { $0.text("state") == "running" })",
                workspace.text("name") ?? "",
            ]
        }
        for line in Table.lines([["WORKSPACE", "STATE", "IMAGE", "RUNNING", "NAME"]] + rows) { Console.say(line) }
    }
}

struct WorkspaceShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print what the service knows of a workspace, as JSON.")

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The workspace.") var id: String

    mutating func run() async throws {
        let path = "/" + WorkspaceOptions.component(id)
        let answer = try await options.use(asJSON: true) { try await $0.workspaces("GET", path) }
        Console.write(answer + [10], to: Console.output)
    }
}

struct WorkspaceStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "End a workspace's processes, and keep its files.")

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The workspace.") var id: String

    mutating func run() async throws {
        let path = "/\(WorkspaceOptions.component(id))/stop"
        _ = try await options.use { try await $0.workspaces("POST", path) }
    }
}

struct WorkspaceStartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Start a workspace that was stopped, with its files.")

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The workspace.") var id: String

    mutating func run() async throws {
        let path = "/\(WorkspaceOptions.component(id))/start"
        _ = try await options.use { try await $0.workspaces("POST", path) }
    }
}

struct WorkspaceDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a workspace and its files.")

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The workspace.") var id: String

    mutating func run() async throws {
        let path = "/" + WorkspaceOptions.component(id)
        _ = try await options.use { try await $0.workspaces("DELETE", path) }
    }
}
