internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Describes why there is no connection: the address, and what to check.
package enum ConnectionTrouble {
    /// - Parameter error: the error of connecting, or of the connection.
    package static func words(_ error: any Error, _ target: WebSocketClient.Target) -> String {
        let host = target.host.contains(":") ? "[\(target.host)]" : target.host
        return words(error, place: "\(host):\(target.port)", target)
    }

    private static func words(_ error: any Error, place: String, _ target: WebSocketClient.Target) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let cause = error.connectionErrors.first?.error { return words(cause, place: place, target) }
            return "there is no host \"\(target.host)\": its name cannot be resolved; check the spelling"
        case let error as IOError: return words(error.errnoCode, place: place)
        case ChannelError.connectTimeout:
            return
                "\(place) does not answer: no connection within 10 s; check the address, and firewalls on the way"
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: return secure(error, place: place)
        case is HTTPParserError:
            return
                "\(place) does not speak HTTP\(target.isTLS ? "" : "; if it is behind TLS, its URL begins with https://")"
        case ChannelError.ioOnClosedChannel, ChannelError.inputClosed, ChannelError.eof, ChannelError.alreadyClosed:
            return "\(place) closed the connection without an answer"
        default: return "no connection to \(place): \(error)"
        }
    }

    private static func words(_ number: CInt, place: String) -> String {
        switch number {
        case ECONNREFUSED: "nothing listens at \(place): is the service running, and is this its address?"
        case ETIMEDOUT: "\(place) does not answer: check the address, and firewalls on the way"
        case EHOSTUNREACH, ENETUNREACH: "there is no route to \(place): \(reason(number))"
        case ECONNRESET, EPIPE: "\(place) reset the connection"
        case EACCES, EPERM: "this machine forbids connections to \(place): \(reason(number))"
        case EADDRNOTAVAIL: "\(place) is no address that this machine can connect to"
        default: "no connection to \(place): \(reason(number))"
        }
    }

    private static func secure(_ error: any Error, place: String) -> String {
        let text = "\(error)"
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return "\(place) does not speak TLS: its URL begins with http://"
        }
        if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("hostname") || text.contains("Hostname") {
            return "the certificate of \(place) is not trusted here: not signed by an authority this machine knows, "
                + "expired, or for another name"
        }
        return "no secure connection to \(place): \(text)"
    }

    private static func reason(_ number: CInt) -> String { String(cString: strerror(number)).lowercased() }
}
