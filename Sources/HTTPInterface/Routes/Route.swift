package import HTTPTypes

/// One operation of an API: its method and path, its requirements on callers, its handler.
package struct Route: Sendable {
    package typealias Handler = @Sendable (RouteRequest) async throws -> Reply

    /// Where a handler runs.
    package enum Executor: Sendable, Equatable {
        /// On the thread of the connection, which saves two context switches. Only for handlers that neither block nor compute
        /// for long: many connections share the thread.
        case eventLoop
        /// On the pool of threads for computing.
        case pool
    }

    /// The options of a route.
    package struct Options: Sendable {
        package var executor = Executor.pool
        /// Whether monitoring requests it every few seconds, and it concerns no client: not logged
        /// unless it fails.
        package var isProbe = false
        /// A field of the log made of the path's first parameter; nil for values that must not be logged.
        package var logField: (@Sendable (String) -> (name: String, value: String)?)?

        package init(
            executor: Executor = .pool, isProbe: Bool = false,
            logField: (@Sendable (String) -> (name: String, value: String)?)? = nil
        ) {
            self.executor = executor
            self.isProbe = isProbe
            self.logField = logField
        }
    }

    package let method: HTTPRequest.Method
    package let pattern: PathPattern
    package let requirement: AccessRequirement
    let options: Options
    let errors: any ErrorRenderer
    let handler: Handler
}
