import HTTPInterface
import HTTPTypes
import NIOCore
import NIOPosix
import WebSockets

/// A second API, as another target would bring it: a list of routes, and errors of its own. It knows `HTTPInterface` and
/// nothing of the first one.
struct ChatAPI {
    /// Errors as a line of text behind a mark.
    struct Errors: ErrorRenderer {
        func reply(to error: any Error) -> Reply {
            let (status, text): (HTTPResponse.Status, String) =
                switch error as? InterfaceError {
                case .notFound: (.notFound, "nothing")
                case .methodNotAllowed: (.methodNotAllowed, "not so")
                case .unauthenticated: (.unauthorized, "who?")
                case .forbidden: (.forbidden, "not you")
                case .rateLimited: (.tooManyRequests, "slowly")
                case .upgradeRequired: (.upgradeRequired, "a socket")
                default: (.internalServerError, "\(error)")
                }
            return .text("chat: \(text)\n", status: status)
        }
    }

    static var group: RouteGroup {
        var group = RouteGroup("/chat/v1", isRateLimited: false, errors: Errors())
        group.add(.get, "/hello", access: .public) { _ in .text("hello\n") }
        group.add(.get, "/rooms/{}") { .text("room \($0.parameter())\n") }
        group.add(.get, "/audit", access: .admin, isRateLimited: true) { _ in .text("all\n") }
        // Whether a handler stands on the thread of its connection.
        for executor in [Route.Executor.pool, .eventLoop] {
            group.add(.get, "/\(executor)", access: .public, options: Route.Options(executor: executor)) { _ in
                .text("\(MultiThreadedEventLoopGroup.currentEventLoop != nil)\n")
            }
        }
        group.addSocket("/rooms/{}/channel", subprotocols: ["chat.v1"]) { request in
            let room = request.parameters.first ?? ""
            let loop = MultiThreadedEventLoopGroup.currentEventLoop != nil
            for await message in request.socket.messages {
                guard case .text(let text) = message else { return }
                try? await request.socket.send(text: "\(room) \(request.subprotocol ?? "-") \(loop): \(text)")
            }
        }
        return group
    }
}
