internal import ArgumentParser
internal import Foundation
internal import NestboxClient
internal import RunModel

/// `nestbox pool`: what a running service keeps ready.
struct PoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Look at the sandboxes that a service keeps ready.",
        subcommands: [PoolListCommand.self])
}

struct PoolListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the pools of a service.",
        discussion: """
            TARGET is how many sandboxes should be parked now, by the demand of the last minute. A pool with a LAST ERROR \
            builds none for a while; its runs start cold. Where the service asks for a key, it is taken from $NESTBOX_KEY.
            """)

    @Option(help: ArgumentHelp("Where the service is.", valueName: "url"))
    var server = "http://127.0.0.1:8080"

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() async throws {
        do {
            let key = ProcessInfo.processInfo.environment["NESTBOX_KEY"].flatMap { $0.isEmpty ? nil : $0 }
            let pools = try await NestboxClient(server, key: key).pools()
            json ? try Output.json(pools) : show(pools)
        } catch let error as APIError {
            throw CommandFailure(error, asJSON: json)
        } catch let error as NestboxError {
            throw CommandFailure(
                APIError(
                    APIError.Code(rawValue: error.code), error.message, retryable: error.retryable,
                    details: error.details), asJSON: json)
        }
    }

    private func show(_ pools: [PoolReport]) {
        var rows = [
            [
                "IMAGE", "POLICY", "STEP", "WARM", "TARGET", "PARKED", "BUILDING", "LEASED", "HITS", "MISSES", "BUILD",
                "LAST ERROR",
            ]
        ]
        for pool in pools {
            rows.append(
                [pool.image, pool.policy, pool.step.rawValue, pool.warm.rawValue + (pool.warming ? ", warming" : "")]
                    + [pool.target, pool.parked, pool.building, pool.leased].map(String.init)
                    + [
                        "\(pool.hits)", "\(pool.misses)", "\(pool.buildMilliseconds) ms",
                        pool.lastError?.split(whereSeparator: \.isNewline).joined(separator: " | ") ?? "-",
                    ])
        }
        for line in Table.lines(rows) { Console.say(line) }
    }
}
