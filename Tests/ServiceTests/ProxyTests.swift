import Foundation
import Glibc
import TestSupport
import Testing

/// Reverse proxies that keep connections to the service open and use them for whoever comes, with the settings that
/// docs/configuration.md shows.
@Suite(
    "Proxies", .enabled(if: Service.canRun && ProxyPackages.directory != nil, "needs root, and $NESTBOX_PROXIES"),
    .serialized
)
struct ProxyTests {
    /// A proxy before a service; gone with its owner.
    private final class Proxy {
        private let process = Process()
        private let place: String
        let port: UInt16

        init(_ name: String, _ service: Service) throws {
            let root = try #require(ProxyPackages.directory)
            place = NSTemporaryDirectory() + "nestbox-proxy-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            port = try LoopbackPort.free()
            let text = try ProxyTests.example(name)
                .replacing("127.0.0.1:8080", with: "127.0.0.1:\(service.port)")
                .replacing("listen 443 ssl;", with: "listen 127.0.0.1:\(port);")
                .replacing("bind :443 ssl crt /etc/haproxy/nestbox.pem", with: "bind 127.0.0.1:\(port)")
            let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map { "\($0)_temp_path \(place)/\($0);" }.joined(separator: " ")
            let whole =
                name == "nginx"
                ? "daemon off; master_process off; pid \(place)/pid; error_log stderr;\nevents {}\n"
                    + "http { access_log off; \(temporary)\n\(text)}\n" : text
            try Data(whole.utf8).write(to: URL(fileURLWithPath: place + "/conf"))
            process.executableURL = URL(fileURLWithPath: "\(root)/usr/sbin/\(name)")
            process.arguments = (name == "nginx" ? ["-e", "stderr", "-c"] : ["-db", "-f"]) + [place + "/conf"]
            process.environment = ["LD_LIBRARY_PATH": "\(root)/usr/lib/x86_64-linux-gnu"]
            process.standardError = FileHandle.nullDevice
            try process.run()
            let end = ContinuousClock.now + .seconds(5)
            while ContinuousClock.now < end, (try? LoopbackConnection(port: port)) == nil { usleep(50_000) }
        }

        deinit {
            // It inherits the mask of the thread that starts it, which lets no other signal through.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            try? FileManager.default.removeItem(atPath: place)
        }
    }

    /// The example of a proxy in the documentation, without its indentation.
    private static func example(_ name: String) throws -> String {
        let text = try String(contentsOfFile: Service.repository + "/docs/configuration.md", encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("    # \(name)") })
        return lines[start...].prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n") + "\n"
    }

    @Test(
        "requests, refused upgrades and WebSockets, over connections that are used again",
        arguments: ["nginx", "haproxy"])
    func reuse(name: String) throws {
        let service = try Service.shared(["--rate-burst", "5000"])
        let proxy = try Proxy(name, service)
        let upgrade =
            "GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        for round in 0..<10 {
            let wire = try LoopbackConnection(port: proxy.port)
            for _ in 0..<3 {
                wire.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                #expect(wire.answer()?.text == "ok\n", "round \(round)")
            }
            wire.send("\(upgrade)Origin: https://evil.example\r\n\r\n")
            #expect(wire.answer()?.status == 403, "round \(round)")
            wire.send("\(upgrade)\r\n")
            #expect(wire.answer(toHead: true)?.status == 101, "round \(round)")
            wire.send(Socket.frame(0x81, Array(#"{"type":"ping","ref":"x"}"#.utf8)))
            #expect(wire.read(through: "}")?.contains("pong") == true, "round \(round)")
            wire.send(Socket.frame(0x88, [0x03, 0xe8]))
            #expect(wire.readToEnd() == [0x88, 2, 0x03, 0xe8] && wire.isAtEnd && !wire.wasReset, "round \(round)")
        }
    }
}

enum ProxyPackages {
    /// Where they were unpacked.
    static let directory = ProcessInfo.processInfo.environment["NESTBOX_PROXIES"]
}
